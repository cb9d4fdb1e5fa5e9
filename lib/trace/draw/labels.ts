import { fitted, textWidth } from '../../display/text-width.js';
import { asideOf, type Caption } from './captions.js';
import { type Columns, sizes } from './columns.js';
import type { Label, Mark } from './picture.js';
import type { Row } from './rows.js';

/** The title, and the lifelines' names at the heights `tops`. */
export function headOf(
  title: string,
  tops: readonly number[],
  lifelines: readonly number[],
  columns: Columns,
): Label[] {
  const { x, names, nameWidth, left, width } = columns;
  const box = { x: sizes.margin, y: sizes.margin, width: width - 2 * sizes.margin, height: sizes.title * 1.25 };
  const text = fitted(title, box.width, sizes.title, true);
  const height = sizes.nameHeight;
  return [
    { role: 'title', text, whole: title, align: 'left', box },
    ...tops.map((y): Label => ({ role: 'time', text: 'time', align: 'right', box: { ...gutterOf(left), y, height } })),
    ...tops.flatMap((y) =>
      lifelines.map((lifeline): Label => {
        const name = names.get(lifeline) ?? { text: '', whole: '' };
        const box = { x: (x.get(lifeline) ?? 0) - nameWidth / 2, y, width: nameWidth, height };
        return { role: 'name', ...name, align: 'middle', lifeline, box };
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
  const skipping = rows.slice(1).filter(({ skips }) => skips);
  return skipping.map(({ top }) => ({ kind: 'skip', x: x + width - sizes.time / 3, y: top + down - sizes.skip / 2 }));
}

/** What is said beside the diagram of the moments of `marks`, at their heights. */
export function ledgerOf(
  marks: readonly Mark[],
  columns: Columns,
  captions: ReadonlyMap<number, Caption>,
): { readonly labels: Label[]; readonly marks: Mark[] } {
  const labels: Label[] = [];
  const signs: Mark[] = [];
  for (const { moment, y } of marks) {
    const caption = moment && captions.get(moment.index);
    if (!caption) continue;
    labels.push(...lineOf(caption, y, columns));
    if (caption.crossed !== undefined) signs.push({ kind: 'crossed', x: columns.crossed + sizes.crossedWidth / 2, y });
  }
  return { labels, marks: signs };
}

function lineOf(caption: Caption, middle: number, columns: Columns): Label[] {
  const { sequence, text: whole } = caption;
  const place = { y: middle - sizes.textHeight / 2, height: sizes.textHeight };
  const aside = asideOf(caption);
  const behind = aside === undefined ? undefined : fitted(aside, columns.saidWidth / 2, sizes.text);
  const taken = behind === undefined ? 0 : sizes.asideGap + textWidth(behind, sizes.text);
  const text = fitted(whole, columns.saidWidth - taken, sizes.text);
  const box = { x: columns.said, width: columns.saidWidth, ...place };
  if (sequence === undefined) return [{ role: 'note', text, whole, align: 'left', box }];
  const left = columns.crossed + sizes.crossedWidth;
  const before = { x: left, width: columns.sequence - left, ...place };
  return [
    { role: 'sequence', text: `${sequence}`, align: 'right', box: before },
    { role: 'said', text, whole, align: 'left', box, ...(behind !== undefined && { aside: behind }) },
  ];
}
