/** A set of rooms' names that is in order, so that it can be gone through in pages. */
export class RoomNames {
  /** In the order of their UTF-16 code units; rooms' names are ASCII. */
  readonly #names: string[];

  constructor(names: Iterable<string> = []) {
    this.#names = [...new Set(names)].sort();
  }

  get size(): number {
    return this.#names.length;
  }

  has(name: string): boolean {
    return this.#names[this.#placeOf(name)] === name;
  }

  add(name: string): void {
    if (!this.has(name)) this.#names.splice(this.#placeOf(name), 0, name);
  }

  delete(name: string): void {
    if (this.has(name)) this.#names.splice(this.#placeOf(name), 1);
  }

  /** The names after `name`, which need not be one of them, in order. Nothing may be added or deleted meanwhile. */
  *after(name: string): Generator<string, void> {
    for (let at = this.#placeOf(name) + (this.has(name) ? 1 : 0); at < this.#names.length; at += 1) {
      yield this.#names[at] as string;
    }
  }

  /** How many names come before `name`. */
  #placeOf(name: string): number {
    let [from, to] = [0, this.#names.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#names[middle] as string) < name) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
