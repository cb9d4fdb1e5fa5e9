import type { EndStep, JoinStep, Place, PlaceStep, ReceiveStep, StartStep, WelcomeStep } from './history.js';
import type { RoomLog } from './room-log.js';

/**
 * Events that one client received in one room and that have to follow one another without gap [P3]: over as many
 * connections as it goes on, until the client begins anew.
 */
export interface ReceivedRange {
  readonly client: string;
  readonly room: string;
  /** Empty while the record has not said it: it begins within a visit. */
  logId: string;
  /** Set when the logs are known. */
  log: RoomLog | undefined;
  /** The place before its first event; not set where the record does not say. */
  readonly from: Place | undefined;
  readonly receipts: ReceiveStep[];
  readonly positions: ReportedPosition[];
}

/** What its client said of how far it had come. */
export interface ReportedPosition {
  readonly step: PlaceStep;
  /** The receipts before it. */
  readonly receipts: number;
}

/** A connection of a range, and what its client had presented to get it. */
export interface Connection {
  readonly client: string;
  readonly welcome: WelcomeStep;
  log: RoomLog | undefined;
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
  readonly ranges: ReceivedRange[];
  readonly connections: Connection[];
  /** The last word on it since it was let in. */
  end?: EndStep | undefined;
}

/** Gathers what one client received, from its steps. */
export class ClientReaders {
  readonly #client: string;
  readonly #readers = new Map<string, Reader>();
  /** The latest request. */
  readonly #asked = new Map<string, JoinStep>();
  /** The places that the present process last presented. */
  readonly #kept = new Map<string, Place>();
  /** Rooms in which the present process has not been welcomed, though an earlier one was. */
  readonly #restarted = new Set<string>();

  constructor(client: string) {
    this.#client = client;
  }

  all(): Iterable<Reader> {
    return this.#readers.values();
  }

  start({ room }: StartStep): void {
    for (const one of room === undefined ? this.#readers.keys() : [room]) {
      if (this.#readers.has(one)) this.#restarted.add(one);
      this.#kept.delete(one);
    }
  }

  join(step: JoinStep): void {
    this.#asked.set(step.room, step);
    if (step.resume) this.#kept.set(step.room, step.resume);
  }

  welcome(welcome: WelcomeStep): void {
    const { room, logId } = welcome;
    const reader = this.#reader(room);
    const before = reader.ranges.at(-1);
    const request = this.#asked.get(room);
    const asked = welcome.resumed ? request : undefined;
    const changedFrom = welcome.continues && before?.logId && before.logId !== logId ? before.logId : undefined;
    const { server } = request ?? {};
    reader.end = undefined;
    reader.connections.push({ client: this.#client, welcome, log: undefined, server, asked, changedFrom });
    const restarted = this.#restarted.delete(room);
    if (before?.logId === '' && welcome.continues) before.logId = logId;
    if (!welcome.continues) this.#begin(reader, logId, welcome.place);
    // What is filled in begins somewhere before the welcome's place; in another log, or of an unknown past, nobody can say where.
    else if (!before || changedFrom !== undefined)
      this.#begin(reader, logId, welcome.resumed ? welcome.place : undefined);
    // What the earlier process received after the place that it kept comes again, and has to be complete again.
    else if (restarted) this.#begin(reader, logId, earlier(this.#kept.get(room) ?? welcome.place, before));
  }

  /** Where a record begins within a visit, nobody says which log that is in. */
  receive(step: ReceiveStep): void {
    const reader = this.#reader(step.room);
    (reader.ranges.at(-1) ?? this.#begin(reader, '', undefined)).receipts.push(step);
  }

  place(step: PlaceStep): void {
    const range = this.#reader(step.room).ranges.at(-1);
    if (!range || (step.logId ?? range.logId) !== range.logId) return;
    range.positions.push({ step, receipts: range.receipts.length });
  }

  end(step: EndStep): void {
    this.#reader(step.room).end = step;
  }

  #begin({ room, ranges }: Reader, logId: string, from: Place | undefined): ReceivedRange {
    const range = { client: this.#client, room, logId, log: undefined, from, receipts: [], positions: [] };
    ranges.push(range);
    return range;
  }

  #reader(room: string): Reader {
    const reader = this.#readers.get(room) ?? { client: this.#client, room, ranges: [], connections: [] };
    this.#readers.set(room, reader);
    return reader;
  }
}

/** Where a restarted client has to go on: at its place, but not after what the earlier process had received. */
function earlier(place: Place, { from, receipts }: ReceivedRange): Place {
  const last = receipts.at(-1)?.event ?? from;
  return last && last.sequence < place.sequence ? last : place;
}

/** The addresses by which clients came to be in each log, of those whose record tells; a server may have several. */
export function serversOf(readers: readonly Reader[]): Map<RoomLog, Set<string>> {
  const servers = new Map<RoomLog, Set<string>>();
  for (const { connections } of readers) {
    for (const { log, server } of connections) {
      if (log && server !== undefined) servers.set(log, (servers.get(log) ?? new Set()).add(server));
    }
  }
  return servers;
}
