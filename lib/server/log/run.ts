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

/** The same as runs of at most `bytesMax` bytes each, in bytes of their own; a larger event is alone in its run. */
export function runsOf(first: number, encodings: readonly Buffer[], bytesMax: number): Run[] {
  const runs: Run[] = [];
  for (let from = 0; from < encodings.length; ) {
    const run = runOf(first + from, within(encodings, bytesMax, from));
    runs.push(run);
    from += run.ends.length;
  }
  return runs;
}

/** As many of the encodings from the one at `from` on as are at most `bytesMax` bytes together, but one at least. */
export function within(encodings: readonly Buffer[], bytesMax: number, from = 0): readonly Buffer[] {
  let bytes = encodings[from]?.length ?? 0;
  let to = from + 1;
  while (to < encodings.length) {
    bytes += encodings[to]?.length ?? 0;
    if (bytes > bytesMax) break;
    to += 1;
  }
  return from === 0 && to >= encodings.length ? encodings : encodings.slice(from, to);
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

/** The part of `run` up to `sequence`, which lies not before its first; the run itself where that is all. */
export function runUpTo(run: Run, sequence: number): Run {
  if (sequence >= run.last) return run;
  const ends = run.ends.slice(0, sequence - run.first + 1);
  return { first: run.first, last: sequence, bytes: run.bytes.subarray(0, ends.at(-1)), ends };
}

/** `run` with as much of `next`, which goes on from it, as makes at most `bytesMax` bytes. */
export function joined(run: Run, next: Run | undefined, bytesMax: number): Run {
  const { length } = run.bytes;
  const ends = next?.ends.filter((end) => length + end <= bytesMax) ?? [];
  if (!next || ends.length === 0) return run;
  return {
    first: run.first,
    last: run.last + ends.length,
    bytes: Buffer.concat([run.bytes, next.bytes.subarray(0, ends.at(-1))]),
    ends: [...run.ends, ...ends.map((end) => length + end)],
  };
}
