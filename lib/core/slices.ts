/**
 * Work in slices: at each `yield` whoever does it may let others have their turn before it goes on. A slice is some milliseconds
 * of processor time at most.
 */
export type Slices<Result> = Generator<undefined, Result, undefined>;

/** Does all of the work at once, for those who have nobody to keep waiting; gives its result, or throws what it throws. */
export function atOnce<Result>(work: Slices<Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
