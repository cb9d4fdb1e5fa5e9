import type { Participant } from './participant.js';
import type { Samples } from './samples.js';

/** The milliseconds from a message's being said until the last of `readers` has received it. */
export class LastReceipt {
  readonly #saidAt: number[] = [];
  readonly #receipts: number[] = [];

  /** Everybody is at `beginning`, and from here on one alone speaks: what is at `beginning` + n is his n-th message. */
  constructor(readers: readonly Participant[], beginning: number, samples: Samples) {
    for (const reader of readers) {
      reader.arrived = (place) => {
        const index = place - beginning - 1;
        const receipts = (this.#receipts[index] ?? 0) + 1;
        this.#receipts[index] = receipts;
        if (receipts === readers.length) samples.add(performance.now() - (this.#saidAt[index] as number));
      };
    }
  }

  /** The speaker says a message now. */
  said(): void {
    this.#saidAt.push(performance.now());
  }
}
