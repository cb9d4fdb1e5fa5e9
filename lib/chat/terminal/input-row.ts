import { codePoints } from '../../core/text.js';
import { displaySafe } from '../../display/display-safe.js';
import { type Columns, graphemes, mostColumns } from '../../display/graphemes.js';
import type { Editor } from './line-editor.js';

/** The input line as it stands on the screen. */
interface InputRow {
  /** The part of the text that is shown, safe to show, `…` where it goes on to the left or right. */
  readonly shown: string;
  /** Spaces between `shown` and `counter`. */
  readonly gap: string;
  /** `120/128` when the text is near the limit or over it, else empty. */
  readonly counter: string;
  readonly over: boolean;
  /** Columns from the prompt's start to the cursor. */
  readonly cursorColumn: number;
}

export const prompt = '> ';

/** Left over when the counter appears, in code points. */
const counterFrom = 20;

/**
 * The row for `columns` columns of a terminal that draws graphemes as wide as `drawn` says. It never fills the last
 * column, where the cursor may stand, and never runs over the edge, however the terminal draws emoji. The text scrolls
 * in steps of half a row.
 */
export function inputRow(editor: Editor, codePointsMax: number, columns: number, drawn: Columns): InputRow {
  const count = codePoints(editor.text);
  const counter = count > codePointsMax - counterFrom ? `${count}/${codePointsMax}` : '';
  const width = Math.max(4, columns - prompt.length - 1 - (counter ? counter.length + 1 : 0));

  const cells = graphemes(editor.text).map((grapheme) => {
    const shown = displaySafe(grapheme);
    return { length: grapheme.length, shown, most: sum(shown, mostColumns), drawn: sum(shown, drawn) };
  });
  const start = windowStart(cells, editor.cursor, width);

  let shown = start > 0 ? '…' : '';
  let used = shown.length;
  let drawnColumns = used;
  let cursorColumn = prompt.length + used;
  let offset = 0;
  for (const [index, cell] of cells.entries()) {
    if (index >= start) {
      const more = index < cells.length - 1;
      if (used + cell.most > width - (more ? 1 : 0)) {
        shown += '…';
        drawnColumns += 1;
        break;
      }
      shown += cell.shown;
      used += cell.most;
      drawnColumns += cell.drawn;
      if (offset < editor.cursor) cursorColumn += cell.drawn;
    }
    offset += cell.length;
  }
  const gap = counter && ' '.repeat(Math.max(1, columns - prompt.length - drawnColumns - counter.length - 1));
  return { shown, gap, counter, over: count > codePointsMax, cursorColumn };
}

interface Cell {
  readonly length: number;
  readonly most: number;
}

/** The first cell to show so that the cursor is in the row. */
function windowStart(cells: readonly Cell[], cursor: number, width: number): number {
  if (cells.reduce((total, cell) => total + cell.most, 0) <= width) return 0;
  let start = 0;
  let columns = 0;
  let offset = 0;
  for (const [index, cell] of cells.entries()) {
    if (offset > cursor) break;
    offset += cell.length;
    columns += cell.most;
    // Two columns are for the marks that the text goes on.
    if (columns <= width - 2) continue;
    while (start < index && columns > width / 2) columns -= cells[start++]?.most ?? 0;
  }
  return start;
}

function sum(shown: string, columns: Columns): number {
  return graphemes(shown).reduce((total, grapheme) => total + columns(grapheme), 0);
}
