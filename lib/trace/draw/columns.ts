import { fittedName, textWidth } from '../../display/text-width.js';
import { asideOf, type Caption, type RunFacts } from './captions.js';

/** Where the lifelines and what stands beside them are, from left to right. */
export type Columns = ReturnType<typeof columnsOf>;

const namePadding = 6;

/**
 * Times at the left, then the clients, then the rooms, and beside them what they stamped: so what is published goes to
 * the right, what is delivered to the left, and no arrow comes near a text. `latest` is the latest logical time.
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
    /** Of captions: where the crossing sign is, where the sequence ends, where the text begins, and its width. */
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

/** Sizes that all pages have, in pixels. */
export const sizes = {
  margin: 16,
  title: 16,
  titleHeight: 30,
  name: 12,
  nameHeight: 24,
  /** Between the names and the first logical time. */
  headGap: 16,
  text: 12,
  textHeight: 15,
  time: 10,
  /** The least width of the logical times, and from them to the plot. */
  gutterMin: 32,
  gutterGap: 8,
  /** A title and the longest line of the legend have room. */
  pageWidthMin: 540,
  /** From the last room's lifeline to what is said beside it. */
  ledgerGap: 14,
  ledgerMin: 120,
  /** Between what is said and what is said behind it. */
  asideGap: 8,
  crossedWidth: 18,
  sequenceGap: 8,
  /** Additional height where logical times are left out. */
  skip: 8,
  legendGap: 14,
  legendRow: 20,
  legendSample: 44,
} as const;

/** How wide things may be drawn, by how many there are. */
export interface Measures {
  /** The least height between two marks on a lifeline. */
  readonly pitch: number;
  /** Between lifelines; more where names need it, up to `columnMax`. */
  readonly column: number;
  readonly columnMax: number;
  /** For what is said. */
  readonly ledger: number;
}

/** Generous while the picture is small. */
export function measuresFor(lifelines: number, moments: number): Measures {
  const pitch = moments <= 60 ? 26 : moments <= 400 ? 20 : 17;
  if (lifelines <= 5) return { pitch, column: 120, columnMax: 160, ledger: 360 };
  if (lifelines <= 8) return { pitch, column: 92, columnMax: 130, ledger: 340 };
  return { pitch, column: 68, columnMax: 110, ledger: 320 };
}
