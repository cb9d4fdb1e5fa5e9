/** The newest accepted ordinals of one session and the sequences of the events they became [P5]. */
export class Ordinals {
  readonly #sequences: Map<number, number>;
  #newest: number;

  /** `remembered`: pairs as `remembered()` gives them, oldest first. */
  constructor(remembered: readonly (readonly [ordinal: number, sequence: number])[] = []) {
    this.#sequences = new Map(remembered);
    this.#newest = remembered.at(-1)?.[0] ?? 0;
  }

  /** The newest accepted ordinal; 0 before the first. */
  get newest(): number {
    return this.#newest;
  }

  /** How many are remembered. */
  get count(): number {
    return this.#sequences.size;
  }

  /** The event that `ordinal` became; undefined if it was never accepted or is no longer remembered. */
  sequenceOf(ordinal: number): number | undefined {
    return this.#sequences.get(ordinal);
  }

  /** Notes an ordinal greater than all before; forgets the oldest ones over `rememberedMax`. */
  accept(ordinal: number, sequence: number, rememberedMax: number): void {
    this.#sequences.set(ordinal, sequence);
    this.#newest = ordinal;
    if (this.#sequences.size <= rememberedMax) return;
    for (const oldest of this.#sequences.keys()) {
      this.#sequences.delete(oldest);
      break;
    }
  }

  remembered(): [ordinal: number, sequence: number][] {
    return [...this.#sequences];
  }
}
