/**
 * Advance widths of U+0020 to U+007E in hundredths of an em: those of DejaVu Sans, which of the fonts that stand for
 * "sans-serif" is among the widest; Arial, Helvetica and Liberation Sans need less.
 */
const regular = widths(
  '32 40 46 84 64 95 78 27 39 39 50 84 32 36 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 53 100 68 69 70 77 63 58 77 75 29 ' +
    '29 66 56 86 75 79 60 79 69 63 61 73 68 99 69 61 69 39 34 39 84 50 50 61 63 55 63 62 35 63 63 28 28 58 28 97 63 61 63 63 41 52 ' +
    '39 63 59 82 59 59 52 64 34 64 84',
);
const bold = widths(
  '35 46 52 84 70 100 87 31 46 46 52 84 38 42 38 37 70 70 70 70 70 70 70 70 70 70 40 40 84 84 84 58 100 77 76 73 83 68 68 82 84 37 ' +
    '37 77 64 100 84 85 73 85 77 72 68 81 77 110 77 72 73 46 37 46 84 50 50 67 72 59 72 68 44 72 71 34 34 67 34 104 71 69 72 72 49 ' +
    '60 48 71 65 92 65 65 58 71 37 71 84',
);

/** Of letters beyond ASCII in scripts of about Latin's width, of what is as wide as high, and of single signs that are words. */
const alphabeticEm = 1.1;
const squareEm = 1.4;
const wordEm = 11;

const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const alphabetic = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}\p{P}]$/u;
/** Ligatures of a sentence (U+FDFA and its neighbours), cuneiform and the like. */
const word = /^[\u{fdf0}-\u{fdff}\p{Script=Cuneiform}\p{Script=Javanese}]$/u;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** How wide `text` is drawn in a sans-serif font of `size` pixels, in pixels, at most: estimated, since no font is at hand here. */
export function textWidth(text: string, size: number, isBold = false): number {
  let em = 0;
  for (const character of text) em += emOf(character, isBold ? bold : regular);
  return em * size;
}

/** `text`, or as much of it as `width` pixels hold, with an ellipsis behind it; cut between graphemes. */
export function fitted(text: string, width: number, size: number, isBold = false): string {
  if (textWidth(text, size, isBold) <= width) return text;
  let kept = '';
  let room = width - textWidth('…', size, isBold);
  for (const { segment } of segmenter.segment(text)) {
    room -= textWidth(segment, size, isBold);
    if (room < 0) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** Like `fitted`, but cut in the middle: names often differ at their ends. */
export function fittedName(name: string, width: number, size: number, isBold = false): string {
  if (textWidth(name, size, isBold) <= width) return name;
  const parts = Array.from(segmenter.segment(name), ({ segment }) => segment);
  for (let kept = parts.length - 1; kept > 0; kept -= 1) {
    const cut = `${parts.slice(0, Math.ceil(kept / 2)).join('')}…${parts.slice(parts.length - Math.floor(kept / 2)).join('')}`;
    if (textWidth(cut, size, isBold) <= width) return cut;
  }
  return '…';
}

function emOf(character: string, table: readonly number[]): number {
  const known = table[(character.codePointAt(0) ?? 0) - 0x20];
  if (known !== undefined) return known;
  if (zeroWidth.test(character)) return 0;
  if (word.test(character)) return wordEm;
  return alphabetic.test(character) ? alphabeticEm : squareEm;
}

function widths(hundredths: string): number[] {
  return hundredths.split(' ').map((width) => Number(width) / 100);
}
