import type { Limits } from '../../core/limits.js';
import { WaitingPlaces } from '../access/waiting-places.js';

/** What keeps something that it can let go of when others need the room. */
export interface MemoryHolder {
  letGo(): void;
}

/**
 * One budget for all holders of one kind [P12], in bytes or whatever else they keep: over it, the holder that was used
 * longest ago lets go. A holder that alone is over it lets go too.
 */
export class SharedMemory {
  readonly #bytesMax: number;
  /** What each holder keeps, the one used longest ago first. */
  readonly #holders = new Map<MemoryHolder, number>();
  #newest: MemoryHolder | undefined;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** `holder` was used, and keeps so much now. */
  used(holder: MemoryHolder, bytes: number): void {
    const before = this.#holders.get(holder) ?? 0;
    this.#bytes += bytes - before;
    if (this.#newest === holder) this.#holders.set(holder, bytes);
    else {
      this.#holders.delete(holder);
      this.#holders.set(holder, bytes);
      this.#newest = holder;
    }
    if (bytes === 0) this.#forget(holder);
    for (const oldest of this.#holders.keys()) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#forget(oldest);
      oldest.letGo();
    }
  }

  #forget(holder: MemoryHolder): void {
    this.#bytes -= this.#holders.get(holder) ?? 0;
    this.#holders.delete(holder);
    if (this.#newest === holder) this.#newest = undefined;
  }
}

/** A count that many share. */
export interface SharedCount {
  count: number;
}

/** What the rooms and streams of one server share, so that what each may take does not multiply [P12]. */
export interface ServerMemory {
  /** Newest events (`RecentEvents`). */
  readonly recentEvents: SharedMemory;
  /** Pages of the event log (`EventPages`). */
  readonly pages: SharedMemory;
  /** Ordinals of ended sessions (`RoomState.ended`), counted one by one. */
  readonly endedOrdinals: SharedMemory;
  /** Events that streams were sent and may not have taken (`StreamSending`). */
  readonly untaken: SharedMemory;
  /** Requests that are not answered yet, in all inlets (`Unanswered`). */
  readonly requests: SharedCount;
  /** Refusals that wait for their streams (`StreamReading`). */
  readonly refusals: SharedCount;
  /** Streams that have not joined. */
  readonly unjoined: WaitingPlaces;
  /** The newest Lamport time in any room. */
  readonly clock: { newest: number };
}

export function serverMemory(limits: Limits, newest = 0): ServerMemory {
  const { unjoinedStreamsMax: totalMax, unjoinedStreamsPerAddressMax: perAddressMax } = limits;
  return {
    recentEvents: new SharedMemory(limits.tailsBytesMax),
    pages: new SharedMemory(limits.pagesBytesMax),
    endedOrdinals: new SharedMemory(limits.endedOrdinalsInAllMax),
    untaken: new SharedMemory(limits.untakenBytesMax),
    requests: { count: 0 },
    refusals: { count: 0 },
    unjoined: new WaitingPlaces({ totalMax, perAddressMax }),
    clock: { newest },
  };
}
