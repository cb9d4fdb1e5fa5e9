/** Why nothing passes: the reader has paused, or has not come yet. */
export type GateReason = 'paused' | 'unread';

/** What passes here can be held up, for a reader that cannot keep up. It is open where no reason holds it shut. */
export class Gate {
  readonly #reasons = new Set<GateReason>();
  #passage: Promise<void> | undefined;
  #open: () => void = () => {};

  get isOpen(): boolean {
    return this.#passage === undefined;
  }

  shut(reason: GateReason): void {
    this.#reasons.add(reason);
    this.#passage ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  /** Takes that reason away; without one, all of them. */
  open(reason?: GateReason): void {
    if (reason) this.#reasons.delete(reason);
    else this.#reasons.clear();
    if (this.#reasons.size > 0) return;
    this.#passage = undefined;
    this.#open();
  }

  /** Resolves when it is open. */
  async passage(): Promise<void> {
    while (this.#passage) await this.#passage;
  }
}
