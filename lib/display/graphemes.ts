import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The characters of `text` as people count them: a letter with its marks, an emoji sequence. */
export function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Where the grapheme that `index` lies in ends; `index` itself if it lies between two. */
export function boundaryFrom(text: string, index: number): number {
  if (index <= 0 || index >= text.length) return Math.max(0, Math.min(index, text.length));
  const at = segmenter.segment(text).containing(index);
  return at === undefined || at.index === index ? index : at.index + at.segment.length;
}

/** Where the grapheme that `index` lies in begins; `index` itself if it lies between two. */
export function boundaryTo(text: string, index: number): number {
  return segmenter.segment(text).containing(index)?.index ?? text.length;
}

/** Where the grapheme before `index` begins; 0 at the start. */
export function boundaryBefore(text: string, index: number): number {
  return index <= 0 ? 0 : (segmenter.segment(text).containing(index - 1)?.index ?? 0);
}

/** Where the grapheme at `index` ends; the text's end there. */
export function boundaryAfter(text: string, index: number): number {
  const at = segmenter.segment(text).containing(index);
  return at === undefined ? text.length : at.index + at.segment.length;
}

/** How many columns a terminal gives a grapheme. */
export type Columns = (grapheme: string) => number;

/** For terminals that draw an emoji sequence as one character. */
export const joinedColumns: Columns = (grapheme) => stringWidth(grapheme);

const summed =
  (columnsOf: (character: string) => number): Columns =>
  (grapheme) =>
    Array.from(grapheme).reduce((columns, character) => columns + columnsOf(character), 0);

/** For terminals that draw each code point of an emoji sequence beside the last. */
export const separateColumns = summed((character) => stringWidth(character));

/** For old terminals, which draw every emoji in one column. */
export const narrowColumns = summed((character) => (isPictograph(character) ? 1 : stringWidth(character)));

function isPictograph(character: string): boolean {
  return /[\p{Extended_Pictographic}\p{Emoji_Modifier}]/u.test(character);
}

/** The most that any terminal gives it: what fits by this count never runs over the edge. */
export const mostColumns: Columns = (grapheme) => Math.max(joinedColumns(grapheme), separateColumns(grapheme));

/** The most columns that any terminal gives to `text`, which is safe to show. */
export function columnsOf(text: string): number {
  return graphemes(text).reduce((total, grapheme) => total + mostColumns(grapheme), 0);
}

/** `text` as it is where it fits into `columns` columns, else as much of it as does, with `…` for the rest. */
export function fitting(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const grapheme of graphemes(text)) {
    used += mostColumns(grapheme);
    if (used > columns - 1) break;
    kept += grapheme;
  }
  return `${kept}…`;
}
