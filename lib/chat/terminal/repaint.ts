import type { Line } from '../../display/line.js';

const home = '\x1b[H';
const eraseBelow = '\x1b[J';

/**
 * Draws the visible part of the conversation again after the terminal's width has changed: the terminal has broken the
 * old rows anew by itself, and what a peer wrote could now begin a row [S7].
 */
export class Repaint {
  readonly #output: { readonly rows: number; readonly columns: number };
  readonly #rows: (line: Line) => string;
  readonly #rowsBelow: () => number;
  #columns: number;
  /** Rows written so far: until they fill the screen, something older is on it. */
  #written = 0;

  /** `rowsBelow`: how many rows below the conversation are not its own. */
  constructor(
    output: { readonly rows: number; readonly columns: number },
    rows: (line: Line) => string,
    rowsBelow: () => number,
  ) {
    this.#output = output;
    this.#rows = rows;
    this.#rowsBelow = rowsBelow;
    this.#columns = output.columns;
  }

  /** Passes on rows that are being written above the input line, and counts them. */
  counted(written: string): string {
    this.#written += written.split('\n').length - 1;
    return written;
  }

  /** What to write now that the terminal was resized, given the newest lines; empty if only its height is another. */
  drawing(lines: readonly Line[]): string {
    if (this.#output.columns === this.#columns) return '';
    this.#columns = this.#output.columns;
    // What the shell showed before goes into the scrollback instead of being erased.
    const keepOlder = this.#written < this.#output.rows ? '\n'.repeat(this.#output.rows) : '';
    return keepOlder + home + eraseBelow + this.#fitting(lines);
  }

  #fitting(lines: readonly Line[]): string {
    let room = Math.max(1, this.#output.rows - this.#rowsBelow());
    let drawn = '';
    for (const line of lines.toReversed()) {
      const next = this.#rows(line);
      room -= next.split('\n').length - 1;
      if (room < 0) break;
      drawn = next + drawn;
    }
    return drawn;
  }
}
