import { partitionPoint } from '../space-time/partition-point.js';
import type { Moment } from '../space-time/space-time.js';
import { sizes } from './columns.js';

/** The heights of logical times, and of what happened at them: from 0, downwards. */
export type Rows = ReturnType<typeof rowsOf>;

/** One logical time. */
export interface Row {
  /** The time, as `Moment.level` has it. */
  readonly level: number;
  readonly top: number;
  readonly bottom: number;
  /** Where there is something: the first is the time's own line. */
  readonly lines: readonly RowLine[];
  /** Whether logical times before it are left out because nothing happened at them. */
  readonly skips: boolean;
}

interface RowLine {
  readonly y: number;
  /** The Lamport time of what is on it: the row's, unless all is by clocks that went back; then the latest of it. */
  readonly time: number;
}

/**
 * Whether a moment has a place of its own. What does not is drawn with the moment before it on its lifeline, if at all:
 * it is neither a sending nor a receipt.
 */
export function hasRow({ kind }: Moment): boolean {
  return kind !== 'welcome' && kind !== 'end' && kind !== 'start' && kind !== 'log-begins';
}

/**
 * A row for each logical time that occurs. What happens at one time on one lifeline, or has a caption, is on lines of
 * its own one below the other, in its order.
 */
export function rowsOf(moments: readonly Moment[], pitch: number, hasCaption: (moment: Moment) => boolean) {
  const rows: Row[] = [];
  const places = new Map<number, RowLine>();
  let top = 0;
  for (const group of byTime(moments.filter(hasRow))) {
    const level = group[0]?.level ?? 0;
    const before = rows.at(-1)?.level;
    const skips = before !== undefined && level > before + 1;
    if (skips) top += sizes.skip;
    const lineOf = linesOf(group, hasCaption);
    const lines: { readonly y: number; time: number }[] = [];
    for (const [at, { index, lamport }] of group.entries()) {
      const number = lineOf[at] ?? 0;
      const line = lines[number] ?? { y: top + (number + 0.5) * pitch, time: 0 };
      lines[number] = line;
      // A level is never less than the Lamport time: whoever has it is the latest.
      line.time = Math.max(line.time, lamport);
      places.set(index, line);
    }
    const bottom = top + lines.length * pitch;
    rows.push({ level, top, bottom, lines, skips });
    top = bottom;
  }
  const height = top;
  const firstFrom = (level: number) => rows[partitionPoint(rows.length, (row) => (rows[row]?.level ?? 0) < level)];
  return {
    rows,
    height,
    /** Undefined of what is not shown. */
    y: (moment: number) => places.get(moment)?.y,
    /** The time at a moment's left: another than its own where clocks went back. Undefined of what is not shown. */
    time: (moment: number) => places.get(moment)?.time,
    /** Where a moment that is not shown would be: never above what comes before it, nor below what comes behind. */
    near: ({ index, level }: Moment) => places.get(index)?.y ?? firstFrom(level)?.top ?? height,
  };
}

function byTime(moments: readonly Moment[]): Moment[][] {
  const groups: Moment[][] = [];
  for (const moment of moments) {
    const last = groups.at(-1);
    if (last?.[0]?.level === moment.level) last.push(moment);
    else groups.push([moment]);
  }
  return groups;
}

/** Which of its time's lines each moment is on, from 0. */
function linesOf(group: readonly Moment[], hasCaption: (moment: Moment) => boolean): number[] {
  const free = new Map<number, number>();
  let freeBeside = 0;
  return group.map((moment) => {
    const beside = hasCaption(moment);
    const line = Math.max(free.get(moment.lifeline) ?? 0, beside ? freeBeside : 0);
    free.set(moment.lifeline, line + 1);
    if (beside) freeBeside = line + 1;
    return line;
  });
}
