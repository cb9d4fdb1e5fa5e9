import type { StepFollower, StepOf } from './history.js';

/** How a client was let in, and what it was and had by then. */
export interface Entrance {
  readonly welcome: StepOf<'welcome'>;
  /** The request that had no answer yet. */
  readonly asked: StepOf<'join'> | undefined;
  /** Whether the one before is told once more, for it turned out that the history is lost. */
  readonly toldAgain: boolean;
  /** The session that the present process had been let in to. */
  readonly present: string | undefined;
  /** Whether the client had been let in to the session before. */
  readonly known: boolean;
  /** Whether it had a place in the room. */
  readonly placed: boolean;
  /** The greatest ordinal sent in the session, if that began with the client. */
  readonly sent: number | undefined;
}

/** An event that was received in a room by whom its latest request had not been let in. */
export interface OutsideReceipt {
  readonly receipt: StepOf<'receive'>;
  /** The request that had no answer yet. */
  readonly asked: StepOf<'join'> | undefined;
}

/** Follows how one client asks to be let in to its rooms, and is. */
export function followEntrances(entrances: Entrance[], outside: OutsideReceipt[]): StepFollower {
  /** Rooms that it ever asked to be let in to, and those of which the latest request was answered with a welcome. */
  const rooms = new Set<string>();
  const inside = new Set<string>();
  const unanswered = new Map<string, StepOf<'join'>>();
  const latest = new Map<string, StepOf<'welcome'>>();
  const ofProcess = new Map<string, string>();
  const sessions = new Set<string>();
  const sentIn = new Map<string, number>();
  const placed = new Set<string>();
  const come = (room: string, welcome: StepOf<'welcome'>) => {
    latest.set(room, welcome);
    ofProcess.set(room, welcome.session);
    placed.add(room);
    sessions.add(welcome.session);
  };
  return {
    part: ({ room, asked, welcome, inside: isInside, sent }) => {
      rooms.add(room);
      if (asked) unanswered.set(room, asked);
      if (asked?.resume) placed.add(room);
      if (isInside) inside.add(room);
      else inside.delete(room);
      if (!welcome) return;
      come(room, welcome);
      if (!welcome.resumed) sentIn.set(welcome.session, sent);
    },
    start: ({ room }) => {
      if (room === undefined) ofProcess.clear();
      else ofProcess.delete(room);
    },
    join: (join) => {
      rooms.add(join.room);
      unanswered.set(join.room, join);
      if (join.resume) placed.add(join.room);
      inside.delete(join.room);
    },
    'join-refused': ({ room }) => {
      unanswered.delete(room);
    },
    welcome: (welcome) => {
      const { room, session } = welcome;
      const before = latest.get(room);
      const toldAgain = before?.continues === true && !welcome.continues && before.session === session;
      const known = sessions.has(session);
      if (!welcome.resumed && !known) sentIn.set(session, 0);
      const had = { asked: unanswered.get(room), present: ofProcess.get(room), placed: placed.has(room) };
      entrances.push({ welcome, ...had, toldAgain, known, sent: sentIn.get(session) });
      unanswered.delete(room);
      inside.add(room);
      come(room, welcome);
    },
    send: ({ session, ordinal }) => {
      const sent = sentIn.get(session);
      if (sent !== undefined) sentIn.set(session, Math.max(sent, Number(ordinal)));
    },
    receive: (receipt) => {
      const { room, filled } = receipt;
      // What was missed is read before joining anew.
      if (!(filled ? rooms : inside).has(room)) outside.push({ receipt, asked: unanswered.get(room) });
    },
  };
}
