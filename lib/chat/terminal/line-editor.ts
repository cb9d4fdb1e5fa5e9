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
  readonly shown: number;
  /** What was being written when the up key left it. */
  readonly draft: string;
}

export const emptyEditor: Editor = { text: '', cursor: 0, history: [], shown: 0, draft: '' };

export type Edit = { readonly kind: 'insert'; readonly text: string } | { readonly kind: EditKey };

export type EditKey = keyof typeof keys;

/** The editor after one key or one paste. */
export function edit(editor: Editor, change: Edit): Editor {
  return change.kind === 'insert' ? insert(editor, change.text) : keys[change.kind](editor);
}

const keys = {
  left: (editor) => ({ ...editor, cursor: boundaryBefore(editor.text, editor.cursor) }),
  right: (editor) => ({ ...editor, cursor: boundaryAfter(editor.text, editor.cursor) }),
  'word-left': (editor) => ({ ...editor, cursor: wordStart(editor) }),
  'word-right': (editor) => ({ ...editor, cursor: wordEnd(editor) }),
  home: (editor) => ({ ...editor, cursor: 0 }),
  end: (editor) => ({ ...editor, cursor: editor.text.length }),
  backspace: (editor) => without(editor, boundaryBefore(editor.text, editor.cursor), editor.cursor),
  delete: (editor) => without(editor, editor.cursor, boundaryAfter(editor.text, editor.cursor)),
  'delete-word': (editor) => without(editor, wordStart(editor), editor.cursor),
  'delete-to-start': (editor) => without(editor, 0, editor.cursor),
  'delete-to-end': (editor) => without(editor, editor.cursor, editor.text.length),
  previous: (editor) => recall(editor, editor.shown - 1),
  next: (editor) => recall(editor, editor.shown + 1),
  /** Notes the text as an earlier input and empties the line. */
  submit: ({ text, history }) => {
    const kept = history.at(-1) === text ? history : [...history, text].slice(-chatLimits.inputHistoryMax);
    return { ...emptyEditor, history: kept, shown: kept.length };
  },
} as const satisfies Record<string, (editor: Editor) => Editor>;

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

function recall(editor: Editor, shown: number): Editor {
  const { history } = editor;
  if (shown < 0 || shown > history.length) return editor;
  const draft = editor.shown === history.length ? editor.text : editor.draft;
  const text = shown === history.length ? draft : (history[shown] ?? '');
  return { ...editor, text, cursor: text.length, shown, draft };
}

function wordStart({ text, cursor }: Editor): number {
  return boundaryTo(text, cursor - (/\S*\s*$/u.exec(text.slice(0, cursor))?.[0].length ?? 0));
}

function wordEnd({ text, cursor }: Editor): number {
  return boundaryFrom(text, cursor + (/^\s*\S*/u.exec(text.slice(cursor))?.[0].length ?? 0));
}
