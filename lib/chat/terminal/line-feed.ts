import type { Line } from '../../display/line.js';

/** Writes rows above the input line. */
export type WriteLines = (lines: readonly Line[]) => void;

export interface LineFeedLimits {
  readonly frameMs: number;
  readonly linesWaitingMax: number;
  readonly linesKeptMax: number;
}

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
