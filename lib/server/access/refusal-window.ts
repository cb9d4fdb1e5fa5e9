const windowMs = 1_000;

/** How many requests of one stream were refused within a second that began with the first of them. */
export class RefusalWindow {
  readonly #refusalsMax: number;
  #beganAtMs = Number.NEGATIVE_INFINITY;
  #refusals = 0;
  #suspectUntilMs = Number.NEGATIVE_INFINITY;

  /** 0: any number. */
  constructor(refusalsMax: number) {
    this.#refusalsMax = refusalsMax;
  }

  /** One more was refused: for how long nothing is to be read from the stream, in milliseconds; 0 while they are within the limit. */
  refused(nowMs: number): number {
    // A clock that was set back begins another second.
    if (nowMs < this.#beganAtMs || nowMs >= this.#beganAtMs + windowMs) {
      this.#beganAtMs = nowMs;
      this.#refusals = 0;
    }
    this.#refusals += 1;
    if (this.#refusalsMax === 0 || this.#refusals < this.#refusalsMax) return 0;
    this.#suspectUntilMs = this.#beganAtMs + 2 * windowMs;
    return this.#beganAtMs + windowMs - nowMs;
  }

  /**
   * Whether the next requests, of which so many wait for their room's answer, should be answered before more are read: in this
   * second or the one before the limit was reached, and these may be refused as well.
   */
  shouldWait(undecided: number, nowMs: number): boolean {
    return nowMs < this.#suspectUntilMs && undecided >= this.#refusalsMax;
  }
}
