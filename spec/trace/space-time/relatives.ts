import type { Causality } from '../../../lib/trace/space-time/causality.js';
import type { SpaceTime } from '../../../lib/trace/space-time/space-time.js';

/** All other moments by what they are to one, each in order, by their indices. */
export interface Relatives {
  readonly past: readonly number[];
  readonly future: readonly number[];
  readonly besides: readonly number[];
}

export function relativesOf({ moments }: SpaceTime, causality: Causality, moment: number): Relatives {
  const those = (fits: (other: number) => boolean) => moments.map(({ index }) => index).filter(fits);
  return {
    past: those((other) => causality.happenedBefore(other, moment)),
    future: those((other) => causality.happenedBefore(moment, other)),
    besides: those((other) => causality.concurrent(moment, other)),
  };
}
