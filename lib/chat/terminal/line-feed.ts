import type { Line } from '../../display/line.js';

/** Writes rows above the input line. */
type WriteLines = (lines: readonly Line[]) => void;

export type LineFeedLimits = Readonly<Record<'frameMs' | 'linesWaitingMax' | 'linesKeptMax', number>>;

/**
 * The conversation on its way to the screen. Lines that come within one frame are written together, in order and
 * without loss; a line after a quiet frame is written at once. Only the newest lines are kept, to be drawn again.
 */
export class LineFeed {
  readonly #write: WriteLines;
  readonly #limits: LineFeedLimits;
  #waiting: Line[] = [];
  #kept: Line[] = [];
  #frame: NodeJS.Timeout | undefined;

  constructor(write: WriteLines, limits: LineFeedLimits) {
    this.#write = write;
    this.#limits = limits;
  }

  /** Whether a line waits to be written. */
  get isBehind(): boolean {
    return this.#waiting.length > 0;
  }

  /** The newest lines that were written, oldest first. */
  get kept(): readonly Line[] {
    return this.#kept.slice(-this.#limits.linesKeptMax);
  }

  add(line: Line): void {
    this.#waiting.push(line);
    if (this.#frame === undefined || this.#waiting.length >= this.#limits.linesWaitingMax) {
      this.flush();
      this.#frame ??= setTimeout(() => this.#frameOver(), this.#limits.frameMs);
    }
  }

  /** Writes what waits, now. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const lines = this.#waiting;
    this.#waiting = [];
    this.#kept.push(...lines);
    // Twice the limit before the array is cut, so that not every line moves all others.
    if (this.#kept.length > 2 * this.#limits.linesKeptMax) this.#kept = this.#kept.slice(-this.#limits.linesKeptMax);
    this.#write(lines);
  }

  /** Writes what waits and starts no further frame. */
  close(): void {
    clearTimeout(this.#frame);
    this.flush();
  }

  #frameOver(): void {
    this.#frame = undefined;
    if (this.#waiting.length === 0) return;
    this.flush();
    this.#frame = setTimeout(() => this.#frameOver(), this.#limits.frameMs);
  }
}

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
