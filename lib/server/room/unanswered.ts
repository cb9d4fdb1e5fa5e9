import type { SharedCount } from './shared-memory.js';

/**
 * The requests of one room that are not answered yet: those in its inlet or in work, and those held back before that. Those of all rooms
 * together are counted in `total`.
 */
export class Unanswered<Request> {
  readonly #requests = new Set<Request>();
  readonly #held = new Set<Request>();
  readonly #total: SharedCount;

  constructor(total: SharedCount) {
    this.#total = total;
  }

  get size(): number {
    return this.#requests.size + this.#held.size;
  }

  /** Of all rooms. */
  get total(): number {
    return this.#total.count;
  }

  add(request: Request): void {
    this.#add(this.#requests, request);
  }

  delete(request: Request): void {
    if (this.#requests.delete(request)) this.#total.count -= 1;
  }

  /** All that are in the inlet or in work, oldest first; there are none from then on. */
  drain(): Request[] {
    return this.#clear(this.#requests);
  }

  /** It is to come in later. */
  hold(request: Request): void {
    this.#add(this.#held, request);
  }

  /** What was held comes in now: from here on it counts where it is added. */
  letIn(): void {
    this.#clear(this.#held);
  }

  #add(requests: Set<Request>, request: Request): void {
    const before = requests.size;
    requests.add(request);
    this.#total.count += requests.size - before;
  }

  #clear(requests: Set<Request>): Request[] {
    const all = [...requests];
    this.#total.count -= all.length;
    requests.clear();
    return all;
  }
}
