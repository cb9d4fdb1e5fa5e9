/** A set of rooms' names that is in order, so that it can be gone through in pages. */
export class RoomNames {
  readonly #names: Set<string>;
  /** In the order of their UTF-16 code units; rooms' names are ASCII. */
  readonly #sorted: string[];

  constructor(names: Iterable<string> = []) {
    this.#names = new Set(names);
    this.#sorted = [...this.#names].sort();
  }

  get size(): number {
    return this.#names.size;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  add(name: string): void {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    this.#sorted.splice(this.#placeOf(name), 0, name);
  }

  delete(name: string): void {
    if (this.#names.delete(name)) this.#sorted.splice(this.#placeOf(name), 1);
  }

  /** The names after `name`, which need not be one of them, in order. Nothing may be added or deleted meanwhile. */
  *after(name: string): Generator<string, void> {
    let at = this.#placeOf(name);
    if (this.#sorted[at] === name) at += 1;
    for (; at < this.#sorted.length; at += 1) yield this.#sorted[at] as string;
  }

  /** How many names come before `name`. */
  #placeOf(name: string): number {
    let [from, to] = [0, this.#sorted.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#sorted[middle] as string) < name) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
