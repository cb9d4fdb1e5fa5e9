/** Times that are kept for percentiles; those beyond are counted and not kept. */
export const samplesMax = 2 ** 21;

/** The value that the share `rank` (0 to 1) of the sorted values is not above: the nearest-rank percentile. NaN of none. */
export function percentile(sorted: ArrayLike<number>, rank: number): number {
  const index = Math.max(0, Math.ceil(rank * sorted.length) - 1);
  return sorted[index] ?? Number.NaN;
}

/** Milliseconds that something took, many times. */
export class Samples {
  #values = new Float64Array(1024);
  #kept = 0;
  /** How many were added. */
  count = 0;

  add(ms: number): void {
    this.count += 1;
    if (this.#kept === samplesMax) return;
    if (this.#kept === this.#values.length) {
      const grown = new Float64Array(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#kept++] = ms;
  }

  /** Forgets what came before the measurement. */
  clear(): void {
    this.#kept = 0;
    this.count = 0;
  }

  summary(): { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number } {
    const sorted = this.#values.slice(0, this.#kept).sort();
    return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99), maxMs: percentile(sorted, 1) };
  }
}
