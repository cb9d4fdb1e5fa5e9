import { emitKeypressEvents, type Key } from 'node:readline';
import { type Columns, joinedColumns, narrowColumns, separateColumns } from '../../display/graphemes.js';
import { chatLimits } from '../limits.js';
import type { Edit, EditKey } from './line-editor.js';

/** What a key or a paste means. */
export type KeyAction =
  | { readonly kind: 'edit'; readonly edit: Edit }
  /** Enter: the input is complete. */
  | { readonly kind: 'submit' }
  /** Ctrl-C. */
  | { readonly kind: 'interrupt' }
  /** Ctrl-D: deletes, or ends on an empty line. */
  | { readonly kind: 'end-of-input' }
  /** NUL: Ctrl-Space, or what a terminal that is not in raw mode makes of Ctrl-D. */
  | { readonly kind: 'null' }
  /** The terminal's answer to where its cursor is, from 1. */
  | { readonly kind: 'cursor-at'; readonly column: number };

const plainKeys: Readonly<Record<string, EditKey>> = {
  left: 'left',
  right: 'right',
  up: 'previous',
  down: 'next',
  home: 'home',
  end: 'end',
  backspace: 'backspace',
  delete: 'delete',
};

const ctrlKeys: Readonly<Record<string, EditKey>> = {
  a: 'home',
  e: 'end',
  b: 'left',
  f: 'right',
  p: 'previous',
  n: 'next',
  h: 'backspace',
  k: 'delete-to-end',
  u: 'delete-to-start',
  w: 'delete-word',
  left: 'word-left',
  right: 'word-right',
};

const metaKeys: Readonly<Record<string, EditKey>> = {
  b: 'word-left',
  f: 'word-right',
  left: 'word-left',
  right: 'word-right',
  backspace: 'delete-word',
};

/** Turns the terminal's bytes into actions. A bracketed paste is one insertion. */
export class KeyReader {
  #pasted: string | undefined;

  /** One event of node:readline's keypress stream; undefined where it means nothing here. */
  read(character: string | undefined, key: Key): KeyAction | undefined {
    if (key.name === 'paste-start') {
      this.#pasted = '';
      return undefined;
    }
    if (this.#pasted !== undefined) return this.#paste(this.#pasted, character, key);
    return keyAction(character, key);
  }

  #paste(pasted: string, character: string | undefined, key: Key): KeyAction | undefined {
    if (key.name === 'paste-end') {
      this.#pasted = undefined;
      return insert(pasted);
    }
    // UTF-16 units: at least as many as the code points that the input line will take.
    if (pasted.length < chatLimits.inputCodePointsMax * 2) this.#pasted = pasted + (character ?? '');
    return undefined;
  }
}

function keyAction(character: string | undefined, key: Key): KeyAction | undefined {
  const name = key.name ?? '';
  if (name === 'return' || name === 'enter') return { kind: 'submit' };
  if (key.ctrl && name === 'c') return { kind: 'interrupt' };
  if (key.ctrl && name === 'd') return { kind: 'end-of-input' };
  if (key.sequence === '\0') return { kind: 'null' };
  const column = /\[\d+;(\d+)R$/.exec(key.sequence ?? '')?.[1];
  if (column !== undefined) return { kind: 'cursor-at', column: Number(column) };
  const edit = (key.ctrl ? ctrlKeys : key.meta ? metaKeys : plainKeys)[name];
  if (edit) return { kind: 'edit', edit: { kind: edit } };
  if (key.ctrl || key.meta || character === undefined) return undefined;
  return insert(character);
}

function insert(text: string): KeyAction {
  return { kind: 'edit', edit: { kind: 'insert', text } };
}

const pasteBrackets = { on: '\x1b[?2004h', off: '\x1b[?2004l' };

/** Puts the terminal into raw mode and reports what is typed, until the returned function is called. */
export function readKeys(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  act: (action: KeyAction) => void,
): () => void {
  const reader = new KeyReader();
  const press = (character: string | undefined, key: Key) => {
    const action = reader.read(character, key);
    if (action) act(action);
  };
  emitKeypressEvents(input);
  input.setRawMode(true);
  input.on('keypress', press);
  input.resume();
  output.write(pasteBrackets.on);
  return () => {
    input.off('keypress', press);
    output.write(pasteBrackets.off);
    input.setRawMode(false);
    input.pause();
    input.unref();
  };
}

const family = '👩‍👩‍👧';
const askForCursor = '\x1b[6n';

/** What to write so that the terminal tells how wide it draws an emoji sequence; it leaves an empty row. */
export const widthQuestion = `\r${family}${askForCursor}\r\x1b[K`;

/** How wide the terminal draws graphemes, by its answer: the cursor's column, from 1. */
export function columnsFrom(cursorColumn: number): Columns {
  const drawn = cursorColumn - 1;
  return [joinedColumns, narrowColumns, separateColumns].find((columns) => columns(family) === drawn) ?? joinedColumns;
}
