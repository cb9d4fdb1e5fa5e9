import { graphemes } from './graphemes.js';

/**
 * Advance widths of U+0020 to U+007E in thousandths of an em, rounded up: those of DejaVu Sans 2.37 (its table hmtx),
 * which of the fonts that stand for "sans-serif" is among the widest; Arial, Helvetica and Liberation Sans need less.
 */
const regular = widths(
  '318 401 460 838 637 951 780 275 391 391 500 838 318 361 318 337 637 637 637 637 637 637 637 637 637 637 337 ' +
    '337 838 838 838 531 1000 685 687 699 771 632 576 775 752 295 295 656 558 863 749 788 604 788 695 635 611 732 ' +
    '685 989 686 611 686 391 337 391 838 500 500 613 635 550 635 616 353 635 634 278 278 580 278 975 634 612 635 ' +
    '635 412 521 393 634 592 818 592 592 525 637 337 637 838',
);
const bold = widths(
  '349 457 521 838 696 1002 873 307 458 458 523 838 380 416 380 366 696 696 696 696 696 696 696 696 696 696 400 ' +
    '400 838 838 838 581 1000 774 763 734 831 684 684 821 837 373 373 775 638 996 837 851 733 851 771 721 683 813 ' +
    '774 1104 771 725 726 458 366 458 838 500 500 675 716 593 716 679 436 716 712 343 343 666 343 1042 712 688 ' +
    '716 716 494 596 479 712 652 924 646 652 583 712 366 712 838',
);

/** Of letters beyond ASCII in scripts about as wide as Latin, of signs as wide as high, of signs that are words. */
const alphabeticEm = 1.1;
const squareEm = 1.4;
const wordEm = 11;

const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const alphabetic = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}\p{P}]$/u;
/** Ligatures of a sentence (U+FDFA and its neighbours), cuneiform and the like. */
const word = /^[\u{fdf0}-\u{fdff}\p{Script=Cuneiform}\p{Script=Javanese}]$/u;

/** What kerning that sets letters further apart, and fonts a little wider than the one reckoned with, may take more. */
const margin = 1.02;

/** How wide `text` is in a sans-serif font of `size` pixels, in pixels, at most: estimated, without a font at hand. */
export function textWidth(text: string, size: number, isBold = false): number {
  let em = 0;
  for (const character of text) em += emOf(character, isBold ? bold : regular);
  return em * size * margin;
}

/** `text`, or as much of it as `width` pixels hold, with an ellipsis behind it; cut between graphemes. */
export function fitted(text: string, width: number, size: number, isBold = false): string {
  if (textWidth(text, size, isBold) <= width) return text;
  let kept = '';
  let room = width - textWidth('…', size, isBold);
  for (const grapheme of graphemes(text)) {
    room -= textWidth(grapheme, size, isBold);
    if (room < 0) break;
    kept += grapheme;
  }
  return `${kept.trimEnd()}…`;
}

/** Like `fitted`, but cut in the middle: names often differ at their ends. */
export function fittedName(name: string, width: number, size: number, isBold = false): string {
  if (textWidth(name, size, isBold) <= width) return name;
  const parts = graphemes(name);
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

function widths(thousandths: string): number[] {
  return thousandths.split(' ').map((width) => Number(width) / 1000);
}
