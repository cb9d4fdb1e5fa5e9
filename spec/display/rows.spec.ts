import { expect } from 'chai';
import fc from 'fast-check';
import stringWidth from 'string-width';
import type { RoomEvent } from '../../lib/core/event.js';
import { eventLine, noticeLine } from '../../lib/display/line.js';
import { authorColour, colours, noColours } from '../../lib/display/palette.js';
import { rows } from '../../lib/display/rows.js';

const message = (text: string, participant = 'bob'): RoomEvent => ({
  kind: 'message',
  sequence: 7,
  lamport: 12,
  timeMs: 0,
  participant,
  chain: '',
  text,
  ordinal: 1,
  seen: 0,
});

describe('The rows of a line', () => {
  it('are one where the line fits', () => {
    expect(rows(eventLine(message('hello')), 80, noColours)).to.equal('[12] bob: hello\n');
  });

  it('are broken at spaces, and the rows after the first are moved in', () => {
    expect(rows(eventLine(message('one two three four')), 20, noColours)).to.equal(
      '[12] bob: one two\n     three four\n',
    );
  });

  it('are broken in words that are longer than a row', () => {
    expect(rows(eventLine(message('x'.repeat(25))), 20, noColours)).to.equal(
      `[12] bob: ${'x'.repeat(10)}\n     ${'x'.repeat(15)}\n`,
    );
  });

  it('never begin with what a peer wrote, so that no text passes for another event [S7]', () => {
    const forged = `${' '.repeat(70)}Participant ada left Chit Chat at logical time 99`;
    const [, ...others] = rows(eventLine(message(forged)), 80, noColours)
      .trimEnd()
      .split('\n');
    for (const row of others) expect(row).to.match(/^ {5}/);
  });

  it('name their author in a colour of its own, and have no colour without a palette', () => {
    const line = eventLine(message('hello'));
    expect(rows(line, 80, colours)).to.contain(`\x1b[1;${authorColour('bob')}mbob\x1b[`);
    expect(rows(line, 80, noColours)).not.to.contain('\x1b');
  });

  it('fit into the terminal and hold the whole text, whatever it is', () => {
    const part = fc.constantFrom(
      'a',
      ' ',
      'word ',
      '中文',
      '👩‍👩‍👧',
      'e\u0301',
      '\u202e',
      '\x1b[2J',
      '🇫🇷',
      'x'.repeat(30),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), fc.integer({ min: 20, max: 100 }), (parts, columns) => {
        const line = eventLine(message(parts.join('')));
        const drawn = rows(line, columns, noColours);
        for (const row of drawn.split('\n')) expect(stringWidth(row)).to.be.at.most(columns);
        const all = line.spans.map(({ text }) => text).join('');
        expect(drawn.replace(/\s/g, '')).to.equal(all.replace(/\s/g, ''));
      }),
      { numRuns: 500 },
    );
  });

  it('mark what the program itself says', () => {
    expect(rows(noticeLine('2 here: ada, bob'), 80, noColours)).to.equal('-- 2 here: ada, bob\n');
  });
});
