import type { RoomEvent } from '../../core/event.js';
import { ClientClock, type ClockFault } from './clocks.js';
import { ClientEntrances, type Entrance, type OutsideReceipt } from './entrances.js';
import type { ClientHistory, History, JoinRefusedStep, RefusedStep, Step } from './history.js';
import { ClientPublishes, Publishes } from './publishes.js';
import { ClientReaders, type Reader } from './readers.js';
import { RoomLogs } from './room-log.js';
import { ClientSessions, count, findInLog, joinKey, OpenJoins, type SessionRecord } from './sessions.js';

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
  openJoins(): OpenJoins;
}

/** What is of one client alone, and of all its rooms. */
export interface ClientEvidence {
  readonly record: ClientHistory;
  /** The names by which it asked to be let in. */
  readonly names: ReadonlySet<string>;
  readonly refusals: readonly (RefusedStep | JoinRefusedStep)[];
  readonly entrances: readonly Entrance[];
  readonly outside: readonly OutsideReceipt[];
  readonly clockFaults: readonly ClockFault[];
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
    const shared = { sessions: this.#sessions, publishes: this.#publishes.all, joins: this.#joins };
    this.#walks = clients.map((record) => new ClientWalk(record, shared));
    for (const walk of this.#walks) for (const step of walk.record.steps) walk.add(step);
  }

  get readers(): Reader[] {
    return this.#walks.flatMap(({ readers }) => [...readers.all()]);
  }

  /** The sessions, found in the logs. */
  sessionsIn(logs: RoomLogs): ReadonlyMap<string, SessionRecord> {
    for (const session of this.#sessions.values()) findInLog(session, logs);
    return this.#sessions;
  }

  /** One more step of a client. */
  add(client: string, step: Step): void {
    this.#walks.find(({ record }) => record.client === client)?.add(step);
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
    const clients = this.#walks.map((walk) => walk.evidence());
    const earlyEnds = new EarlyEnds(readers, sessions);
    const openJoins = () => new OpenJoins(this.#joins, sessions.values());
    return { history, logs, sessions, publishes: this.#publishes, readers, clients, earlyEnds, late, openJoins };
  }
}

/** One client's way through its steps: what each kind of them tells, and whom. */
class ClientWalk {
  readonly record: ClientHistory;
  readonly readers: ClientReaders;
  readonly #sessions: ClientSessions;
  readonly #publishes: ClientPublishes;
  readonly #entrances = new ClientEntrances();
  readonly #clock: ClientClock;
  readonly #joins: Map<string, number>;
  readonly #names = new Set<string>();
  /** By room, the name of the latest request to join that was none to resume. */
  readonly #joining = new Map<string, string>();
  readonly #refusals: (RefusedStep | JoinRefusedStep)[] = [];

  constructor(
    record: ClientHistory,
    shared: {
      readonly sessions: Map<string, SessionRecord>;
      readonly publishes: Publishes['all'];
      readonly joins: Map<string, number>;
    },
  ) {
    const { client, beginsLate = false } = record;
    this.record = record;
    this.readers = new ClientReaders(client);
    this.#sessions = new ClientSessions(client, shared.sessions);
    this.#publishes = new ClientPublishes(client, shared.publishes);
    this.#clock = new ClientClock(beginsLate);
    this.#joins = shared.joins;
  }

  add(step: Step): void {
    switch (step.kind) {
      case 'start':
        this.readers.start(step);
        this.#entrances.start(step);
        this.#clock.start(step);
        break;
      case 'join':
        this.readers.join(step);
        this.#sessions.join(step);
        this.#entrances.join(step);
        this.#clock.send(step);
        this.#names.add(step.name);
        this.#countJoin(step.room, step.resume ? undefined : step.name);
        break;
      case 'join-refused': {
        this.#entrances.refused(step.room);
        const name = this.#joining.get(step.room);
        if (name !== undefined) count(this.#joins, joinKey(step.room, name), -1);
        this.#refusals.push(step);
        break;
      }
      case 'welcome':
        this.readers.welcome(step);
        this.#sessions.welcome(step);
        this.#publishes.welcome(step);
        this.#entrances.welcome(step);
        break;
      case 'receive':
        this.readers.receive(step);
        this.#publishes.learn(step.room, step.event);
        this.#entrances.receive(step);
        this.#clock.receive(step);
        break;
      case 'send':
        this.#publishes.send(step);
        this.#entrances.send(step);
        this.#clock.send(step);
        break;
      case 'accepted':
        this.#sessions.accepted(step);
        this.#publishes.accepted(step);
        break;
      case 'refused':
        this.#publishes.settled(step);
        this.#refusals.push(step);
        break;
      case 'unknown':
        this.#publishes.settled(step);
        break;
      case 'leave':
        this.#sessions.leave(step);
        this.#clock.send(step);
        break;
      case 'place':
        this.readers.place(step);
        break;
      case 'end':
        this.readers.end(step);
        this.#sessions.end(step);
    }
  }

  evidence(): ClientEvidence {
    const { all: entrances, outside } = this.#entrances;
    const clockFaults = this.#clock.faults;
    return { record: this.record, names: this.#names, refusals: this.#refusals, entrances, outside, clockFaults };
  }

  #countJoin(room: string, name: string | undefined): void {
    if (name === undefined) {
      this.#joining.delete(room);
      return;
    }
    this.#joining.set(room, name);
    count(this.#joins, joinKey(room, name), 1);
  }
}

/**
 * Sessions whose record does not tell its own end: the client was killed then, or the record was taken before it ended. What the
 * client did after the last event that it received in it nobody can say. Only of witnessed event logs: other histories are
 * recorded whole.
 */
export class EarlyEnds {
  /** By session, the last sequence received. */
  readonly last: ReadonlyMap<SessionRecord, number>;

  constructor(readers: readonly Reader[], sessions: ReadonlyMap<string, SessionRecord>) {
    const last = new Map<SessionRecord, number>();
    for (const { ranges, connections, end } of readers) {
      const welcome = connections.at(-1)?.welcome;
      const session = welcome && sessions.get(welcome.session);
      const range = ranges.at(-1);
      if (!session?.log?.witnessed || !range || (end && !end.toldByOthers)) continue;
      last.set(session, range.receipts.at(-1)?.event.sequence ?? range.from?.sequence ?? 0);
    }
    this.last = last;
  }

  /** Whether a session's record may stop before what became this event was done. */
  before({ sequence }: RoomEvent, session: SessionRecord | undefined): boolean {
    return session !== undefined && sequence > (this.last.get(session) ?? Number.POSITIVE_INFINITY);
  }
}
