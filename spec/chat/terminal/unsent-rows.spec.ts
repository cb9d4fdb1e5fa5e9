import { expect } from 'chai';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { chatLimits } from '../../../lib/chat/limits.js';
import { unsentRows } from '../../../lib/chat/terminal/unsent.js';

const terminal = { columns: 40, rows: 24 };

describe('The rows of what is not sent yet', () => {
  it('are none where all is sent', () => {
    expect(unsentRows([], terminal)).to.deep.equal([]);
  });

  it('are one for each message, in order, cut to the width of the terminal', () => {
    expect(unsentRows(['hello', 'x'.repeat(100)], terminal)).to.deep.equal([
      '… not sent yet: hello',
      `… not sent yet: ${'x'.repeat(23)}…`,
    ]);
  });

  it('are for the first messages only, and tell how many more there are [P12]', () => {
    const texts = Array.from({ length: chatLimits.unsentRowsMax + 12 }, (_, index) => `message ${index}`);
    const shown = unsentRows(texts, terminal);
    expect(shown).to.have.length(chatLimits.unsentRowsMax + 1);
    expect(shown.at(-1)).to.equal('… and 12 more not sent yet');
  });

  it('leave a low terminal to the conversation', () => {
    expect(unsentRows(['one', 'two', 'three'], { columns: 40, rows: 8 })).to.have.length(3);
    expect(unsentRows(['one', 'two', 'three'], { columns: 40, rows: 6 })).to.deep.equal(['… 3 not sent yet']);
  });

  it('never do anything to the screen, and never run over its edge [S7]', () => {
    const part = fc.constantFrom('a', ' ', '中', '👩‍👩‍👧', 'e\u0301', '\u202e', '\x1b[2J', '\n', 'x'.repeat(30));
    fc.assert(
      fc.property(fc.array(part), fc.integer({ min: 20, max: 100 }), (parts, columns) => {
        const [row = ''] = unsentRows([parts.join('')], { columns, rows: 24 });
        expect(stringWidth(row)).to.be.at.most(columns);
        expect(row).not.to.match(/[\p{Cc}\u202e]/u);
      }),
    );
  });
});
