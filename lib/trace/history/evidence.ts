import type { RoomEvent } from '../../core/event.js';
import { type ClockFault, followClock } from './clocks.js';
import { type Entrance, followEntrances, type OutsideReceipt } from './entrances.js';
import { type ClientHistory, followStep, type History, type Step, type StepFollower, type StepOf } from './history.js';
import { followPublishes, Publishes } from './publishes.js';
import { followReaders, type Reader } from './readers.js';
import { RoomLogs } from './room-log.js';
import {
  findInLog,
  followRequests,
  followSessions,
  type JoinTest,
  openJoins,
  type Requests,
  type SessionRecord,
} from './sessions.js';

/** A history, put together as the rules, the drawing and the transcript need it. */
export interface Evidence {
  readonly history: History;
  readonly logs: RoomLogs;
  /** Of all clients, by their ids. */
  readonly sessions: ReadonlyMap<string, SessionRecord>;
  readonly publishes: Publishes;
  readonly readers: readonly Reader[];
  readonly clients: readonly ClientEvidence[];
  readonly earlyEnds: EarlyEnds;
  /** The clients whose record does not go back to their first start. */
  readonly late: ReadonlySet<string>;
  /** The requests to join that came to nothing as far as anybody knows: anew at each call, for they are used up. */
  openJoins(): JoinTest;
}

/** What is of one client alone, and of all its rooms. */
export interface ClientEvidence extends Requests {
  readonly record: ClientHistory;
  readonly entrances: Entrance[];
  readonly outside: OutsideReceipt[];
  readonly clockFaults: ClockFault[];
  /** Where its record begins within a visit, by room. */
  readonly parts: StepOf<'part'>[];
}

export function evidenceOf(history: History): Evidence {
  return new EvidenceBuilder(history.clients).evidence(history);
}

/** Goes through all that the clients did, once; holds it against the rooms' event logs when these are known. */
export class EvidenceBuilder {
  readonly #walks: readonly ClientWalk[];
  readonly #sessions = new Map<string, SessionRecord>();
  readonly #publishes = new Publishes();
  readonly #joins = new Map<string, number>();

  constructor(clients: readonly ClientHistory[]) {
    this.#walks = clients.map((record) => this.#walk(record));
    for (const walk of this.#walks) for (const step of walk.evidence.record.steps) follow(walk, step);
  }

  get readers(): Reader[] {
    return this.#walks.flatMap(({ readers }) => [...readers.values()]);
  }

  /** The sessions, found in the logs. */
  sessionsIn(logs: RoomLogs): ReadonlyMap<string, SessionRecord> {
    for (const session of this.#sessions.values()) findInLog(session, logs);
    return this.#sessions;
  }

  /** One more step of a client. */
  add(client: string, step: Step): void {
    const walk = this.#walks.find(({ evidence }) => evidence.record.client === client);
    if (walk) follow(walk, step);
  }

  /** All of it, held against the logs of `history`. */
  evidence(history: History, logs = new RoomLogs(history.logs)): Evidence {
    const sessions = this.sessionsIn(logs);
    this.#publishes.findInLogs(sessions);
    const { readers } = this;
    for (const { ranges, connections } of readers) {
      for (const range of ranges) range.log = logs.get(range.room, range.logId);
      for (const connection of connections)
        connection.log = logs.get(connection.welcome.room, connection.welcome.logId);
    }
    const late = new Set(history.clients.flatMap(({ client, beginsLate }) => (beginsLate ? client : [])));
    const clients = this.#walks.map(({ evidence }) => evidence);
    const earlyEnds = earlyEndsOf(readers, sessions);
    return {
      history,
      logs,
      sessions,
      publishes: this.#publishes,
      readers,
      clients,
      earlyEnds,
      late,
      openJoins: () => openJoins(this.#joins, sessions.values()),
    };
  }

  #walk(record: ClientHistory): ClientWalk {
    const { client, beginsLate = false } = record;
    const readers = new Map<string, Reader>();
    const facts = { entrances: [], outside: [], clockFaults: [], parts: [] as StepOf<'part'>[] };
    const evidence: ClientEvidence = { record, names: new Set(), refusals: [], ...facts };
    const followers: StepFollower[] = [
      followReaders(client, readers),
      followSessions(client, this.#sessions),
      followPublishes(client, this.#publishes.all),
      followRequests(evidence, this.#joins),
      followEntrances(evidence.entrances, evidence.outside),
      followClock(beginsLate, evidence.clockFaults),
      { part: (step) => void evidence.parts.push(step) },
    ];
    return { readers, evidence, followers };
  }
}

function follow({ followers }: ClientWalk, step: Step): void {
  for (const follower of followers) followStep(follower, step);
}

/** One client's way through its steps. */
interface ClientWalk {
  readonly readers: Map<string, Reader>;
  readonly evidence: ClientEvidence;
  readonly followers: readonly StepFollower[];
}

/**
 * Sessions whose record does not tell its own end: the client was killed then, or the record was taken before it ended. What the
 * client did after the last event that it received in it nobody can say. Only of witnessed event logs: other histories are
 * recorded whole.
 */
export interface EarlyEnds {
  /** By session, the last sequence received. */
  readonly last: ReadonlyMap<SessionRecord, number>;
  /** Whether a session's record may stop before what became this event was done. */
  before(event: RoomEvent, session: SessionRecord | undefined): boolean;
}

function earlyEndsOf(readers: readonly Reader[], sessions: ReadonlyMap<string, SessionRecord>): EarlyEnds {
  const last = new Map<SessionRecord, number>();
  for (const { ranges, connections, end } of readers) {
    const session = sessions.get(connections.at(-1)?.welcome.session ?? '');
    const range = ranges.at(-1);
    if (!session?.log?.witnessed || !range || (end && !end.toldByOthers)) continue;
    last.set(session, range.receipts.at(-1)?.event.sequence ?? range.from?.sequence ?? 0);
  }
  return {
    last,
    before: ({ sequence }, session) => session !== undefined && sequence > (last.get(session) ?? Infinity),
  };
}
