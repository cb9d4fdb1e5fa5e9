import type { Limits } from '../../core/limits.js';

export interface ProgressParts {
  readonly limits: Pick<Limits, 'stallBytesPerSecondMin'>;
  /** What the far end has taken so far, in bytes: of what waits, or if that is not known, of its whole connection. */
  readonly taken: () => number;
  /** How much waits at most, in bytes. */
  readonly waiting: number;
}

/**
 * Whether a peer for which bytes wait goes on taking them. The measure is what it took within a period, not whether
 * anything is left: a slow reader never finishes, and yet does not hang. Since the peer may have taken other bytes of
 * the same connection, all that waits has a time limit too: as long as it takes at the least rate.
 */
export class Progress {
  readonly #parts: ProgressParts;
  #takenBefore: number;
  #msLeft: number;

  /** The first period begins. */
  constructor(parts: ProgressParts) {
    this.#parts = parts;
    this.#takenBefore = parts.taken();
    this.#msLeft = (parts.waiting * 1000) / parts.limits.stallBytesPerSecondMin;
  }

  /** Whether enough was taken in the period, which lasted `ms` milliseconds. The next one begins. */
  goesOn(ms: number): boolean {
    const taken = this.#parts.taken();
    const progress = taken - this.#takenBefore;
    this.#takenBefore = taken;
    this.#msLeft -= ms;
    const enough = Math.max(1, (this.#parts.limits.stallBytesPerSecondMin * ms) / 1000);
    // Less than before is another count, now of the stream and then of its connection: the next period tells.
    return this.#msLeft > 0 && (progress >= enough || progress < 0);
  }
}
