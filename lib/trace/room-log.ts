import type { RoomEvent } from '../core/event.js';
import type { LogReading } from './history.js';
import { type Stays, staysOf } from './stays.js';

/** The final log of a room: what everybody's events are held against. */
export class RoomLog {
  readonly room: string;
  readonly logId: string;
  readonly events: readonly RoomEvent[];
  readonly newest: number;
  readonly replaced: boolean;
  readonly stays: Stays;
  readonly #bySequence: ReadonlyMap<number, RoomEvent> | undefined;

  constructor({ room, logId, events, newest, replaced }: LogReading) {
    this.room = room;
    this.logId = logId;
    this.events = events;
    this.newest = newest;
    this.replaced = replaced;
    this.stays = staysOf(events);
    const regular = events.every(({ sequence }, index) => sequence === index + 1);
    this.#bySequence = regular ? undefined : new Map(events.map((event) => [event.sequence, event]));
  }

  /** The sequence of the last event that was read; 0 if there is none. */
  get end(): number {
    return this.events.at(-1)?.sequence ?? 0;
  }

  /** The event at `sequence`. */
  at(sequence: number): RoomEvent | undefined {
    return this.#bySequence ? this.#bySequence.get(sequence) : this.events[sequence - 1];
  }

  /** Whether the reading shows what is at `sequence`: where it begins late or stops early, it does not. */
  shows(sequence: number): boolean {
    return sequence >= (this.events[0]?.sequence ?? 1) && (sequence <= this.end || sequence > this.newest);
  }
}

/** Rooms' final logs by room and log id. */
export class RoomLogs {
  readonly #rooms = new Map<string, Map<string, RoomLog>>();

  constructor(readings: readonly LogReading[]) {
    for (const [room, ids] of lastReadings(readings)) {
      this.#rooms.set(room, new Map([...ids].map(([logId, reading]) => [logId, new RoomLog(reading)])));
    }
  }

  get(room: string, logId: string): RoomLog | undefined {
    return this.#rooms.get(room)?.get(logId);
  }

  /** Each room's logs, in the order in which they were first read. */
  perRoom(): RoomLog[][] {
    return [...this.#rooms.values()].map((ids) => [...ids.values()]);
  }

  all(): RoomLog[] {
    return this.perRoom().flat();
  }
}

function lastReadings(readings: readonly LogReading[]): Map<string, Map<string, LogReading>> {
  const rooms = new Map<string, Map<string, LogReading>>();
  for (const reading of readings) {
    const ids = rooms.get(reading.room) ?? new Map<string, LogReading>();
    rooms.set(reading.room, ids.set(reading.logId, reading));
  }
  return rooms;
}
