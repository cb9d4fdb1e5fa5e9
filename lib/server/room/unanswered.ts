import type { Tally } from './rooms-memory.js';

/** The requests of one room that are not answered yet; those of all rooms together are counted in `total`. */
export class Unanswered<Request> implements Iterable<Request> {
  readonly #requests = new Set<Request>();
  readonly #total: Tally;

  constructor(total: Tally) {
    this.#total = total;
  }

  get size(): number {
    return this.#requests.size;
  }

  /** Of all rooms. */
  get total(): number {
    return this.#total.count;
  }

  add(request: Request): void {
    const before = this.#requests.size;
    this.#requests.add(request);
    this.#total.count += this.#requests.size - before;
  }

  delete(request: Request): void {
    if (this.#requests.delete(request)) this.#total.count -= 1;
  }

  /** All of them, oldest first; there are none from then on. */
  drain(): Request[] {
    const all = [...this.#requests];
    this.#total.count -= all.length;
    this.#requests.clear();
    return all;
  }

  [Symbol.iterator](): Iterator<Request> {
    return this.#requests[Symbol.iterator]();
  }
}
