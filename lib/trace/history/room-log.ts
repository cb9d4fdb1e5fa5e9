import { chainStart, nextChain } from '../../core/chain.js';
import type { RoomEvent } from '../../core/event.js';
import type { LogReading } from './history.js';
import { type Stays, staysOf } from './stays.js';

/** An event as a room's event log has it, whoever bears witness to it. */
export interface LoggedEvent {
  readonly kind: 'logged';
  readonly logId: string;
  readonly sequence: number;
}

/** The final event log of a room: what everybody's events are held against. */
export interface RoomLog extends LogReading {
  readonly witnessed: boolean;
  readonly stays: Stays;
  /** The sequence of the last event that was read; 0 if there is none. */
  readonly end: number;
  /** The event at `sequence`. */
  at(sequence: number): RoomEvent | undefined;
  /** An event of it as what a violation is seen by. */
  exhibit(event: { readonly sequence: number }): LoggedEvent;
  /**
   * The chain that one of its events has to have by the history up to it, as the chain of the event before is written: one fault is
   * not found again in all that follows. Undefined where the log does not show what comes before, and for an event whose kind
   * its witnesses did not know: its chain is taken as it stands.
   */
  chainDue(event: RoomEvent): string | undefined;
  /** Whether the reading shows what is at `sequence`: where it begins late, stops early or has a hole, it does not. */
  shows(sequence: number): boolean;
}

function roomLog(reading: LogReading): RoomLog {
  const { logId, events, newest, from, witnessed = false } = reading;
  const end = events.at(-1)?.sequence ?? 0;
  const regular = events.every(({ sequence }, index) => sequence === index + 1);
  const bySequence = regular ? undefined : new Map(events.map((event) => [event.sequence, event]));
  const at = (sequence: number) => (bySequence ? bySequence.get(sequence) : events[sequence - 1]);
  return {
    ...reading,
    ...{ witnessed, end, at, stays: staysOf(events, witnessed) },
    exhibit: ({ sequence }) => ({ kind: 'logged', logId, sequence }),
    chainDue: (event) => {
      const before = at(event.sequence - 1) ?? (from?.sequence === event.sequence - 1 ? from : undefined);
      const previous = event.sequence === 1 ? chainStart : before?.chain;
      return previous === undefined || event.kind === 'unknown' ? undefined : nextChain(previous, event);
    },
    shows: (sequence) => {
      if (witnessed) return at(sequence) !== undefined;
      return sequence >= (events[0]?.sequence ?? 1) && (sequence <= end || sequence > newest);
    },
  };
}

/** Rooms' final event logs by room and log id. */
export class RoomLogs {
  readonly #rooms = new Map<string, Map<string, RoomLog>>();

  /** Of several readings of a log the last one is final. */
  constructor(readings: readonly LogReading[]) {
    const final = new Map(readings.map((reading) => [JSON.stringify([reading.room, reading.logId]), reading]));
    for (const reading of final.values()) {
      const ids = this.#rooms.get(reading.room) ?? new Map<string, RoomLog>();
      this.#rooms.set(reading.room, ids.set(reading.logId, roomLog(reading)));
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
