import { fittedName, textWidth } from '../../display/text-width.js';
import { asideOf, type Caption } from './captions.js';
import { type Measures, sizes } from './measures.js';
import type { RunFacts } from './run-facts.js';

/** Where the lifelines and what stands beside them are, from left to right. */
export type Columns = ReturnType<typeof columnsOf>;

const namePadding = 6;

/**
 * Times at the left, then the clients, then the rooms, and at once beside them what they stamped: so what is published goes to the
 * right, what is delivered goes to the left, and no arrow comes near a text. `latest` is the latest logical time.
 */
export function columnsOf(
  facts: RunFacts,
  shown: readonly number[],
  measures: Measures,
  { captions, latest }: { readonly captions: readonly Caption[]; readonly latest: number },
) {
  const wholes = shown.map((index) => facts.name(index));
  const widths = wholes.map((name) => textWidth(name, sizes.name, true) + 2 * namePadding);
  const column = Math.ceil(Math.min(measures.columnMax, Math.max(measures.column, Math.max(0, ...widths) + 8)));
  const nameWidth = column - 8;
  const times = Math.max(sizes.gutterMin, Math.ceil(textWidth(`${latest}`, sizes.time)));
  const left = sizes.margin + times + sizes.gutterGap;
  const x = new Map(shown.map((index, at) => [index, left + (at + 0.5) * column]));
  const right = left + (shown.length - 0.5) * column + sizes.ledgerGap / 2;
  const newest = captions.reduce((most, { sequence = 0 }) => Math.max(most, sequence), 0);
  const crossed = right + sizes.ledgerGap / 2;
  const sequence = crossed + sizes.crossedWidth + Math.ceil(textWidth(`${newest}`, sizes.text, true));
  const saidWidth = Math.min(measures.ledger, Math.max(sizes.ledgerMin, ...captions.map(widthOf)));
  const said = sequence + sizes.sequenceGap;
  const cut = (whole: string) => fittedName(whole, nameWidth - 2 * namePadding, sizes.name, true);
  const names = new Map(shown.map((index, at) => [index, { whole: wholes[at] ?? '', text: cut(wholes[at] ?? '') }]));
  const width = Math.max(sizes.pageWidthMin, said + saidWidth + sizes.margin);
  return {
    /** By a lifeline's index in the space-time, where it is and what it is called: cut if need be. */
    ...{ x, names, nameWidth },
    /** The plot's edges: all arrows are between them. */
    ...{ left, right },
    /** Of captions: the sign of crossing at `crossed`, the sequence up to `sequence`, the text from `said` on, `saidWidth` wide. */
    ...{ crossed, sequence, said, saidWidth },
    width,
  };
}

/** Of a line in the ledger, as far as it is not cut. */
function widthOf(caption: Caption): number {
  const aside = asideOf(caption);
  const behind = aside === undefined ? 0 : sizes.asideGap + textWidth(aside, sizes.text);
  return Math.ceil(textWidth(caption.text, sizes.text) + behind);
}
