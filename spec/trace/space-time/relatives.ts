import { Causality } from '../../../lib/trace/space-time/causality.js';
import type { SpaceTime } from '../../../lib/trace/space-time/space-time.js';

/** Which moment happened before which, by their clocks. Moments are named by their index. */
export class CausalOrder extends Causality {
  readonly #moments: SpaceTime['moments'];

  constructor(spaceTime: SpaceTime) {
    super(spaceTime);
    this.#moments = spaceTime.moments;
  }

  happenedBefore(a: number, b: number): boolean {
    const earlier = this.#moments[a];
    if (!earlier || a === b) return false;
    return (this.clockOf(b)[earlier.lifeline] ?? 0) >= earlier.position;
  }

  /** Neither happened before the other. A moment is not concurrent with itself. */
  concurrent(a: number, b: number): boolean {
    return a !== b && !this.happenedBefore(a, b) && !this.happenedBefore(b, a);
  }
}

/** All other moments by what they are to one, each in order, by their indices. */
export interface Relatives {
  readonly past: readonly number[];
  readonly future: readonly number[];
  readonly besides: readonly number[];
}

export function relativesOf({ moments }: SpaceTime, causality: CausalOrder, moment: number): Relatives {
  const those = (fits: (other: number) => boolean) => moments.map(({ index }) => index).filter(fits);
  return {
    past: those((other) => causality.happenedBefore(other, moment)),
    future: those((other) => causality.happenedBefore(moment, other)),
    besides: those((other) => causality.concurrent(moment, other)),
  };
}
