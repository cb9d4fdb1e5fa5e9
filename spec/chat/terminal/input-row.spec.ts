import { expect } from 'chai';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { inputRow, prompt } from '../../../lib/chat/terminal/input-row.js';
import { edit, emptyEditor } from '../../../lib/chat/terminal/line-editor.js';
import { joinedColumns, separateColumns } from '../../../lib/display/graphemes.js';

const typed = (text: string) => edit(emptyEditor, { kind: 'insert', text });

describe('The input row', () => {
  it('shows a short text whole, the cursor behind it', () => {
    const row = inputRow(typed('hello'), 128, 40, joinedColumns);
    expect(row).to.deep.equal({ shown: 'hello', gap: '', counter: '', over: false, cursorColumn: 7 });
  });

  it('puts the cursor behind wide characters as the terminal draws them', () => {
    expect(inputRow(typed('中文👩‍👩‍👧'), 128, 40, joinedColumns).cursorColumn).to.equal(2 + 2 + 2 + 2);
    expect(inputRow(typed('中文👩‍👩‍👧'), 128, 40, separateColumns).cursorColumn).to.equal(2 + 2 + 2 + 6);
  });

  it('scrolls a text that is longer than the line, and marks that it goes on', () => {
    const text = 'abcdefghijklmnopqrstuvwxyz';
    const atEnd = inputRow(typed(text), 128, 20, joinedColumns);
    expect(atEnd.shown).to.match(/^….*z$/);
    const atStart = inputRow({ ...typed(text), cursor: 0 }, 128, 20, joinedColumns);
    expect(atStart.shown).to.match(/^a.*…$/);
    expect(atStart.cursorColumn).to.equal(prompt.length);
  });

  it('counts code points near the limit and over it [S3]', () => {
    expect(inputRow(typed('x'.repeat(108)), 128, 80, joinedColumns).counter).to.equal('');
    expect(inputRow(typed('👍'.repeat(128)), 128, 80, joinedColumns)).to.include({ counter: '128/128', over: false });
    expect(inputRow(typed('👍'.repeat(129)), 128, 80, joinedColumns)).to.include({ counter: '129/128', over: true });
  });

  it('shows what was pasted as safely as what was received', () => {
    expect(inputRow(typed('a\u202eb'), 128, 40, joinedColumns).shown).to.equal('a\\u{202e}b');
  });

  it('never runs over the edge, and the cursor is always in it, whatever the text and the width', () => {
    const part = fc.constantFrom('a', ' ', '中', '👩‍👩‍👧', 'e\u0301', '\u202e', '🇫🇷', 'word ');
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 120 }),
        fc.integer({ min: 30, max: 120 }),
        fc.nat(),
        (parts, columns, at) => {
          const whole = typed(parts.join(''));
          const cursor = parts.slice(0, at % (parts.length + 1)).join('').length;
          const row = inputRow({ ...whole, cursor }, 128, columns, joinedColumns);
          expect(stringWidth(prompt + row.shown + row.gap + row.counter)).to.be.lessThan(columns);
          expect(row.cursorColumn).to.be.within(prompt.length, columns - 1);
        },
      ),
      { numRuns: 500 },
    );
  });
});
