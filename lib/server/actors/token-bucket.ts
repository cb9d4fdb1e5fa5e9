/** A sender's allowance: `burst` at once, `perSecond` in the long run. `perSecond` 0 allows everything. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #asOfMs: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#asOfMs = nowMs;
  }

  /** Takes one: 0 if there was one, else the milliseconds until there is. A clock set back gives nothing. */
  take(nowMs: number): number {
    if (this.#perSecond === 0) return 0;
    const earned = (Math.max(0, nowMs - this.#asOfMs) * this.#perSecond) / 1000;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#asOfMs = nowMs;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.ceil(((1 - this.#tokens) * 1000) / this.#perSecond);
  }
}
