import { expect } from 'chai';
import fc from 'fast-check';
import { fitted, fittedName, textWidth } from '../../lib/display/text-width.js';

const anyText = fc.string({ unit: 'grapheme', maxLength: 128 });

describe('fitted', () => {
  it('never gives more than fits, and says by an ellipsis that it cut', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 30, max: 500 }), fc.boolean(), (text, width, bold) => {
        for (const cut of [fitted(text, width, 12, bold), fittedName(text, width, 12, bold)]) {
          expect(textWidth(cut, 12, bold)).to.be.at.most(width);
          if (cut !== text) expect(cut).to.include('…');
        }
      }),
    );
  });

  it('leaves what fits as it is', () => {
    expect(fitted('hello', 100, 12)).to.equal('hello');
    expect(fittedName('ada', 100, 12)).to.equal('ada');
  });

  it('cuts between graphemes, never within one', () => {
    const family = '👨‍👩‍👧‍👦';
    expect(fitted(family.repeat(5), textWidth(`${family}…`, 12) + 1, 12)).to.equal(`${family}…`);
  });

  it('keeps both ends of a name, since many differ at their ends', () => {
    expect(fittedName('participant-number-07', 100, 12)).to.match(/^partic?.*….*07$/);
  });

  it('counts wide characters double and combining marks not at all', () => {
    expect(textWidth('今', 12)).to.be.above(2 * textWidth('a', 12));
    expect(textWidth('e\u0301', 12)).to.equal(textWidth('e', 12));
  });
});
