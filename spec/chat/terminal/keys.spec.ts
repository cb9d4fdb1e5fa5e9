import { once } from 'node:events';
import { emitKeypressEvents, type Key } from 'node:readline';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { chatLimits } from '../../../lib/chat/limits.js';
import { type KeyAction, KeyReader } from '../../../lib/chat/terminal/keys.js';

/** What the bytes of a terminal mean. */
async function actionsOf(...chunks: string[]): Promise<KeyAction[]> {
  const input = new PassThrough();
  const reader = new KeyReader();
  const actions: KeyAction[] = [];
  emitKeypressEvents(input);
  input.on('keypress', (character: string | undefined, key: Key) => {
    const action = reader.read(character, key);
    if (action) actions.push(action);
  });
  for (const chunk of chunks) {
    input.write(chunk);
    await new Promise(setImmediate);
  }
  input.end();
  await once(input, 'end');
  return actions;
}

const insert = (text: string): KeyAction => ({ kind: 'edit', edit: { kind: 'insert', text } });
const edits = async (bytes: string) =>
  (await actionsOf(bytes)).map((action) => (action.kind === 'edit' ? action.edit.kind : action.kind));

describe('Keys', () => {
  it('insert what they print, many in one chunk as one after the other', async () => {
    expect(await actionsOf('aé中')).to.deep.equal([insert('a'), insert('é'), insert('中')]);
  });

  it('move and delete, in the sequences of different terminals', async () => {
    expect(await edits('\x1b[D\x1bOC\x1b[H\x1b[F\x1bOH\x1b[4~\x7f\b\x1b[3~')).to.deep.equal([
      'left',
      'right',
      'home',
      'end',
      'home',
      'end',
      'backspace',
      'backspace',
      'delete',
    ]);
    expect(await edits('\x01\x05\x15\x0b\x17\x1bb\x1bf\x1b[1;5D\x1b[1;3C')).to.deep.equal([
      'home',
      'end',
      'delete-to-start',
      'delete-to-end',
      'delete-word',
      'word-left',
      'word-right',
      'word-left',
      'word-right',
    ]);
    expect(await edits('\x1b[A\x1b[B\x10\x0e')).to.deep.equal(['previous', 'next', 'previous', 'next']);
  });

  it('submit, interrupt and end', async () => {
    expect(await edits('\r\x03\x04')).to.deep.equal(['submit', 'interrupt', 'end-of-input']);
  });

  it('are told from NUL, which Ctrl-Space sends', async () => {
    expect(await actionsOf('\0')).to.deep.equal([{ kind: 'null' }]);
  });

  it('that mean nothing here do nothing', async () => {
    expect(await actionsOf('\x1b[15~\x1b[5~\x1b[2~\x1b[200;1H\x1bx')).to.deep.equal([]);
  });

  it('of a paste are one insertion, line ends and escape sequences included', async () => {
    expect(await actionsOf('\x1b[200~one\rtw', 'o\r\n\x1b[A!\x1b[201~x')).to.deep.equal([
      insert('one\rtwo\r\n!'),
      insert('x'),
    ]);
  });

  it('of an endless paste are no more than the input line takes', async () => {
    const [action] = await actionsOf(`\x1b[200~${'x'.repeat(100_000)}\x1b[201~`);
    const text = action?.kind === 'edit' && action.edit.kind === 'insert' ? action.edit.text : '';
    expect(text).to.have.length(2 * chatLimits.inputCodePointsMax);
  });

  it('are told from the answer to where the cursor is', async () => {
    expect(await actionsOf('\x1b[12;7R')).to.deep.equal([{ kind: 'cursor-at', column: 7 }]);
  });
});
