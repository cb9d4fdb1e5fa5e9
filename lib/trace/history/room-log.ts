import { chainStart, nextChain } from '../../core/chain.js';
import type { RoomEvent } from '../../core/event.js';
import type { LogReading, Place } from './history.js';
import { type Stays, staysOf } from './stays.js';

/** An event as a room's event log has it, whoever bears witness to it. */
export interface LoggedEvent {
  readonly kind: 'logged';
  readonly logId: string;
  readonly sequence: number;
}

/** The final event log of a room: what everybody's events are held against. */
export class RoomLog {
  readonly room: string;
  readonly logId: string;
  readonly events: readonly RoomEvent[];
  readonly newest: number;
  readonly replaced: boolean;
  readonly stays: Stays;
  readonly witnessed: boolean;
  /** The place before the first event, where it is known. */
  readonly from: Place | undefined;
  readonly #bySequence: ReadonlyMap<number, RoomEvent> | undefined;

  constructor({ room, logId, events, newest, replaced, witnessed = false, from }: LogReading) {
    this.room = room;
    this.logId = logId;
    this.events = events;
    this.newest = newest;
    this.replaced = replaced;
    this.witnessed = witnessed;
    this.from = from;
    this.stays = staysOf(events, witnessed);
    const regular = events.every(({ sequence }, index) => sequence === index + 1);
    this.#bySequence = regular ? undefined : new Map(events.map((event) => [event.sequence, event]));
  }

  /** The sequence of the last event that was read; 0 if there is none. */
  get end(): number {
    return this.events.at(-1)?.sequence ?? 0;
  }

  /** An event of it as what a violation is seen by. */
  exhibit({ sequence }: { readonly sequence: number }): LoggedEvent {
    return { kind: 'logged', logId: this.logId, sequence };
  }

  /** The event at `sequence`. */
  at(sequence: number): RoomEvent | undefined {
    return this.#bySequence ? this.#bySequence.get(sequence) : this.events[sequence - 1];
  }

  /**
   * The chain that one of its events has to have by the history up to it, as the chain of the event before is written: one fault is
   * not found again in all that follows. Undefined where the log does not show what comes before, and for an event whose kind
   * its witnesses did not know: its chain is taken as it stands.
   */
  chainDue(event: RoomEvent): string | undefined {
    const { sequence } = event;
    const before = this.at(sequence - 1) ?? (this.from?.sequence === sequence - 1 ? this.from : undefined);
    const previous = sequence === 1 ? chainStart : before?.chain;
    return previous === undefined || event.kind === 'unknown' ? undefined : nextChain(previous, event);
  }

  /** Whether the reading shows what is at `sequence`: where it begins late, stops early or has a hole, it does not. */
  shows(sequence: number): boolean {
    if (this.witnessed) return this.at(sequence) !== undefined;
    return sequence >= (this.events[0]?.sequence ?? 1) && (sequence <= this.end || sequence > this.newest);
  }
}

/** Rooms' final event logs by room and log id. */
export class RoomLogs {
  readonly #rooms = new Map<string, Map<string, RoomLog>>();

  constructor(readings: readonly LogReading[]) {
    for (const [room, ids] of lastReadings(readings)) {
      this.#rooms.set(room, new Map([...ids].map(([logId, reading]) => [logId, new RoomLog(reading)])));
    }
  }

  /** Of a client that does not say which log it is in, the only one that its room has. */
  get(room: string, logId: string): RoomLog | undefined {
    const ids = this.#rooms.get(room);
    return logId === '' && ids?.size === 1 ? ids.values().next().value : ids?.get(logId);
  }

  /** Each room's event logs, in the order in which they were first read. */
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
