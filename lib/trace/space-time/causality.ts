import type { SpaceTime } from './space-time.js';

/** Entries of all vector clocks together, moments times lifelines: 256 MiB. */
export const clockEntriesMax = 2 ** 26;

/** The run is too large for the vector clocks of all its moments. */
export class TooManyClocks extends Error {
  override name = 'TooManyClocks';

  constructor(moments: number, lifelines: number) {
    super(
      `${moments} moments of ${lifelines} lifelines need more than ${clockEntriesMax} entries in their vector clocks: give the logs of fewer participants, or of a shorter conversation.`,
    );
  }
}

/**
 * Which moment happened before which: Lamport's relation (1978), on the order of each lifeline and from causes to what
 * they caused. It is kept as vector clocks (C. Fidge, "Timestamps in Message-Passing Systems That Preserve the Partial
 * Ordering", 1988; F. Mattern, "Virtual Time and Global States of Distributed Systems", 1989): a happened before b
 * exactly if b's clock has at least a's position at a's lifeline. Moments are named by their index.
 */
export class Causality {
  readonly #width: number;
  readonly #clocks: Uint32Array;

  /** Throws TooManyClocks where they would have more than `clockEntriesMax` entries. */
  constructor(spaceTime: SpaceTime) {
    const { lifelines, moments } = spaceTime;
    const width = lifelines.length;
    if (moments.length * width > clockEntriesMax) throw new TooManyClocks(moments.length, width);
    this.#width = width;
    this.#clocks = new Uint32Array(moments.length * width);
    const latest = lifelines.map((): Uint32Array | undefined => undefined);
    for (const { index, lifeline, position, cause } of moments) {
      const clock = this.clockOf(index);
      const before = latest[lifeline];
      if (before) clock.set(before);
      if (cause !== undefined) merge(clock, this.clockOf(cause));
      clock[lifeline] = position;
      latest[lifeline] = clock;
    }
  }

  /** A moment's vector clock: for each lifeline, how many of its moments happened before or are it. Do not change. */
  clockOf(moment: number): Uint32Array {
    return this.#clocks.subarray(moment * this.#width, (moment + 1) * this.#width);
  }
}

function merge(clock: Uint32Array, other: Uint32Array): void {
  for (const [lifeline, position] of other.entries()) {
    if (position > (clock[lifeline] ?? 0)) clock[lifeline] = position;
  }
}
