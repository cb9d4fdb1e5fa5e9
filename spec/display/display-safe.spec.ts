import { expect } from 'chai';
import fc from 'fast-check';
import { displaySafe } from '../../lib/display/display-safe.js';

describe('displaySafe', () => {
  const hostile: readonly (readonly [what: string, text: string, shown: string])[] = [
    ['an escape sequence', 'a\x1b[31mb', 'a\\u{1b}[31mb'],
    ['a cursor movement by a C1 control', 'a\x9b2Jb', 'a\\u{9b}2Jb'],
    ['a carriage return and a line feed', 'a\r\nb', 'a\\u{d}\\u{a}b'],
    ['a backspace, a bell and DEL', 'a\b\x07\x7f', 'a\\u{8}\\u{7}\\u{7f}'],
    ['a bidi override', 'abc\u202edef\u202c', 'abc\\u{202e}def\\u{202c}'],
    ['a bidi isolate and marks', '\u2066a\u2069\u200e\u200f\u061c', '\\u{2066}a\\u{2069}\\u{200e}\\u{200f}\\u{61c}'],
    ['separators of lines and paragraphs', 'a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
    ['zero-width characters', 'a\u200bb\u2060c\ufeffd\u00ade', 'a\\u{200b}b\\u{2060}c\\u{feff}d\\u{ad}e'],
    ['a joiner that joins nothing', 'a\u200db', 'a\\u{200d}b'],
    ['a variation selector after a letter', 'a\ufe0f', 'a\\u{fe0f}'],
    ['fillers', 'a\u3164\u115f\u034f', 'a\\u{3164}\\u{115f}\\u{34f}'],
    ['tag characters without a flag', 'a\u{e0041}', 'a\\u{e0041}'],
    ['private use and unassigned', '\ue000\u{10ffff}\u0378', '\\u{e000}\\u{10ffff}\\u{378}'],
    ['half a surrogate pair', 'a\ud83db', 'a\\u{d83d}b'],
    ['a mark that has nothing to be drawn on', '\u0301a', '\\u{301}a'],
  ];
  for (const [what, text, shown] of hostile) {
    it(`writes out ${what} [S7]`, () => {
      expect(displaySafe(text)).to.equal(shown);
    });
  }

  const harmless: readonly (readonly [what: string, text: string])[] = [
    ['ASCII', 'Hello, world! \\ ~'],
    ['letters with marks', 'e\u0301 ñ Việt'],
    ['scripts of the world', '李雷 と 한국어 ελληνικά русский עברית हिन्दी ไทย'],
    ['an emoji with a skin tone', '👍🏽'],
    ['a family', '👩‍👩‍👧'],
    ['a family without selectors', '👩‍❤‍👨'],
    ['flags', '🇫🇷🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
    ['a keycap and a heart', '1️⃣❤️❤︎'],
    ['the joiners of Persian and Sinhala spelling', 'می‌خواهم ක්‍ෂ'],
    ['spaces of other widths', 'a\u00a0b\u3000c'],
  ];
  for (const [what, text] of harmless) {
    it(`leaves ${what} as they are`, () => {
      expect(displaySafe(text)).to.equal(text);
    });
  }

  it('shows a tab as spaces', () => {
    expect(displaySafe('a\tb')).to.equal('a    b');
  });

  it('draws a few marks on a letter and writes the others out, so that none climbs into other lines', () => {
    const shown = displaySafe(`a${'\u0301'.repeat(20)}`);
    expect(shown.match(/\u0301/g)).to.have.length(8);
    expect(shown).to.contain('\\u{301}');
  });

  it('lets nothing through that draws nothing or moves what is drawn, whatever the text [S7]', () => {
    const never = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/u;
    const unit = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 1 }),
      fc.constantFrom('\u200d', '\u200c', '\ufe0f', '👩', '❤', '\u0301', '\u202e', '\x1b[2J', '\n', '\u{e0067}', '🏴'),
    );
    fc.assert(
      fc.property(fc.array(unit), (parts) => {
        expect(displaySafe(parts.join(''))).not.to.match(never);
      }),
      { numRuns: 2000 },
    );
  });
});
