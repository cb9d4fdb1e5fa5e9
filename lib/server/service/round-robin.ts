/**
 * Items that wait, each under a key. Keys take turns, whatever the number of their items; the items of one key are
 * served in the order in which they came.
 */
export class RoundRobin<Key, Item> {
  readonly #perKeyMax: number;
  readonly #allMax: number;
  /** The key whose turn is next comes first. */
  readonly #byKey = new Map<Key, Item[]>();
  #size = 0;

  /** How many items of one key may wait, and how many of all together. */
  constructor(perKeyMax = Number.POSITIVE_INFINITY, allMax = Number.POSITIVE_INFINITY) {
    this.#perKeyMax = perKeyMax;
    this.#allMax = allMax;
  }

  get size(): number {
    return this.#size;
  }

  /** False, and nothing is added, where that would be more than may wait. */
  add(key: Key, item: Item): boolean {
    const items = this.#byKey.get(key);
    if (this.#size >= this.#allMax || (items?.length ?? 0) >= this.#perKeyMax) return false;
    if (items) items.push(item);
    else this.#byKey.set(key, [item]);
    this.#size += 1;
    return true;
  }

  /**
   * The item whose turn it is, which waits no longer; undefined where none may go. A key whose first item does not
   * `pass` keeps its place, and the next key is asked.
   */
  next(passes: (key: Key, item: Item) => boolean): Item | undefined {
    for (const [key, items] of this.#byKey) {
      const [first] = items;
      if (first === undefined || !passes(key, first)) continue;
      items.shift();
      this.#size -= 1;
      // Behind all others.
      this.#byKey.delete(key);
      if (items.length > 0) this.#byKey.set(key, items);
      return first;
    }
    return undefined;
  }

  /** An item that waits no longer. Nothing happens where it does not wait. */
  remove(key: Key, item: Item): void {
    const items = this.#byKey.get(key);
    const at = items?.indexOf(item) ?? -1;
    if (!items || at < 0) return;
    items.splice(at, 1);
    this.#size -= 1;
    if (items.length === 0) this.#byKey.delete(key);
  }
}
