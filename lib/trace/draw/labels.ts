import type { Moment } from '../space-time/space-time.js';
import type { Teller, Told } from './captions.js';
import { asideGap, type Columns } from './columns.js';
import { sizes } from './measures.js';
import type { Label, Mark } from './picture.js';
import type { Row, Rows } from './rows.js';
import { fitted, textWidth } from './text-width.js';

/** The title, and the lifelines' names at the heights `tops`. */
export function headOf(
  title: string,
  tops: readonly number[],
  lifelines: readonly number[],
  { x, names, nameWidth, left, width }: Columns,
): Label[] {
  const wide = width - 2 * sizes.margin;
  const text = fitted(title, wide, sizes.title, true);
  const box = { x: sizes.margin, y: sizes.margin, width: wide, height: sizes.title * 1.25 };
  return [
    { role: 'title', text, whole: title, align: 'left', box },
    ...tops.map(
      (y): Label => ({
        role: 'time',
        text: 'time',
        align: 'right',
        box: { x: left - sizes.gutter, y, width: sizes.gutter - 8, height: sizes.nameHeight },
      }),
    ),
    ...tops.flatMap((y) =>
      lifelines.map((lifeline): Label => {
        const name = names.get(lifeline) ?? { text: '', whole: '' };
        const left = (x.get(lifeline) ?? 0) - nameWidth / 2;
        return {
          role: 'name',
          ...name,
          align: 'middle',
          lifeline,
          box: { x: left, y, width: nameWidth, height: sizes.nameHeight },
        };
      }),
    ),
  ];
}

/** The logical times at the left. */
export function timesOf(rows: readonly Row[], { left }: Columns, down: number): Label[] {
  const width = sizes.gutter - 8;
  const height = sizes.time * 1.2;
  const x = left - 8 - width;
  return rows.map(({ level, lines }) => ({
    role: 'time',
    text: `${level}`,
    align: 'right',
    box: { x, y: (lines[0] ?? 0) + down - height / 2, width, height },
  }));
}

/** Signs between logical times where others are left out; none above a page's first. */
export function skipsOf(rows: readonly Row[], { left }: Columns, down: number): Mark[] {
  const x = left - 8 - sizes.time / 3;
  return rows.slice(1).flatMap(({ skips, top }) => (skips ? { kind: 'skip', x, y: top + down - sizes.skip / 2 } : []));
}

/** What is said beside the diagram of `moments`. */
export function ledgerOf(
  moments: readonly Moment[],
  rows: Rows,
  columns: Columns,
  tell: Teller,
  down: number,
): { readonly labels: Label[]; readonly marks: Mark[] } {
  const labels: Label[] = [];
  const marks: Mark[] = [];
  for (const moment of moments) {
    const told = tell(moment);
    const y = (rows.y(moment.index) ?? 0) + down;
    if (!told) continue;
    labels.push(...lineOf(told, y, columns));
    if (told.aside !== undefined) marks.push({ kind: 'crossed', x: columns.crossed + sizes.crossedWidth / 2, y });
  }
  return { labels, marks };
}

function lineOf({ sequence, text: whole, aside }: Told, middle: number, columns: Columns): Label[] {
  const y = middle - sizes.textHeight / 2;
  const height = sizes.textHeight;
  const behind = aside === undefined ? '' : fitted(`${asideGap}${aside}`, columns.saidWidth / 2, sizes.text);
  const text = fitted(whole, columns.saidWidth - textWidth(behind, sizes.text), sizes.text);
  const box = { x: columns.said, y, width: columns.saidWidth, height };
  if (sequence === undefined) return [{ role: 'note', text, whole, align: 'left', box }];
  const left = columns.crossed + sizes.crossedWidth;
  return [
    {
      role: 'sequence',
      text: `${sequence}`,
      align: 'right',
      box: { x: left, y, width: columns.sequence - left, height },
    },
    { role: 'said', text, whole, align: 'left', box, ...(behind ? { aside: behind.trim() } : {}) },
  ];
}
