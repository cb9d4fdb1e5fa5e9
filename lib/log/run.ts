import type { Run } from './event-log.js';

/** The run of the events from `first` on whose encodings are `encodings`, one or more. */
export function runOf(first: number, encodings: readonly Buffer[]): Run {
  const ends: number[] = [];
  let end = 0;
  for (const { length } of encodings) {
    end += length;
    ends.push(end);
  }
  return { first, last: first + encodings.length - 1, bytes: Buffer.concat(encodings, end), ends };
}

/** The part of `run` after `sequence`, which lies before the run's last; the run itself where that is all of it. */
export function runAfter(run: Run, sequence: number): Run {
  if (sequence < run.first) return run;
  const skipped = sequence - run.first + 1;
  const start = run.ends[skipped - 1] as number;
  return {
    first: sequence + 1,
    last: run.last,
    bytes: run.bytes.subarray(start),
    ends: run.ends.slice(skipped).map((end) => end - start),
  };
}

/** The part of `run` up to and including `sequence`, which lies not before its first; the run itself where that is all. */
export function runUpTo(run: Run, sequence: number): Run {
  if (sequence >= run.last) return run;
  const ends = run.ends.slice(0, sequence - run.first + 1);
  return { first: run.first, last: sequence, bytes: run.bytes.subarray(0, ends.at(-1)), ends };
}
