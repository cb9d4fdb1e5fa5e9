import type { Slices } from '../../lib/core/slices.js';
import {
  type EventLog,
  type Group,
  LogUnwritable,
  type Recovery,
  type RoomHead,
  type Run,
} from '../../lib/server/log/event-log.js';

export type AppendOutcome = 'written' | 'unwritable' | 'fault-before' | 'fault-after';

interface Pending {
  readonly group: Group;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One server life's way to a log that outlives it: appends wait until the simulation says what becomes of them. After `crash`
 * the server that has it hears nothing any more.
 */
export class SimulatedLog implements EventLog {
  readonly #disk: EventLog;
  #pending: Pending[] = [];
  #crashed = false;

  constructor(disk: EventLog) {
    this.#disk = disk;
  }

  get pending(): number {
    return this.#pending.length;
  }

  append(group: Group): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#crashed) this.#pending.push({ group, resolve, reject });
    });
  }

  /** At once: a room that may go has nothing under way. */
  async remove(room: string): Promise<void> {
    if (this.#crashed) return new Promise(() => {});
    await this.#disk.remove(room);
  }

  /** Decides on the append that waits longest. */
  async settle(outcome: AppendOutcome): Promise<void> {
    const pending = this.#pending.shift();
    if (!pending) return;
    if (outcome === 'unwritable') {
      pending.reject(new LogUnwritable('no space', { cause: new Error('ENOSPC') }));
      return;
    }
    if (outcome === 'fault-before') {
      pending.reject(new Error('a fault before the write'));
      return;
    }
    await this.#disk.append(pending.group);
    if (outcome === 'fault-after') pending.reject(new Error('a fault after the write'));
    else pending.resolve();
  }

  /** The process is killed; `reached` says of each append under way whether it had reached the disk. */
  async crash(reached: () => boolean): Promise<void> {
    this.#crashed = true;
    for (const { group } of this.#pending) if (reached()) await this.#disk.append(group);
    this.#pending = [];
  }

  read(room: string, after: number, max: number, bytesMax?: number): Run | undefined {
    return this.#disk.read(room, after, max, bytesMax);
  }

  chainAt(room: string, sequence: number): string | undefined {
    return this.#disk.chainAt(room, sequence);
  }

  oldest(room: string): number {
    return this.#disk.oldest(room);
  }

  head(room: string): RoomHead | undefined {
    return this.#disk.head(room);
  }

  heads(): RoomHead[] {
    return this.#disk.heads();
  }

  recover(room: string): Slices<Recovery> {
    return this.#disk.recover(room);
  }

  async close(): Promise<void> {}
}
