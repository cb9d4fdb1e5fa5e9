/** How often it is told at most, in milliseconds. */
const everyMs = 100;

/** A terminal, as far as it matters here. */
export interface ProgressScreen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Tells on a terminal how much of a long work is done, in one line that goes away in the end; elsewhere it tells nothing. */
export class Progress {
  readonly #what: string;
  readonly #total: number;
  readonly #screen: ProgressScreen;
  readonly #now: () => number;
  #done = 0;
  #toldAt: number;
  #shown = false;

  /** `total`: of what `advance` counts; 0 where nobody knows, then no progress is told. `now`: in milliseconds. */
  constructor(what: string, total: number, screen: ProgressScreen, now: () => number = () => performance.now()) {
    this.#what = what;
    this.#total = total;
    this.#screen = screen;
    this.#now = now;
    this.#toldAt = now();
  }

  advance(by: number): void {
    this.#done += by;
    const now = this.#now();
    if (!this.#screen.isTTY || this.#total === 0 || now - this.#toldAt < everyMs) return;
    this.#toldAt = now;
    this.#shown = true;
    this.#screen.write(`\r\u001b[K${this.#what} ${Math.min(100, Math.floor((100 * this.#done) / this.#total))} %`);
  }

  end(): void {
    if (this.#shown) this.#screen.write('\r\u001b[K');
    this.#shown = false;
  }
}
