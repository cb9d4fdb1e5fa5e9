import type { Moment } from '../space-time/space-time.js';
import { sizes } from './measures.js';

/** The heights of logical times, and of what happened at them: from 0, downwards. */
export interface Rows {
  readonly rows: readonly Row[];
  readonly height: number;
  /** Undefined of what is not shown. */
  y(moment: number): number | undefined;
  /** Where a moment that is not shown would be: never above what comes before it, nor below what comes behind. */
  near(moment: Moment): number;
}

/** One logical time. */
export interface Row {
  /** The time, as `Moment.level` has it. */
  readonly level: number;
  readonly top: number;
  readonly bottom: number;
  /** Where there is something: the first is the time's own line. */
  readonly lines: readonly number[];
  /** Whether logical times before it are left out because nothing happened at them. */
  readonly skips: boolean;
}

/**
 * Whether a moment has a place of its own. What does not is drawn with the moment before it on its lifeline, if at all: it is
 * neither a sending nor a receipt.
 */
export function hasRow({ kind }: Moment): boolean {
  return kind !== 'welcome' && kind !== 'end' && kind !== 'start';
}

/**
 * A row for each logical time that occurs. What happens at one time on one lifeline, or is told beside the diagram, is on lines of
 * its own one below the other, in its order. `isTold`: whether a moment has a text beside the diagram.
 */
export function rowsOf(moments: readonly Moment[], pitch: number, isTold: (moment: Moment) => boolean): Rows {
  const rows: Row[] = [];
  const heights = new Map<number, number>();
  let top = 0;
  for (const group of byTime(moments.filter(hasRow))) {
    const level = group[0]?.level ?? 0;
    const before = rows.at(-1)?.level;
    const skips = before !== undefined && level > before + 1;
    if (skips) top += sizes.skip;
    const lines = linesOf(group, isTold);
    const count = Math.max(...lines) + 1;
    group.forEach(({ index }, at) => {
      heights.set(index, top + ((lines[at] ?? 0) + 0.5) * pitch);
    });
    const ys = Array.from({ length: count }, (_, line) => top + (line + 0.5) * pitch);
    rows.push({ level, top, bottom: top + count * pitch, lines: ys, skips });
    top += count * pitch;
  }
  const height = top;
  return {
    rows,
    height,
    y: (moment) => heights.get(moment),
    near: ({ index, level }) => heights.get(index) ?? firstFrom(rows, level)?.top ?? height,
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
function linesOf(group: readonly Moment[], isTold: (moment: Moment) => boolean): number[] {
  const free = new Map<number, number>();
  let freeBeside = 0;
  return group.map((moment) => {
    const told = isTold(moment);
    const line = Math.max(free.get(moment.lifeline) ?? 0, told ? freeBeside : 0);
    free.set(moment.lifeline, line + 1);
    if (told) freeBeside = line + 1;
    return line;
  });
}

/** The first row at `level` or later. */
function firstFrom(rows: readonly Row[], level: number): Row | undefined {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.level ?? 0) < level) low = middle + 1;
    else high = middle;
  }
  return rows[low];
}
