/** So many a second in the long run, and `burst` at once. `perSecond` 0 sets no rate. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Less than this is what adding and subtracting fractions leaves, in milliseconds. */
const nothingMs = 1e-6;

/**
 * What is left of a rate, by how long it takes until all of its burst is there again (the generic cell rate algorithm, ITU-T
 * I.371). It may be overdrawn: a taker of what is not there yet waits for it, and the takers after it wait longer. A clock that
 * was set back gives nothing, and takes nothing.
 */
export class Pace {
  readonly #rate: Rate;
  #emptyForMs = 0;
  #asOfMs = Number.NEGATIVE_INFINITY;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** How long it is until one more is there, in milliseconds; 0 if there is one. */
  dueInMs(nowMs: number): number {
    const { perSecond, burst } = this.#rate;
    if (perSecond === 0) return 0;
    this.#goOn(nowMs);
    const dueInMs = this.#emptyForMs - ((burst - 1) * 1000) / perSecond;
    return dueInMs > nothingMs ? dueInMs : 0;
  }

  /** Takes one, whether it is there or not. */
  take(nowMs: number): void {
    const { perSecond } = this.#rate;
    if (perSecond === 0) return;
    this.#goOn(nowMs);
    this.#emptyForMs += 1000 / perSecond;
  }

  /** Whether it is as if nothing had ever been taken. */
  isFull(nowMs: number): boolean {
    this.#goOn(nowMs);
    return this.#emptyForMs === 0;
  }

  /** Which of two has less left. */
  isEmptierThan(other: Pace, nowMs: number): boolean {
    this.#goOn(nowMs);
    other.#goOn(nowMs);
    return this.#emptyForMs > other.#emptyForMs;
  }

  #goOn(nowMs: number): void {
    if (nowMs > this.#asOfMs) this.#emptyForMs = Math.max(0, this.#emptyForMs - (nowMs - this.#asOfMs));
    this.#asOfMs = nowMs;
  }
}
