import type { Pace } from './pace.js';

/** Paces kept of one address. All of them are full again within seconds. */
const keptMax = 256;

/**
 * What the ended sessions of one address have left of their rates to publish. A new session takes the emptiest of these, so
 * that joining anew gains nothing, on whatever connection. Once all of a burst is there again, nothing needs to be remembered. If
 * another client at the address takes it, that client has a smaller burst for some seconds, and the same rate.
 */
export class LeftPaces {
  readonly #paces: Pace[] = [];

  /** A session is over, or its stream lost. Of too many the fullest are forgotten. */
  leave(pace: Pace, nowMs: number): void {
    if (pace.isFull(nowMs) || this.#paces.includes(pace)) return;
    this.#paces.push(pace);
    if (this.#paces.length <= keptMax) return;
    this.#paces.sort((a, b) => (a.isEmptierThan(b, nowMs) ? -1 : 1));
    this.#paces.pop();
  }

  /** The emptiest that was left, and no longer here; undefined if there is none. */
  take(nowMs: number): Pace | undefined {
    let emptiest: Pace | undefined;
    for (const pace of this.#paces) if (!emptiest || pace.isEmptierThan(emptiest, nowMs)) emptiest = pace;
    if (!emptiest) return undefined;
    this.#paces.splice(this.#paces.indexOf(emptiest), 1);
    return emptiest.isFull(nowMs) ? undefined : emptiest;
  }

  isEmpty(nowMs: number): boolean {
    return this.#paces.every((pace) => pace.isFull(nowMs));
  }
}
