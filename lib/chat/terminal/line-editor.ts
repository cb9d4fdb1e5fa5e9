import { codePoints } from '../../core/text.js';
import { boundaryAfter, boundaryBefore, boundaryFrom, boundaryTo } from '../../display/graphemes.js';
import { chatLimits } from '../limits.js';

/** The input line and the inputs before it. Only `edit` makes the next one. */
export interface Editor {
  readonly text: string;
  /** Where the next character goes: an index into `text`, never inside a grapheme. */
  readonly cursor: number;
  /** Earlier inputs, oldest first. */
  readonly history: readonly string[];
  /** Which earlier input is shown; `history.length` for the one being written. */
  readonly place: number;
  /** What was being written when the up key left it. */
  readonly draft: string;
}

export const emptyEditor: Editor = { text: '', cursor: 0, history: [], place: 0, draft: '' };

export type Edit = { readonly kind: 'insert'; readonly text: string } | { readonly kind: EditKey };

export type EditKey =
  | 'left'
  | 'right'
  | 'word-left'
  | 'word-right'
  | 'home'
  | 'end'
  | 'backspace'
  | 'delete'
  | 'delete-word'
  | 'delete-to-start'
  | 'delete-to-end'
  | 'previous'
  | 'next'
  /** Notes the text as an earlier input and empties the line. */
  | 'submit';

/** The editor after one key or one paste. */
export function edit(editor: Editor, change: Edit): Editor {
  const { text, cursor, history, place } = editor;
  switch (change.kind) {
    case 'insert':
      return insert(editor, change.text);
    case 'left':
      return { ...editor, cursor: boundaryBefore(text, cursor) };
    case 'right':
      return { ...editor, cursor: boundaryAfter(text, cursor) };
    case 'word-left':
      return { ...editor, cursor: wordStart(text, cursor) };
    case 'word-right':
      return { ...editor, cursor: wordEnd(text, cursor) };
    case 'home':
      return { ...editor, cursor: 0 };
    case 'end':
      return { ...editor, cursor: text.length };
    case 'backspace':
      return without(editor, boundaryBefore(text, cursor), cursor);
    case 'delete':
      return without(editor, cursor, boundaryAfter(text, cursor));
    case 'delete-word':
      return without(editor, wordStart(text, cursor), cursor);
    case 'delete-to-start':
      return without(editor, 0, cursor);
    case 'delete-to-end':
      return without(editor, cursor, text.length);
    case 'previous':
      return recall(editor, place - 1);
    case 'next':
      return recall(editor, place + 1);
    case 'submit': {
      const kept = history.at(-1) === text ? history : [...history, text].slice(-chatLimits.inputHistoryMax);
      return { ...emptyEditor, history: kept, place: kept.length };
    }
  }
}

/** Puts `inserted` at the cursor: line ends and tabs as spaces, other control characters not at all. */
function insert(editor: Editor, inserted: string): Editor {
  const clean = inserted
    .replace(/\r\n|[\r\n\t\u2028\u2029]/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .toWellFormed();
  const room = chatLimits.inputCodePointsMax - codePoints(editor.text);
  const fitting = firstCodePoints(clean, room);
  const text = editor.text.slice(0, editor.cursor) + fitting + editor.text.slice(editor.cursor);
  return { ...editor, text, cursor: boundaryFrom(text, editor.cursor + fitting.length) };
}

function firstCodePoints(text: string, count: number): string {
  return text.length <= count ? text : Array.from(text).slice(0, Math.max(0, count)).join('');
}

function without(editor: Editor, from: number, to: number): Editor {
  const text = editor.text.slice(0, from) + editor.text.slice(to);
  // What is left on both sides may have become one grapheme.
  return { ...editor, text, cursor: boundaryFrom(text, from) };
}

function recall(editor: Editor, place: number): Editor {
  const { history } = editor;
  if (place < 0 || place > history.length) return editor;
  const draft = editor.place === history.length ? editor.text : editor.draft;
  const text = place === history.length ? draft : (history[place] ?? '');
  return { ...editor, text, cursor: text.length, place, draft };
}

function wordStart(text: string, cursor: number): number {
  return boundaryTo(text, cursor - (/\S*\s*$/u.exec(text.slice(0, cursor))?.[0].length ?? 0));
}

function wordEnd(text: string, cursor: number): number {
  return boundaryFrom(text, cursor + (/^\s*\S*/u.exec(text.slice(cursor))?.[0].length ?? 0));
}
