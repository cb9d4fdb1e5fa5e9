/**
 * Work in slices: at each `yield` the caller may let other work have its turn before it goes on. A slice is some
 * milliseconds of processor time at most.
 */
export type Slices<Result> = Generator<undefined, Result, undefined>;

/** Does all of the work at once, for a caller that keeps no other work waiting; returns and throws what it does. */
export function atOnce<Result>(work: Slices<Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
