import type { MessageEvent } from '../../core/event.js';
import type { Moment, SpaceTime } from './space-time.js';

/** Messages listed that one message crossed. */
export const crossedPerMessageMax = 64;

/** A message, and those before it that its author had not been shown when sending it. */
export interface Crossing {
  /** The indices of the earlier messages' stamps, in order: the newest `crossedPerMessageMax`. */
  readonly crossed: readonly number[];
  /** Whether there are earlier ones than are listed. */
  readonly more: boolean;
}

/**
 * The messages that crossed others in flight, by the index of their stamp: a message at sequence q crossed one by another author at p if
 * seen < p < q (the rule is `crossed` of lib/core/crossing.ts). Takes time in proportion to the moments and the crossings listed.
 */
export function crossedInFlight({ lifelines, moments }: SpaceTime): Map<number, Crossing> {
  const crossings = new Map<number, Crossing>();
  const rooms = lifelines.map(() => new SpokenInRoom());
  for (const moment of moments) {
    const { kind, lifeline, index, event } = moment;
    if (kind !== 'stamp' || event?.kind !== 'message') continue;
    const crossing = rooms[lifeline]?.next(index, event);
    if (crossing) crossings.set(index, crossing);
  }
  return crossings;
}

interface Spoken {
  readonly stamp: Moment['index'];
  readonly sequence: number;
  readonly author: string;
  /** Where the run of messages begins that its author spoke without another's in between. */
  readonly runStart: number;
}

/** What was said in one room so far. */
class SpokenInRoom {
  readonly #spoken: Spoken[] = [];

  /** Takes the next message, and tells what it crossed. */
  next(stamp: number, { sequence, participant: author, seen }: MessageEvent): Crossing | undefined {
    const spoken = this.#spoken;
    const newest = spoken.at(-1);
    const runStart = newest?.author === author ? newest.runStart : spoken.length;
    const crossed: number[] = [];
    let at = runStart - 1;
    for (; crossed.length <= crossedPerMessageMax; at -= 1) {
      // What the author himself said in between did not cross, and may be long.
      if (spoken[at]?.author === author) at = (spoken[at]?.runStart ?? 0) - 1;
      const earlier = spoken[at];
      if (!earlier || earlier.sequence <= seen) break;
      crossed.unshift(earlier.stamp);
    }
    spoken.push({ stamp, sequence, author, runStart });
    if (crossed.length === 0) return undefined;
    const more = crossed.length > crossedPerMessageMax;
    return { crossed: more ? crossed.slice(1) : crossed, more };
  }
}
