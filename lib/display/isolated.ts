/** Letters that are written from right to left (Unicode's blocks for such scripts). */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * A piece of text, kept from reordering what stands around it if it is written from right to left (U+2068 and U+2069, Unicode
 * Standard Annex 9). Other text stays as it is.
 */
export function isolated(text: string): string {
  return rightToLeft.test(text) ? `\u2068${text}\u2069` : text;
}
