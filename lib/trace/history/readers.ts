import type { Place, StepFollower, StepOf } from './history.js';
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
  readonly receipts: StepOf<'receive'>[];
  readonly positions: ReportedPosition[];
}

/** What its client said of how far it had come. */
export interface ReportedPosition {
  readonly step: StepOf<'place'>;
  /** The receipts before it. */
  readonly receipts: number;
}

/** A connection of a range, and what its client had presented to get it. */
export interface Connection {
  readonly client: string;
  readonly welcome: StepOf<'welcome'>;
  log: RoomLog | undefined;
  /** The address by which the client came in, where its record tells. */
  readonly server: string | undefined;
  /** The request to resume that was answered. */
  readonly asked: StepOf<'join'> | undefined;
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
  end?: StepOf<'end'> | undefined;
}

/** Follows what one client receives. `all`: of all clients. */
export function followReaders(client: string, all: Reader[]): StepFollower {
  const readers = new Map<string, Reader>();
  /** The latest request. */
  const requests = new Map<string, StepOf<'join'>>();
  /** The places that the present process last presented. */
  const kept = new Map<string, Place>();
  /** Rooms in which the present process has not been welcomed, though an earlier one was. */
  const restarted = new Set<string>();
  const readerOf = (room: string) => {
    const known = readers.get(room);
    const reader = known ?? { client, room, ranges: [], connections: [] };
    if (!known) all.push(reader);
    readers.set(room, reader);
    return reader;
  };
  const begin = ({ room, ranges }: Reader, logId: string, from: Place | undefined) => {
    const range = { client, room, logId, log: undefined, from, receipts: [], positions: [] };
    ranges.push(range);
    return range;
  };
  return {
    start: ({ room }) => {
      for (const one of room === undefined ? readers.keys() : [room]) {
        if (readers.has(one)) restarted.add(one);
        kept.delete(one);
      }
    },
    part: ({ room, server, asked, welcome }) => {
      const reader = readerOf(room);
      reader.end = undefined;
      restarted.delete(room);
      if (asked) requests.set(room, asked);
      if (asked?.resume) kept.set(room, asked.resume);
      if (!welcome) return;
      reader.connections.push({ client, welcome, log: undefined, server, asked: undefined });
      begin(reader, welcome.logId, welcome.place);
    },
    join: (step) => {
      requests.set(step.room, step);
      if (step.resume) kept.set(step.room, step.resume);
    },
    welcome: (welcome) => {
      const { room, logId, place, resumed, continues } = welcome;
      const reader = readerOf(room);
      const before = reader.ranges.at(-1);
      const request = requests.get(room);
      const asked = resumed ? request : undefined;
      const changedFrom = continues && before?.logId && before.logId !== logId ? before.logId : undefined;
      reader.end = undefined;
      reader.connections.push({ client, welcome, log: undefined, server: request?.server, asked, changedFrom });
      const isNewProcess = restarted.delete(room);
      if (before?.logId === '' && continues) before.logId = logId;
      if (!continues) begin(reader, logId, place);
      // What is filled in begins somewhere before the welcome's place; in another log, or of an unknown past, nobody
      // can say where.
      else if (!before || changedFrom !== undefined) begin(reader, logId, resumed ? place : undefined);
      // What the earlier process received after the place that it kept comes again, and has to be complete again.
      else if (isNewProcess) begin(reader, logId, earlier(kept.get(room) ?? place, before));
    },
    receive: (step) => {
      const reader = readerOf(step.room);
      // Where a record begins within a visit, nobody says which log that is in.
      (reader.ranges.at(-1) ?? begin(reader, '', undefined)).receipts.push(step);
    },
    place: (step) => {
      const range = readerOf(step.room).ranges.at(-1);
      if (!range || (step.logId ?? range.logId) !== range.logId) return;
      range.positions.push({ step, receipts: range.receipts.length });
    },
    end: (step) => {
      readerOf(step.room).end = step;
    },
  };
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
