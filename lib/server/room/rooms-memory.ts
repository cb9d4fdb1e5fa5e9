import type { Limits } from '../../core/limits.js';
import { SharedMemory } from './shared-memory.js';

/** A count that many share. */
export interface Tally {
  count: number;
}

/** The newest Lamport time in any room of the server. */
export class NewestLamport {
  #newest: number;

  constructor(newest: number) {
    this.#newest = newest;
  }

  get newest(): number {
    return this.#newest;
  }

  advance(lamport: number): void {
    this.#newest = Math.max(this.#newest, lamport);
  }
}

/** What the rooms of one server share, so that what each may take does not multiply [P12]. */
export interface RoomsMemory {
  /** Newest events (`RecentEvents`). */
  readonly recentEvents: SharedMemory;
  /** Pages of the event log (`EventPages`). */
  readonly pages: SharedMemory;
  /** Requests that are not answered yet, in all inlets (`Unanswered`). */
  readonly requests: Tally;
  readonly clock: NewestLamport;
}

export function roomsMemory(limits: Pick<Limits, 'tailsBytesMax' | 'pagesBytesMax'>, newestLamport = 0): RoomsMemory {
  return {
    recentEvents: new SharedMemory(limits.tailsBytesMax),
    pages: new SharedMemory(limits.pagesBytesMax),
    requests: { count: 0 },
    clock: new NewestLamport(newestLamport),
  };
}
