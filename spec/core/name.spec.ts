import { expect } from 'chai';
import { foldName, isName } from '../../lib/core/name.js';

const valid = (name: string) => isName(name, 32);

describe('isName', () => {
  for (const name of [
    'Ada',
    'a',
    '7',
    'Ada Lovelace',
    'x_y-z.1',
    'Ångström',
    'नीलम',
    '李雷',
    'Жанна',
    'a'.repeat(32),
  ]) {
    it(`takes ${name}`, () => expect(valid(name)).to.equal(true));
  }

  const refused = {
    'the empty name': '',
    'a space at the start': ' Ada',
    'a space at the end': 'Ada ',
    'two spaces together': 'Ada  Lovelace',
    'a no-break space': 'Ada\u00a0Lovelace',
    'a tab': 'Ada\tLovelace',
    'a line break': 'Ada\n',
    'an escape sequence': '\u001b[31mAda',
    'a right-to-left override': 'Ada\u202egnirts',
    'a bidi isolate': '\u2066Ada\u2069',
    'a zero-width space': 'Ada\u200b',
    'a zero-width joiner': 'A\u200dda',
    'a variation selector': 'Ada\ufe0f',
    'a combining grapheme joiner': 'A\u034fda',
    'a Hangul filler, which shows nothing': '\u3164',
    'an emoji': 'Ada🎉',
    'a combining mark first': '\u0301Ada',
    'a combining mark first in a word': 'Ada \u0301b',
    'a lone surrogate': 'Ada\ud800',
    'a decomposed letter, which is not NFC': 'A\u030angstro\u0308m',
    'a colon': 'a:b',
    'a slash': 'a/b',
    'the reserved name': 'server',
    'the reserved name in other case': 'SerVer',
    'the reserved name in full-width letters': 'ｓｅｒｖｅｒ',
    'the 33rd code point': 'a'.repeat(33),
  };
  for (const [what, name] of Object.entries(refused)) {
    it(`refuses ${what}`, () => expect(valid(name)).to.equal(false));
  }

  it('counts code points and not UTF-16 units', () => {
    expect(valid('𐐀'.repeat(32))).to.equal(true);
    expect(valid('𐐀'.repeat(33))).to.equal(false);
  });
});

describe('foldName', () => {
  const same = [
    ['Ada', 'ADA'],
    ['Straße', 'STRASSE'],
    ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
    ['ﬁne', 'FINE'],
    ['Ａｄａ', 'ada'],
    ['e\u0301', '\u00e9'],
  ] as const;
  for (const [one, other] of same) {
    it(`makes ${one} and ${other} the same name`, () => expect(foldName(one)).to.equal(foldName(other)));
  }

  it('keeps different names apart', () => {
    expect(new Set(['ada', 'adb', 'a da', 'a.da', 'àda'].map(foldName)).size).to.equal(5);
  });
});
