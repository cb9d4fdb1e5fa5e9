import type { ClientRecord, EndStep, JoinStep, Place, PlaceStep, ReceiveStep, Step, WelcomeStep } from './history.js';
import type { RoomLog, RoomLogs } from './room-log.js';

/**
 * Events that one client received in one room and that have to follow one another without gap [P3]: over as many
 * connections as it goes on, until the client begins anew.
 */
export interface Stretch {
  readonly client: string;
  readonly room: string;
  /** Empty while the record has not said it: it begins within a visit. */
  logId: string;
  log: RoomLog | undefined;
  /** The place before its first event; not set where the record does not say. */
  readonly from: Place | undefined;
  readonly receipts: ReceiveStep[];
  readonly claims: Claim[];
}

/** What its client said of how far it had come. */
export interface Claim {
  readonly step: PlaceStep;
  /** The receipts before it. */
  readonly receipts: number;
}

/** A connection of a stretch, and what its client had presented to get it. */
export interface Connection {
  readonly client: string;
  readonly welcome: WelcomeStep;
  readonly log: RoomLog | undefined;
  /** The address by which the client came in, where its record tells. */
  readonly server: string | undefined;
  /** The request to resume that was answered. */
  readonly asked: JoinStep | undefined;
  /** The log that the client was in, where it goes on in another one. */
  readonly changedFrom?: string | undefined;
}

/** What one client went through in one room. */
export interface Reader {
  readonly client: string;
  readonly room: string;
  readonly stretches: Stretch[];
  readonly connections: Connection[];
  /** The last word on it since it was let in. */
  end?: EndStep | undefined;
}

export function readersOf(clients: readonly ClientRecord[], logs: RoomLogs): Reader[] {
  return clients.flatMap(({ client, steps }) => new ClientReaders(client, logs).takeAll(steps));
}

class ClientReaders {
  readonly #client: string;
  readonly #logs: RoomLogs;
  readonly #readers = new Map<string, Reader>();
  /** The latest request. */
  readonly #asked = new Map<string, JoinStep>();
  /** The places that the present process last presented. */
  readonly #kept = new Map<string, Place>();
  /** Rooms in which the present process has not been welcomed, though an earlier one was. */
  readonly #restarted = new Set<string>();

  constructor(client: string, logs: RoomLogs) {
    this.#client = client;
    this.#logs = logs;
  }

  takeAll(steps: readonly Step[]): Reader[] {
    for (const step of steps) this.#take(step);
    return [...this.#readers.values()];
  }

  #take(step: Step): void {
    switch (step.kind) {
      case 'start':
        this.#start(step.room === undefined ? [...this.#readers.keys()] : [step.room]);
        break;
      case 'join':
        this.#asked.set(step.room, step);
        if (step.resume) this.#kept.set(step.room, step.resume);
        break;
      case 'welcome':
        this.#welcome(step);
        break;
      case 'receive':
        this.#stretch(step.room).receipts.push(step);
        break;
      case 'place':
        this.#claim(step);
        break;
      case 'end':
        this.#reader(step.room).end = step;
        break;
    }
  }

  #start(rooms: readonly string[]): void {
    for (const room of rooms) {
      if (this.#readers.has(room)) this.#restarted.add(room);
      this.#kept.delete(room);
    }
  }

  #welcome(welcome: WelcomeStep): void {
    const { room, logId } = welcome;
    const reader = this.#reader(room);
    const before = reader.stretches.at(-1);
    const log = this.#logs.get(room, logId);
    const request = this.#asked.get(room);
    const asked = welcome.resumed ? request : undefined;
    const changedFrom = welcome.continues && before?.logId && before.logId !== logId ? before.logId : undefined;
    reader.end = undefined;
    reader.connections.push({ client: this.#client, welcome, log, server: request?.server, asked, changedFrom });
    const restarted = this.#restarted.delete(room);
    if (before?.logId === '' && welcome.continues) {
      before.logId = logId;
      before.log = log;
    }
    if (!welcome.continues) this.#begin(reader, logId, welcome.place);
    // What is filled in begins somewhere before the welcome's place; in another log, or of an unknown past, nobody can say where.
    else if (!before || changedFrom !== undefined)
      this.#begin(reader, logId, welcome.resumed ? welcome.place : undefined);
    // What the earlier process received after the place that it kept comes again, and has to be complete again.
    else if (restarted) this.#begin(reader, logId, earlier(this.#kept.get(room) ?? welcome.place, before));
  }

  #claim(step: PlaceStep): void {
    const stretch = this.#reader(step.room).stretches.at(-1);
    if (!stretch || (step.logId ?? stretch.logId) !== stretch.logId) return;
    stretch.claims.push({ step, receipts: stretch.receipts.length });
  }

  /** Where a record begins within a visit, nobody says which log that is in. */
  #stretch(room: string): Stretch {
    const reader = this.#reader(room);
    return reader.stretches.at(-1) ?? this.#begin(reader, '', undefined);
  }

  #begin({ room, stretches }: Reader, logId: string, from: Place | undefined): Stretch {
    const log = this.#logs.get(room, logId);
    const stretch = { client: this.#client, room, logId, log, from, receipts: [], claims: [] };
    stretches.push(stretch);
    return stretch;
  }

  #reader(room: string): Reader {
    const reader = this.#readers.get(room) ?? { client: this.#client, room, stretches: [], connections: [] };
    this.#readers.set(room, reader);
    return reader;
  }
}

/** Where a restarted client has to go on: at its place, but not after what the earlier process had received. */
function earlier(place: Place, { from, receipts }: Stretch): Place {
  const last = receipts.at(-1)?.event ?? from;
  return last && last.sequence < place.sequence ? last : place;
}
