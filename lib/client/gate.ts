/** What passes here can be held up, for a reader that cannot keep up. */
export class Gate {
  #passage: Promise<void> | undefined;
  #open: () => void = () => {};

  get isOpen(): boolean {
    return this.#passage === undefined;
  }

  shut(): void {
    this.#passage ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#passage = undefined;
    this.#open();
  }

  /** Resolves when it is open. */
  async passage(): Promise<void> {
    while (this.#passage) await this.#passage;
  }
}
