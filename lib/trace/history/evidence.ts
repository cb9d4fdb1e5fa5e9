import type { RoomEvent } from '../../core/event.js';
import { type ClockFault, followClock } from './clocks.js';
import { followRequests, openJoins, type Requests } from './entrances.js';
import { type ClientHistory, followStep, type History, type Step, type StepFollower } from './history.js';
import { followPublishes, Publishes } from './publishes.js';
import { followReaders, type Reader } from './readers.js';
import { RoomLogs } from './room-log.js';
import { findInLog, followSessions, type SessionRecord } from './sessions.js';

/** A history, put together as the rules, the drawing and the transcript need it. */
export type Evidence = ReturnType<EvidenceBuilder['evidence']>;

/** What is of one client alone, and of all its rooms. */
export interface ClientEvidence extends Requests {
  readonly record: ClientHistory;
  readonly clockFaults: ClockFault[];
}

export function evidenceOf(history: History): Evidence {
  return new EvidenceBuilder(history.clients).evidence(history);
}

/** Goes through all that the clients did, once; holds it against the rooms' event logs when these are known. */
export class EvidenceBuilder {
  readonly readers: Reader[] = [];
  readonly #clients: ClientEvidence[] = [];
  readonly #followers = new Map<string, readonly StepFollower[]>();
  readonly #sessions = new Map<string, SessionRecord>();
  readonly #publishes = new Publishes();
  readonly #joins = new Map<string, number>();

  constructor(clients: readonly ClientHistory[]) {
    for (const record of clients) this.#follow(record);
  }

  /** The sessions, found in the logs. */
  sessionsIn(logs: RoomLogs): ReadonlyMap<string, SessionRecord> {
    for (const session of this.#sessions.values()) findInLog(session, logs);
    return this.#sessions;
  }

  /** One more step of a client. */
  add(client: string, step: Step): void {
    for (const follower of this.#followers.get(client) ?? []) followStep(follower, step);
  }

  /** All of it, held against the logs of `history`. */
  evidence(history: History, logs = new RoomLogs(history.logs)) {
    const { readers } = this;
    const sessions = this.sessionsIn(logs);
    this.#publishes.findInLogs(sessions);
    for (const { ranges, connections } of readers) {
      for (const range of ranges) range.log = logs.get(range.room, range.logId);
      for (const connection of connections)
        connection.log = logs.get(connection.welcome.room, connection.welcome.logId);
    }
    return {
      ...{ history, logs, publishes: this.#publishes },
      readers: readers as readonly Reader[],
      clients: this.#clients as readonly ClientEvidence[],
      /** Of all clients, by their ids. */
      sessions,
      earlyEnds: earlyEndsOf(readers, sessions),
      /** The clients whose record does not go back to their first start. */
      late: new Set(history.clients.flatMap(({ client, beginsLate }) => (beginsLate ? client : []))),
      /** The requests to join that came to nothing as far as anybody knows: anew at each call, for they are used up. */
      openJoins: () => openJoins(this.#joins, sessions.values()),
    };
  }

  #follow(record: ClientHistory): void {
    const { client, steps, beginsLate = false } = record;
    const requests = { names: new Set<string>(), entrances: [], outside: [], refusals: [], parts: [] };
    const evidence: ClientEvidence = { record, clockFaults: [], ...requests };
    this.#clients.push(evidence);
    const followers = [
      followReaders(client, this.readers),
      followSessions(client, this.#sessions),
      followPublishes(client, this.#publishes.all),
      followRequests(evidence, this.#joins),
      followClock(beginsLate, evidence.clockFaults),
    ];
    this.#followers.set(client, followers);
    for (const step of steps) for (const follower of followers) followStep(follower, step);
  }
}

/**
 * Sessions whose record does not tell its own end: the client was killed then, or the record was taken before it ended.
 * What the client did after the last event that it received in it nobody can say. Only of witnessed event logs: other
 * histories are recorded whole.
 */
function earlyEndsOf(readers: readonly Reader[], sessions: ReadonlyMap<string, SessionRecord>) {
  const last = new Map<SessionRecord, number>();
  for (const { ranges, connections, end } of readers) {
    const session = sessions.get(connections.at(-1)?.welcome.session ?? '');
    const range = ranges.at(-1);
    if (!session?.log?.witnessed || !range || (end && !end.toldByOthers)) continue;
    last.set(session, range.receipts.at(-1)?.event.sequence ?? range.from?.sequence ?? 0);
  }
  return {
    /** By session, the last sequence received. */
    last,
    /** Whether a session's record may stop before what became this event was done. */
    before: ({ sequence }: RoomEvent, session: SessionRecord | undefined): boolean =>
      session !== undefined && sequence > (last.get(session) ?? Infinity),
  };
}
