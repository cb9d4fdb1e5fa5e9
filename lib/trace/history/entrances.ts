import type { StepFollower, StepOf } from './history.js';
import type { SessionRecord } from './sessions.js';

/** How a client was let in, and what it was and had by then. */
export interface Entrance {
  readonly welcome: StepOf<'welcome'>;
  /** The request that had no answer yet. */
  readonly asked: StepOf<'join'> | undefined;
  /** The same welcome was recorded before; it is repeated because the history turned out to be lost. */
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

/** An event that a client received in a room whose latest join had not let it in. */
interface OutsideReceipt {
  readonly receipt: StepOf<'receive'>;
  /** The request that had no answer yet. */
  readonly asked: StepOf<'join'> | undefined;
}

/** How one client asked to be let in to its rooms, and was. */
export interface Requests {
  readonly names: Set<string>;
  readonly entrances: Entrance[];
  readonly outside: OutsideReceipt[];
  /** What else it asked for in vain, too. */
  readonly refusals: StepOf<'refused' | 'join-refused'>[];
  /** Where its record begins within a visit, by room. */
  readonly parts: StepOf<'part'>[];
}

/** Follows one client's requests. `joins`: of all clients, by `joinKey`, how many requests to join were not refused. */
export function followRequests(
  { names, entrances, outside, refusals, parts }: Requests,
  joins: Map<string, number>,
): StepFollower {
  /** Rooms that it ever asked to be let in to, and those of which the latest request was answered with a welcome. */
  const rooms = new Set<string>();
  const inside = new Set<string>();
  const unanswered = new Map<string, StepOf<'join'>>();
  const latest = new Map<string, StepOf<'welcome'>>();
  const ofProcess = new Map<string, string>();
  const sessions = new Set<string>();
  const sentIn = new Map<string, number>();
  const placed = new Set<string>();
  const ask = (join: StepOf<'join'>) => {
    unanswered.set(join.room, join);
    if (join.resume) placed.add(join.room);
    else count(joins, joinKey(join.room, join.name), 1);
  };
  const come = (welcome: StepOf<'welcome'>) => {
    const { room, session } = welcome;
    latest.set(room, welcome);
    ofProcess.set(room, session);
    placed.add(room);
    sessions.add(session);
  };
  return {
    start: ({ room }) => {
      if (room === undefined) ofProcess.clear();
      else ofProcess.delete(room);
    },
    part: (part) => {
      const { room, name, asked, welcome, sent } = part;
      parts.push(part);
      names.add(name);
      rooms.add(room);
      if (asked) ask(asked);
      if (part.inside) inside.add(room);
      if (welcome) come(welcome);
      if (welcome && !welcome.resumed) sentIn.set(welcome.session, sent);
    },
    join: (join) => {
      names.add(join.name);
      rooms.add(join.room);
      inside.delete(join.room);
      ask(join);
    },
    'join-refused': (step) => {
      const join = unanswered.get(step.room);
      if (join && !join.resume) count(joins, joinKey(step.room, join.name), -1);
      unanswered.delete(step.room);
      refusals.push(step);
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
      come(welcome);
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
    refused: (step) => void refusals.push(step),
  };
}

/** Whether there is a request to join by this name in this room; each counts once. */
type JoinTest = (room: string, name: string) => boolean;

/**
 * Requests to join that nobody refused and that began no session their clients know of: the server may have let them
 * in. `asked`: by `joinKey`, how many were not refused.
 */
export function openJoins(asked: ReadonlyMap<string, number>, sessions: Iterable<SessionRecord>): JoinTest {
  const open = new Map(asked);
  for (const { name, welcome, join } of sessions)
    if (join && !welcome.resumed) count(open, joinKey(welcome.room, name), -1);
  return (room, name) => {
    const isOpen = (open.get(joinKey(room, name)) ?? 0) > 0;
    if (isOpen) count(open, joinKey(room, name), -1);
    return isOpen;
  };
}

function joinKey(room: string, name: string): string {
  return `${room} ${name}`;
}

function count(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
