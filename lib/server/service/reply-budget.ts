export interface ReplyBudgetOptions {
  /** Bytes for one key. */
  readonly perKeyMax: number;
  /** Bytes for all together. */
  readonly allMax: number;
}

/**
 * Bytes of replies that were made, or are being made, and are not taken yet: a budget for each connection and one over
 * all [P12]. A key that holds nothing is allowed one reply of any size as long as the whole has room, and the first of
 * all is always allowed: a reply larger than its budget is late then, and not impossible.
 */
export class ReplyBudget<Key> {
  readonly #options: ReplyBudgetOptions;
  readonly #perKey = new Map<Key, number>();
  #held = 0;

  constructor(options: ReplyBudgetOptions) {
    this.#options = options;
  }

  /** What all hold, in bytes. */
  get held(): number {
    return this.#held;
  }

  heldBy(key: Key): number {
    return this.#perKey.get(key) ?? 0;
  }

  /** Whether `key` may hold so many bytes more. */
  allows(key: Key, bytes: number): boolean {
    const { perKeyMax, allMax } = this.#options;
    const held = this.heldBy(key);
    return (held === 0 || held + bytes <= perKeyMax) && (this.#held === 0 || this.#held + bytes <= allMax);
  }

  /** `key` holds so many bytes more; fewer, where it is negative. */
  add(key: Key, bytes: number): void {
    const held = this.heldBy(key) + bytes;
    this.#held += bytes;
    if (held > 0) this.#perKey.set(key, held);
    else this.#perKey.delete(key);
  }
}
