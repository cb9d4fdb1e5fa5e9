import { expect } from 'chai';
import fc from 'fast-check';
import { chatLimits } from '../../../lib/chat/limits.js';
import { type Edit, type EditKey, type Editor, edit, emptyEditor } from '../../../lib/chat/terminal/line-editor.js';
import { graphemes } from '../../../lib/display/graphemes.js';

const typed = (text: string, editor: Editor = emptyEditor) => edit(editor, { kind: 'insert', text });
const keys = (editor: Editor, ...pressed: EditKey[]) => pressed.reduce((now, kind) => edit(now, { kind }), editor);
/** The text with a bar where the cursor is. */
const drawn = ({ text, cursor }: Editor) => `${text.slice(0, cursor)}|${text.slice(cursor)}`;

describe('The line editor', () => {
  it('inserts where the cursor is', () => {
    expect(drawn(typed('X', keys(typed('abc'), 'left')))).to.equal('abX|c');
  });

  it('moves over and deletes whole characters, whatever they are made of', () => {
    const editor = typed('a👩‍👩‍👧e\u0301🇫🇷中');
    expect(drawn(keys(editor, 'left'))).to.equal('a👩‍👩‍👧e\u0301🇫🇷|中');
    expect(drawn(keys(editor, 'left', 'left', 'left'))).to.equal('a👩‍👩‍👧|e\u0301🇫🇷中');
    expect(drawn(keys(editor, 'backspace', 'backspace', 'backspace'))).to.equal('a👩‍👩‍👧|');
    expect(drawn(keys(editor, 'home', 'right', 'delete'))).to.equal('a|e\u0301🇫🇷中');
  });

  it('takes an emoji sequence that arrives code point by code point', () => {
    const editor = [...'👩‍👩‍👧'].reduce((now, codePoint) => typed(codePoint, now), keys(typed('ab'), 'left'));
    expect(drawn(editor)).to.equal('a👩‍👩‍👧|b');
  });

  it('knows the ends of the line and of words', () => {
    const editor = typed('one two  three');
    expect(drawn(keys(editor, 'home'))).to.equal('|one two  three');
    expect(drawn(keys(editor, 'home', 'end'))).to.equal('one two  three|');
    expect(drawn(keys(editor, 'word-left', 'word-left'))).to.equal('one |two  three');
    expect(drawn(keys(editor, 'home', 'word-right', 'word-right'))).to.equal('one two|  three');
  });

  it('deletes a word, all before the cursor, all after it', () => {
    const editor = keys(typed('one two three'), 'word-left');
    expect(drawn(keys(editor, 'delete-word'))).to.equal('one |three');
    expect(drawn(keys(editor, 'delete-to-start'))).to.equal('|three');
    expect(drawn(keys(editor, 'delete-to-end'))).to.equal('one two |');
  });

  it('stays where it is at the ends', () => {
    expect(drawn(keys(typed('a'), 'right', 'delete', 'next'))).to.equal('a|');
    expect(drawn(keys(typed('a'), 'home', 'left', 'backspace', 'previous'))).to.equal('|a');
  });

  it('goes through earlier inputs and comes back to what was being written', () => {
    const editor = typed('draft', keys(typed('two', keys(typed('one'), 'submit')), 'submit'));
    expect(drawn(keys(editor, 'previous'))).to.equal('two|');
    expect(drawn(keys(editor, 'previous', 'previous', 'previous'))).to.equal('one|');
    expect(drawn(keys(editor, 'previous', 'previous', 'next', 'next'))).to.equal('draft|');
  });

  it('notes the same input once and no more inputs than it may', () => {
    let editor = emptyEditor;
    for (let index = 0; index < chatLimits.inputHistoryMax + 5; index++) {
      editor = keys(typed(`${index}`, editor), 'submit');
      editor = keys(typed(`${index}`, editor), 'submit');
    }
    expect(editor.history).to.have.length(chatLimits.inputHistoryMax);
    expect(editor.history.at(-1)).to.equal(`${chatLimits.inputHistoryMax + 4}`);
  });

  it('makes line ends and tabs spaces, and takes no other control characters', () => {
    expect(typed('a\r\nb\nc\td\x1b\x00e\u2028f').text).to.equal('a b c de f');
  });

  it('holds no more than its limit', () => {
    const editor = typed('👍'.repeat(chatLimits.inputCodePointsMax + 10));
    expect([...editor.text]).to.have.length(chatLimits.inputCodePointsMax);
    expect(typed('x', editor).text).to.equal(editor.text);
  });

  it('never has its cursor inside a character, whatever is typed', () => {
    const change: fc.Arbitrary<Edit> = fc.oneof(
      fc.record({
        kind: fc.constant('insert' as const),
        text: fc.constantFrom('a', ' ', '\u0301', '👩', '\u200d', '🇫', '\ufe0f', 'क', '्', 'ष', '中'),
      }),
      fc.record({
        kind: fc.constantFrom<EditKey>(
          'left',
          'right',
          'backspace',
          'delete',
          'home',
          'end',
          'word-left',
          'delete-word',
        ),
      }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const { text, cursor } = changes.reduce(edit, emptyEditor);
        let boundary = 0;
        const boundaries = [0, ...graphemes(text).map((grapheme) => (boundary += grapheme.length))];
        expect(boundaries).to.include(cursor);
      }),
      { numRuns: 1000 },
    );
  });
});
