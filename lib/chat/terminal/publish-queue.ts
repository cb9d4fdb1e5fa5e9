/** A text without an answer. */
export interface Unanswered {
  readonly text: string;
  /** Since when, by the wall clock. */
  readonly sinceMs: number;
}

export interface PublishQueueParts {
  readonly publish: (text: string) => Promise<unknown>;
  /** Told of each text that became no event. */
  readonly refused: (text: string, error: unknown) => void;
  /** Told when a text has its answer, whichever. */
  readonly answered: () => void;
  readonly waitingMax: number;
}

/**
 * Sends texts one after the other, so that they become events in the order in which they were typed [P6], however
 * fast they are typed.
 */
export class PublishQueue {
  readonly #parts: PublishQueueParts;
  readonly #unanswered = new Set<Unanswered>();
  #last: Promise<void> = Promise.resolve();

  constructor(parts: PublishQueueParts) {
    this.#parts = parts;
  }

  /** What has no answer yet, oldest first. Of these the first one may have been sent, the others were not. */
  get unanswered(): readonly Unanswered[] {
    return [...this.#unanswered];
  }

  /** How many texts have no answer yet. */
  get waiting(): number {
    return this.#unanswered.size;
  }

  /** False, and nothing is sent, when as many as allowed are waiting. */
  add(text: string): boolean {
    if (this.waiting >= this.#parts.waitingMax) return false;
    const one = { text, sinceMs: Date.now() };
    this.#unanswered.add(one);
    this.#last = this.#last.then(() => this.#send(one));
    return true;
  }

  /** Resolves when everything added so far was answered. */
  settled(): Promise<void> {
    return this.#last;
  }

  async #send(one: Unanswered): Promise<void> {
    const { publish, refused, answered } = this.#parts;
    let failure: { readonly error: unknown } | undefined;
    try {
      await publish(one.text);
    } catch (error) {
      failure = { error };
    }
    this.#unanswered.delete(one);
    if (failure) refused(one.text, failure.error);
    answered();
  }
}
