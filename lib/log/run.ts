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
