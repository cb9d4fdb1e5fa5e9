import { expect } from 'chai';
import { codePoints, textFault } from '../../lib/core/text.js';

const fault = (text: string) => textFault(text, 128);

describe('textFault', () => {
  for (const [what, character] of [
    ['letters', 'a'],
    ['emoji', '🎉'],
    ['three-byte characters', '漢'],
  ] as const) {
    it(`takes 128 ${what} and refuses the 129th [S3]`, () => {
      expect(fault(character.repeat(128))).to.equal(undefined);
      expect(fault(character.repeat(129))).to.equal('TEXT_TOO_LONG');
    });
  }

  it('counts code points as sent, without normalising: e and its accent are two [S3]', () => {
    expect(fault('e\u0301'.repeat(64))).to.equal(undefined);
    expect(fault(`${'e\u0301'.repeat(64)}x`)).to.equal('TEXT_TOO_LONG');
  });

  it('refuses every control character but tab [S3]', () => {
    const codes = [...Array(0x20).keys(), 0x7f, ...Array.from({ length: 0x20 }, (_, at) => 0x80 + at)];
    for (const code of codes) {
      const expected = code === 9 ? undefined : 'TEXT_INVALID';
      expect(fault(`a${String.fromCodePoint(code)}b`), `U+${code.toString(16)}`).to.equal(expected);
    }
  });

  it('refuses lone surrogates, either half', () => {
    expect(fault('a\ud83c')).to.equal('TEXT_INVALID');
    expect(fault('\udf89a')).to.equal('TEXT_INVALID');
  });

  it('refuses what is only white space, of any kind', () => {
    const blanks = [
      '',
      ' ',
      '\t',
      '   \t ',
      '\u00a0',
      '\u1680',
      '\u2000',
      '\u200a',
      '\u2028',
      '\u2029',
      '\u202f',
      '\u205f',
      '\u3000',
      '\ufeff',
    ];
    for (const text of blanks) expect(fault(text), JSON.stringify(text)).to.equal('TEXT_EMPTY');
  });

  it('takes text with spaces around it as it is', () => {
    expect(fault('  a  ')).to.equal(undefined);
  });
});

describe('codePoints', () => {
  it('counts a surrogate pair once', () => expect(codePoints('a🎉漢')).to.equal(3));

  it('stops one past enough', () => expect(codePoints('a'.repeat(1000), 10)).to.equal(11));
});
