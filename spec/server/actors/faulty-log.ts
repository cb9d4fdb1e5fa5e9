import type { Slices } from '../../../lib/core/slices.js';
import {
  type EventLog,
  type Group,
  LogDamaged,
  LogUnwritable,
  type Recovery,
  type RoomHead,
  type Run,
} from '../../../lib/server/log/event-log.js';

/** Another log with faults at the test's wish. */
export class FaultyLog implements EventLog {
  readonly #log: EventLog;
  readonly #changed: () => void;
  /** As on a full disk. */
  unwritable = false;
  /** Faults of the log's own, one for each append to come: thrown before or after the group was written. */
  readonly appendFaults: ('before' | 'after')[] = [];
  /** So many recoveries to come throw. */
  recoverFaults = 0;
  /** A recovery has so many more slices, in which nothing happens. */
  recoverSlices = 0;
  /** Whether nothing of it can be read. */
  unreadable = false;
  /** Events that are damaged, by their sequences, in whatever room. */
  readonly damaged = new Set<number>();
  /** So many appends were begun. */
  appends = 0;
  /** Rooms that were recovered, in that order. */
  readonly recovered: string[] = [];
  #held: Promise<void> | undefined;
  #release: (() => void) | undefined;

  constructor(log: EventLog, changed: () => void) {
    this.#log = log;
    this.#changed = changed;
  }

  /** Appends from now on wait for `release`. */
  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#held = undefined;
    this.#release?.();
  }

  async append(group: Group): Promise<void> {
    this.appends += 1;
    this.#changed();
    await this.#held;
    try {
      if (this.unwritable) throw new LogUnwritable('no space', { cause: new Error('ENOSPC') });
      const fault = this.appendFaults.shift();
      if (fault === 'before') throw new Error('a fault before the write');
      await this.#log.append(group);
      if (fault === 'after') throw new Error('a fault after the write');
    } finally {
      // After those who wait for the append.
      setImmediate(this.#changed);
    }
  }

  async remove(room: string): Promise<void> {
    this.#changed();
    await this.#held;
    try {
      if (this.unwritable) throw new LogUnwritable('no space', { cause: new Error('ENOSPC') });
      await this.#log.remove(room);
    } finally {
      setImmediate(this.#changed);
    }
  }

  recover(room: string): Slices<Recovery> {
    this.recovered.push(room);
    if (this.recoverFaults > 0) {
      this.recoverFaults -= 1;
      throw new Error('the log cannot be read');
    }
    return this.#recovery(room);
  }

  *#recovery(room: string): Slices<Recovery> {
    for (let slice = 0; slice < this.recoverSlices; slice += 1) {
      this.#changed();
      yield;
    }
    return yield* this.#log.recover(room);
  }

  read(room: string, after: number, max: number, bytesMax?: number): Run | undefined {
    this.#expectReadable();
    const next = Math.min(...[...this.damaged].filter((sequence) => sequence > after));
    const sound = Math.min(max, next - after - 1);
    if (sound === 0 && max > 0) throw new LogDamaged(room, after + 1);
    return this.#log.read(room, after, sound, bytesMax);
  }

  chainAt(room: string, sequence: number): string | undefined {
    this.#expectReadable();
    if (this.damaged.has(sequence)) throw new LogDamaged(room, sequence);
    return this.#log.chainAt(room, sequence);
  }

  oldest(room: string): number {
    return this.#log.oldest(room);
  }

  head(room: string): RoomHead | undefined {
    return this.#log.head(room);
  }

  heads(): RoomHead[] {
    return this.#log.heads();
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  #expectReadable(): void {
    if (this.unreadable) throw new Error('the log cannot be read');
  }
}
