import { partitionPoint } from '../space-time/partition-point.js';
import type { Row } from './rows.js';

/** A part of the rows that is one page: from one height to another. */
export interface Window {
  readonly top: number;
  readonly bottom: number;
}

/** The part of a page, at its end, in which a place to break is looked for: where the fewest arrows would be cut. */
const breakingPart = 1 / 4;

/**
 * Divides the rows into pages, at least one. `arrows` are the heights from which to which arrows go, `stamps` those of
 * stamps, both in any order. A page has at most `eventsMax` stamps, and rows of `heightMax` pixels, or one row.
 */
export function pagesOf(
  rows: readonly Row[],
  arrows: readonly (readonly [number, number])[],
  stamps: readonly number[],
  { heightMax, eventsMax }: { readonly heightMax: number; readonly eventsMax: number },
): Window[] {
  const cutBefore = cuts(rows, arrows);
  const events = counts(rows, stamps);
  const pages: Window[] = [];
  let first = 0;
  while (first < rows.length) {
    const top = rows[first]?.top ?? 0;
    let end = first + 1;
    let stamped = events[first] ?? 0;
    for (; end < rows.length; end += 1) {
      stamped += events[end] ?? 0;
      if ((rows[end]?.bottom ?? 0) - top > heightMax || stamped > eventsMax) break;
    }
    if (end < rows.length) end = quietest(first, end, cutBefore);
    pages.push({ top, bottom: rows[end - 1]?.bottom ?? top });
    first = end;
  }
  return pages.length > 0 ? pages : [{ top: 0, bottom: 0 }];
}

/** The row before `end`, or somewhat before it, in front of which the fewest arrows are cut. */
function quietest(first: number, end: number, cutBefore: readonly number[]): number {
  let best = end;
  for (let row = end - 1; row > end - (end - first) * breakingPart && row > first; row -= 1) {
    if ((cutBefore[row] ?? 0) < (cutBefore[best] ?? 0)) best = row;
  }
  return best;
}

/** By row, how many arrows go from above it into it or beyond. */
function cuts(rows: readonly Row[], arrows: readonly (readonly [number, number])[]): number[] {
  const changes = new Array<number>(rows.length + 1).fill(0);
  for (const [from, to] of arrows) {
    const [begins, ends] = [rowAt(rows, from) + 1, rowAt(rows, to) + 1];
    changes[begins] = (changes[begins] ?? 0) + 1;
    changes[ends] = (changes[ends] ?? 0) - 1;
  }
  let sum = 0;
  return changes.map((change) => {
    sum += change;
    return sum;
  });
}

function counts(rows: readonly Row[], heights: readonly number[]): number[] {
  const found = new Array<number>(rows.length).fill(0);
  for (const height of heights) {
    const row = rowAt(rows, height);
    found[row] = (found[row] ?? 0) + 1;
  }
  return found;
}

/** The index of the row that a height is in; the last one's of a height below them all. */
function rowAt(rows: readonly Row[], height: number): number {
  return partitionPoint(rows.length - 1, (row) => (rows[row]?.bottom ?? 0) < height);
}
