import { fitted, textWidth } from '../../display/text-width.js';
import { asideOf, type Told } from './captions.js';
import type { Columns } from './columns.js';
import { sizes } from './measures.js';
import type { Label, Mark } from './picture.js';
import type { Row } from './rows.js';

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
        box: { ...gutterOf(left), y, height: sizes.nameHeight },
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

/** Where the logical times stand. */
function gutterOf(left: number): { readonly x: number; readonly width: number } {
  return { x: sizes.margin, width: left - sizes.gutterGap - sizes.margin };
}

/** The logical times at the left, each once where it stays the same from line to line. */
export function timesOf(rows: readonly Row[], { left }: Columns, down: number): Label[] {
  const height = sizes.time * 1.2;
  const lines = rows.flatMap((row) => row.lines);
  return lines.flatMap(({ time, y }, at): Label[] => {
    if (time === lines[at - 1]?.time) return [];
    const box = { ...gutterOf(left), y: y + down - height / 2, height };
    return [{ role: 'time', text: `${time}`, align: 'right', box }];
  });
}

/** Signs between logical times where others are left out; none above a page's first. */
export function skipsOf(rows: readonly Row[], { left }: Columns, down: number): Mark[] {
  const { x, width } = gutterOf(left);
  return rows
    .slice(1)
    .flatMap(({ skips, top }) =>
      skips ? { kind: 'skip', x: x + width - sizes.time / 3, y: top + down - sizes.skip / 2 } : [],
    );
}

/** What is said beside the diagram of the moments of `marks`, at their heights. */
export function ledgerOf(
  marks: readonly Mark[],
  columns: Columns,
  told: ReadonlyMap<number, Told>,
): { readonly labels: Label[]; readonly marks: Mark[] } {
  const labels: Label[] = [];
  const signs: Mark[] = [];
  for (const { moment, y } of marks) {
    const one = moment && told.get(moment.index);
    if (!one) continue;
    labels.push(...lineOf(one, y, columns));
    if (one.crossed !== undefined) signs.push({ kind: 'crossed', x: columns.crossed + sizes.crossedWidth / 2, y });
  }
  return { labels, marks: signs };
}

function lineOf(told: Told, middle: number, columns: Columns): Label[] {
  const { sequence, text: whole } = told;
  const y = middle - sizes.textHeight / 2;
  const height = sizes.textHeight;
  const aside = asideOf(told);
  const behind = aside === undefined ? undefined : fitted(aside, columns.saidWidth / 2, sizes.text);
  const taken = behind === undefined ? 0 : sizes.asideGap + textWidth(behind, sizes.text);
  const text = fitted(whole, columns.saidWidth - taken, sizes.text);
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
    { role: 'said', text, whole, align: 'left', box, ...(behind === undefined ? {} : { aside: behind }) },
  ];
}
