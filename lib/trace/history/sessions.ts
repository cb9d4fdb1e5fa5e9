import type { RoomEvent } from '../../core/event.js';
import type { StepFollower, StepOf } from './history.js';
import type { RoomLog, RoomLogs, Stay } from './room-log.js';

/** One session as its client knows it, and as the log has it. */
export interface SessionRecord {
  readonly client: string;
  readonly name: string;
  readonly welcome: StepOf<'welcome'>;
  /** The request that began it; of before the record, nobody knows which. */
  readonly join: StepOf<'join'> | undefined;
  /** The greatest ordinal that may have been used where the record does not tell it; 0 where it tells all. */
  sentUntold: number;
  log: RoomLog | undefined;
  /** Its own Joined, as the log has it at the place where it was let in. */
  joined: RoomEvent | undefined;
  /** The same session in the log [P8]. */
  stay: Stay | undefined;
  readonly resumptions: Resumption[];
  readonly leaves: StepOf<'leave'>[];
  /** Set on the client's last session in the room. */
  end?: StepOf<'end'> | undefined;
}

/** A session was gone on with. */
interface Resumption {
  readonly welcome: StepOf<'welcome'>;
  /** The greatest ordinal that its client knew to be accepted when it asked to go on. */
  readonly knownOrdinal: number;
}

/** Follows the sessions of one client. `sessions`: of all clients, by their ids. */
export function followSessions(client: string, sessions: Map<string, SessionRecord>): StepFollower {
  const joins = new Map<string, StepOf<'join'>>();
  const present = new Map<string, SessionRecord>();
  const knownOrdinals = new Map<string, number>();
  /** By room, what was known when the latest join or resume was asked for: the answer need not know more. */
  const knownWhenAsked = new Map<string, ReadonlyMap<string, number>>();
  const begin = (name: string, welcome: StepOf<'welcome'>, join?: StepOf<'join'>) => {
    const unknown = { log: undefined, joined: undefined, stay: undefined };
    const session = { client, name, welcome, join, sentUntold: 0, ...unknown, resumptions: [], leaves: [] };
    sessions.set(welcome.session, session);
    present.set(welcome.room, session);
    return session;
  };
  return {
    part: ({ room, name, asked, welcome, leave, sent }) => {
      if (welcome) {
        const session: SessionRecord = sessions.get(welcome.session) ?? begin(name, welcome);
        session.sentUntold = sent;
        if (leave) session.leaves.push(leave);
        knownOrdinals.set(welcome.session, welcome.ordinal);
      }
      if (!asked) return;
      joins.set(room, asked);
      knownWhenAsked.set(room, new Map(knownOrdinals));
    },
    join: (join) => {
      joins.set(join.room, join);
      knownWhenAsked.set(join.room, new Map(knownOrdinals));
    },
    welcome: (welcome) => {
      const known = sessions.get(welcome.session);
      const join = joins.get(welcome.room);
      const knownOrdinal = knownWhenAsked.get(welcome.room)?.get(welcome.session) ?? 0;
      if (known) known.resumptions.push({ welcome, knownOrdinal });
      if (!known && join) begin(join.name, welcome, join);
    },
    leave: (leave) => {
      sessions.get(leave.session)?.leaves.push(leave);
    },
    accepted: ({ session, ordinal }) => {
      knownOrdinals.set(session, Math.max(knownOrdinals.get(session) ?? 0, Number(ordinal)));
    },
    end: (end) => {
      const session = present.get(end.room);
      if (session) session.end = end;
    },
  };
}

/** Finds a session in the logs, when these are known. */
export function findInLog(session: SessionRecord, logs: RoomLogs): void {
  const { room, logId, newest } = session.welcome;
  session.log = logs.get(room, logId);
  const first = session.log?.at(newest + 1);
  session.joined = first?.kind === 'joined' && first.participant === session.name ? first : undefined;
  const { stays } = session.log ?? {};
  // Where nobody's record shows its beginning, it is the one of its name that is seen first after that.
  const isUntold = !session.join && !session.log?.shows(newest + 1);
  const isSeenAfter = ({ messages, left }: Stay) =>
    ([...messages.values()][0] ?? left ?? { sequence: 0 }).sequence > newest;
  const begun = isUntold && stays?.all.find((stay) => stay.name === session.name && !stay.joined && isSeenAfter(stay));
  session.stay = session.joined ? stays?.byJoined.get(session.joined.sequence) : begun || undefined;
}
