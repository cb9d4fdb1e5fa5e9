import type { Run } from '../log/event-log.js';
import { runAfter } from '../log/run.js';

/** A room's newest runs, shared by all its participants: those a little behind need not read the log. */
export class Tail {
  readonly #bytesMax: number;
  #runs: Run[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Adds the run that follows the newest; drops the oldest over `bytesMax`. */
  push(run: Run): void {
    this.#runs.push(run);
    this.#bytes += run.bytes.length;
    let dropped = 0;
    while (this.#bytes > this.#bytesMax && dropped < this.#runs.length) {
      this.#bytes -= (this.#runs[dropped++] as Run).bytes.length;
    }
    if (dropped > 0) this.#runs = this.#runs.slice(dropped);
  }

  /** The rest of the run that holds the event after `after`; undefined if it is not here. */
  read(after: number): Run | undefined {
    const oldest = this.#runs[0];
    if (!oldest || after + 1 < oldest.first) return undefined;
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#runs[middle] as Run).last > after) high = middle;
      else low = middle + 1;
    }
    const run = this.#runs[low];
    return run && runAfter(run, after);
  }

  clear(): void {
    this.#runs = [];
    this.#bytes = 0;
  }
}
