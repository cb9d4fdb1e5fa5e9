import { graphemes, mostColumns } from './graphemes.js';
import type { Line } from './line.js';
import type { Palette, Tone } from './palette.js';

/** Columns a row has at least, however narrow the terminal is. */
const columnsMin = 10;

interface Cell {
  readonly text: string;
  readonly columns: number;
  readonly tone: Tone;
}

/**
 * A line as rows of at most `columns` columns, each ended by a line feed. Rows are broken at spaces where there are
 * some, and all but the first are moved in, so that what a peer wrote never looks like a line of its own [S7].
 */
export function rows(line: Line, columns: number, palette: Palette): string {
  const width = Math.max(columnsMin, columns);
  if (isShort(line, width)) return `${line.spans.map((span) => palette(span.text, span.tone)).join('')}\n`;

  const indent = ' '.repeat(Math.min(line.indent, Math.floor(width / 2)));
  return breakRows(cellsOf(line), width, indent.length)
    .map((row, index) => (index === 0 ? '' : indent) + draw(row, palette))
    .join('');
}

function isShort(line: Line, width: number): boolean {
  let length = 0;
  for (const { text } of line.spans) {
    length += text.length;
    if (length > width || !/^[\x20-\x7e]*$/.test(text)) return false;
  }
  return true;
}

function cellsOf(line: Line): Cell[] {
  return line.spans.flatMap(({ text, tone }) =>
    graphemes(text).map((grapheme) => ({ text: grapheme, columns: mostColumns(grapheme), tone })),
  );
}

function breakRows(cells: readonly Cell[], width: number, indent: number): Cell[][] {
  const broken: Cell[][] = [];
  let row: Cell[] = [];
  let used = 0;
  for (const cell of cells) {
    if (used + cell.columns > width) {
      if (cell.text === ' ') {
        broken.push(row);
        row = [];
        used = indent;
        continue;
      }
      const space = row.findLastIndex(({ text }) => text === ' ');
      // A break far to the left would leave a ragged row: better to cut the word.
      const [end, next] = space >= row.length / 2 ? [space, space + 1] : [row.length, row.length];
      broken.push(row.slice(0, end));
      row = row.slice(next);
      used = indent + row.reduce((total, { columns }) => total + columns, 0);
    }
    row.push(cell);
    used += cell.columns;
  }
  return [...broken, row];
}

/** One palette call for each run of one tone. */
function draw(row: readonly Cell[], palette: Palette): string {
  let drawn = '';
  let run = '';
  let tone: Tone = 'plain';
  for (const cell of row) {
    if (cell.tone !== tone) {
      drawn += palette(run, tone);
      run = '';
      tone = cell.tone;
    }
    run += cell.text;
  }
  return `${drawn}${palette(run, tone)}\n`;
}
