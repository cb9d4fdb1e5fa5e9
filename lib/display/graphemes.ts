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

/** For terminals that draw each code point of an emoji sequence beside the last. */
export const separateColumns: Columns = (grapheme) => {
  let columns = 0;
  for (const character of grapheme) columns += stringWidth(character);
  return columns;
};

/** For old terminals, which draw every emoji in one column. */
export const narrowColumns: Columns = (grapheme) => {
  let columns = 0;
  for (const character of grapheme) columns += isPictograph(character) ? 1 : stringWidth(character);
  return columns;
};

function isPictograph(character: string): boolean {
  return /[\p{Extended_Pictographic}\p{Emoji_Modifier}]/u.test(character);
}

/** The most that any terminal gives it: what fits by this count never runs over the edge. */
export const mostColumns: Columns = (grapheme) => Math.max(joinedColumns(grapheme), separateColumns(grapheme));
