import type { Limits } from '../../core/limits.js';
import { SharedMemory } from './shared-memory.js';

/** A count that many share. */
export interface Tally {
  count: number;
}

/** What the rooms of one server share, so that what each may take does not multiply [P12]. */
export interface RoomsMemory {
  /** Newest events (`Tail`). */
  readonly tails: SharedMemory;
  /** Pages of the log (`LogPages`). */
  readonly pages: SharedMemory;
  /** Requests that are not answered yet, in all inlets (`Unanswered`). */
  readonly requests: Tally;
}

export function roomsMemory(limits: Pick<Limits, 'tailsBytesMax' | 'pagesBytesMax'>): RoomsMemory {
  return {
    tails: new SharedMemory(limits.tailsBytesMax),
    pages: new SharedMemory(limits.pagesBytesMax),
    requests: { count: 0 },
  };
}
