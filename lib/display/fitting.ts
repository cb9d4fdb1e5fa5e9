import { graphemes, mostColumns } from './graphemes.js';

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
