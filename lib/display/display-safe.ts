import { graphemes } from './graphemes.js';

/**
 * What draws nothing, or changes how something else is drawn: controls, format characters (bidi controls among them),
 * separators of lines, surrogates without a partner, private use, unassigned, and all that is ignorable by default.
 */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const mark = /\p{M}/u;

/** Combining marks drawn on one character; more of them would climb into other lines. */
const marksPerGraphemeMax = 8;

/** Node 20 knows the flag, the compiler's target does not. */
const unicodeSets: string = 'v';
const emoji = new RegExp('^\\p{RGI_Emoji}$', unicodeSets);
/** Emoji sequences that the list of recommended ones lacks, such as those without variation selectors. */
const emojiSequence =
  /^\p{Extended_Pictographic}[\u{1f3fb}-\u{1f3ff}]?\ufe0f?(?:\u200d\p{Extended_Pictographic}[\u{1f3fb}-\u{1f3ff}]?\ufe0f?)*$/u;
const emojiPartsMax = 10;
/** A character that Unicode gives a text and an emoji form, with the selector of one. */
const presentation = /^\p{Emoji}[\ufe0e\ufe0f]\u20e3?$/u;
/** Scripts whose spelling needs the joiners (UAX 31, section 2.3). */
const joinerAfterLetter =
  /^[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{M}]$/u;

/**
 * `text` as a terminal may show it [S7]: nothing in the result moves the cursor, colours the screen, reorders or hides
 * anything, or starts a line. What would do so is written out as `\u{202e}`; a tab becomes four spaces. Emoji
 * sequences keep the joiners and selectors they are made of. Everything else stays as it is.
 */
export function displaySafe(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  let safe = '';
  for (const grapheme of graphemes(text)) safe += safeGrapheme(grapheme);
  return safe;
}

function safeGrapheme(grapheme: string): string {
  if (grapheme === '\t') return '    ';
  if (isEmoji(grapheme)) return grapheme;
  let safe = '';
  let marks = 0;
  let previous = '';
  for (const character of grapheme) {
    const draws = mark.test(character)
      ? // A mark with nothing before it would be drawn on what is not the peer's.
        previous !== '' && ++marks <= marksPerGraphemeMax && !hidden.test(character)
      : !hidden.test(character) || isSpelling(previous, character);
    safe += draws ? character : escaped(character);
    previous = character;
  }
  return safe;
}

function isEmoji(grapheme: string): boolean {
  // Code points reserved for pictographs of the future count as pictographs.
  if (/\p{Cn}/u.test(grapheme)) return false;
  if (emoji.test(grapheme) || presentation.test(grapheme)) return true;
  return emojiSequence.test(grapheme) && grapheme.split('\u200d').length <= emojiPartsMax;
}

function isSpelling(previous: string, character: string): boolean {
  return (character === '\u200c' || character === '\u200d') && joinerAfterLetter.test(previous);
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

/** Letters that are written from right to left (Unicode's blocks for such scripts). */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * A piece of text, kept from reordering what stands around it if it is written from right to left (U+2068 and U+2069,
 * Unicode Standard Annex 9). Other text stays as it is.
 */
export function isolated(text: string): string {
  return rightToLeft.test(text) ? `\u2068${text}\u2069` : text;
}
