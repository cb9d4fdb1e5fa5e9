/** A wait that can be ended early. */
export class Pause {
  #wake: () => void = () => {};

  async wait(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  }

  /** Ends the wait that is under way, if one is. */
  end(): void {
    this.#wake();
  }
}
