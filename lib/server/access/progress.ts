import type { Limits } from '../../core/limits.js';

export interface ProgressParts {
  readonly limits: Pick<Limits, 'stallBytesPerSecondMin'>;
  /** What the far end has taken so far, in bytes: of what waits, or where that is not known, of its whole connection. */
  readonly taken: () => number;
  /** How much waits at most, in bytes. */
  readonly waiting: number;
}

/**
 * Whether a far end for which bytes wait goes on taking them. It is measured by what it took within a period and not by
 * whether anything is left: who reads slowly is never done, and all the same no hanging peer. As what is taken may have been
 * something else of the same connection, the whole of what waits has its time too: as long as it takes at the least rate.
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
