import type { SpaceTime } from './space-time.js';

/** Messages listed that one message crossed. */
const crossedPerMessageMax = 64;

/** A message, and those before it that its author had not been shown when sending it. */
export interface Crossing {
  /** The indices of the earlier messages' stamps, in order: the newest `crossedPerMessageMax`. */
  readonly crossed: readonly number[];
  /** Whether there are earlier ones than are listed. */
  readonly more: boolean;
}

/**
 * The messages that crossed others in flight, by the index of their stamp: a message at sequence q crossed one by
 * another author at p if seen < p < q (the rule is `crossed` of lib/core/event.ts). Takes time in proportion to the
 * moments and the crossings listed.
 */
export function crossedInFlight({ lifelines, moments }: SpaceTime): Map<number, Crossing> {
  const crossings = new Map<number, Crossing>();
  const rooms = lifelines.map((): Spoken[] => []);
  for (const { kind, lifeline, index, event } of moments) {
    const spoken = rooms[lifeline];
    if (kind !== 'stamp' || event?.kind !== 'message' || !spoken) continue;
    const { sequence, participant: author, seen } = event;
    const newest = spoken.at(-1);
    const runStart = newest?.author === author ? newest.runStart : spoken.length;
    const crossed: number[] = [];
    for (let at = runStart - 1; crossed.length <= crossedPerMessageMax; at -= 1) {
      // What the author himself said in between did not cross, and may be long.
      if (spoken[at]?.author === author) at = (spoken[at]?.runStart ?? 0) - 1;
      const earlier = spoken[at];
      if (!earlier || earlier.sequence <= seen) break;
      crossed.unshift(earlier.stamp);
    }
    spoken.push({ stamp: index, sequence, author, runStart });
    const more = crossed.length > crossedPerMessageMax;
    if (crossed.length > 0) crossings.set(index, { crossed: more ? crossed.slice(1) : crossed, more });
  }
  return crossings;
}

interface Spoken {
  readonly stamp: number;
  readonly sequence: number;
  readonly author: string;
  /** Where the run of messages begins that its author spoke without another's in between. */
  readonly runStart: number;
}
