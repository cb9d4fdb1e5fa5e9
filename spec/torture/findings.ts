/** Sentences that are kept; the first ones tell most. */
const findingsMax = 100;

/** What is wrong and no history shows: a server that ended by itself, a bad input that got another answer than its own. */
export class Findings {
  readonly #sentences: string[] = [];

  add(sentence: string): void {
    if (this.#sentences.length < findingsMax) this.#sentences.push(sentence);
  }

  get all(): readonly string[] {
    return this.#sentences;
  }
}
