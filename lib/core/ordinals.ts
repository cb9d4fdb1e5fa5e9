import { decodeRemembered, encodeRemembered } from './remembered-ordinals.js';

/** The newest accepted ordinals of one session and the sequences of the events they became [P5]. */
export class Ordinals {
  /** Both rise; what lies before `#from` is forgotten. */
  #ordinals: number[];
  #sequences: number[];
  #from = 0;
  /** What `remembered` gave, until that changes: most sessions have said nothing since the last snapshot. */
  #encoded: string | undefined;

  /** `remembered`: as `remembered()` gives it. */
  constructor(remembered = '') {
    const { ordinals, sequences } = decodeRemembered(remembered);
    this.#ordinals = ordinals;
    this.#sequences = sequences;
  }

  /** The newest accepted ordinal; 0 before the first. */
  get newest(): number {
    return this.#ordinals.at(-1) ?? 0;
  }

  /** How many are remembered. */
  get count(): number {
    return this.#ordinals.length - this.#from;
  }

  /** The event that `ordinal` became; undefined if it was never accepted or is no longer remembered. */
  sequenceOf(ordinal: number): number | undefined {
    let low = this.#from;
    let high = this.#ordinals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ordinals[middle] as number) < ordinal) low = middle + 1;
      else high = middle;
    }
    return this.#ordinals[low] === ordinal ? this.#sequences[low] : undefined;
  }

  /** Notes an ordinal greater than all before; forgets the oldest ones over `rememberedMax`. */
  accept(ordinal: number, sequence: number, rememberedMax: number): void {
    this.#ordinals.push(ordinal);
    this.#sequences.push(sequence);
    this.#encoded = undefined;
    if (this.count <= rememberedMax) return;
    this.#from += 1;
    // Moving all for each that is forgotten would cost more than keeping as many again.
    if (this.#from < rememberedMax) return;
    this.#ordinals = this.#ordinals.slice(this.#from);
    this.#sequences = this.#sequences.slice(this.#from);
    this.#from = 0;
  }

  /** All that are remembered, as text. */
  remembered(): string {
    this.#encoded ??= encodeRemembered({ ordinals: this.#ordinals, sequences: this.#sequences }, this.#from);
    return this.#encoded;
  }
}
