import type { RoomEvent } from '../../core/event.js';
import type { AcceptedStep, EndStep, JoinStep, LeaveStep, WelcomeStep } from './history.js';
import type { RoomLog, RoomLogs } from './room-log.js';
import type { Stay } from './stays.js';

/** One session as its client knows it, and as the log has it. */
export interface SessionRecord {
  readonly client: string;
  readonly name: string;
  readonly welcome: WelcomeStep;
  /** The request that began it. */
  readonly join: JoinStep;
  log: RoomLog | undefined;
  /** Its own Joined, as the log has it at the place where it was let in. */
  joined: RoomEvent | undefined;
  /** The same session in the log [P8]. */
  stay: Stay | undefined;
  readonly resumptions: Resumption[];
  readonly leaves: LeaveStep[];
  /** Set on the client's last session in the room. */
  end?: EndStep | undefined;
}

/** A session was gone on with. */
export interface Resumption {
  readonly welcome: WelcomeStep;
  /** The greatest ordinal that its client knew to be accepted when it asked to go on. */
  readonly knownOrdinal: number;
}

/** Gathers the sessions of one client, from its steps. */
export class ClientSessions {
  readonly #client: string;
  readonly #sessions: Map<string, SessionRecord>;
  readonly #joins = new Map<string, JoinStep>();
  readonly #present = new Map<string, SessionRecord>();
  readonly #knownOrdinals = new Map<string, number>();
  /** By room, what was known when the latest join or resume was asked for: what is learned since, the answer need not know. */
  readonly #knownWhenAsked = new Map<string, ReadonlyMap<string, number>>();

  /** `sessions`: of all clients, by their ids. */
  constructor(client: string, sessions: Map<string, SessionRecord>) {
    this.#client = client;
    this.#sessions = sessions;
  }

  join(join: JoinStep): void {
    this.#joins.set(join.room, join);
    this.#knownWhenAsked.set(join.room, new Map(this.#knownOrdinals));
  }

  welcome(welcome: WelcomeStep): void {
    const known = this.#sessions.get(welcome.session);
    const join = this.#joins.get(welcome.room);
    const knownOrdinal = this.#knownWhenAsked.get(welcome.room)?.get(welcome.session) ?? 0;
    if (known) known.resumptions.push({ welcome, knownOrdinal });
    else if (join) this.#begin(welcome, join);
  }

  leave(leave: LeaveStep): void {
    this.#sessions.get(leave.session)?.leaves.push(leave);
  }

  accepted({ session, ordinal }: AcceptedStep): void {
    this.#knownOrdinals.set(session, Math.max(this.#knownOrdinals.get(session) ?? 0, Number(ordinal)));
  }

  end(end: EndStep): void {
    const session = this.#present.get(end.room);
    if (session) session.end = end;
  }

  #begin(welcome: WelcomeStep, join: JoinStep): void {
    const unknown = { log: undefined, joined: undefined, stay: undefined };
    const session = { client: this.#client, name: join.name, welcome, join, ...unknown, resumptions: [], leaves: [] };
    this.#sessions.set(welcome.session, session);
    this.#present.set(welcome.room, session);
  }
}

/** Finds a session in the logs, when these are known. */
export function findInLog(session: SessionRecord, logs: RoomLogs): void {
  const { room, logId, newest } = session.welcome;
  session.log = logs.get(room, logId);
  const first = session.log?.at(newest + 1);
  session.joined = first?.kind === 'joined' && first.participant === session.name ? first : undefined;
  session.stay = session.joined && session.log?.stays.byJoined.get(session.joined.sequence);
}

/** Requests to join that nobody refused and that began no session their clients know of: the server may have let them in. */
export class OpenJoins {
  readonly #open: Map<string, number>;

  /** `asked`: by `joinKey`, how many were not refused. */
  constructor(asked: ReadonlyMap<string, number>, sessions: Iterable<SessionRecord>) {
    this.#open = new Map(asked);
    for (const { name, welcome } of sessions) if (!welcome.resumed) count(this.#open, joinKey(welcome.room, name), -1);
  }

  /** Uses one up by this name in this room, if there is one. */
  use(room: string, name: string): boolean {
    const key = joinKey(room, name);
    if ((this.#open.get(key) ?? 0) <= 0) return false;
    count(this.#open, key, -1);
    return true;
  }
}

export function joinKey(room: string, name: string): string {
  return `${room} ${name}`;
}

export function count(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
