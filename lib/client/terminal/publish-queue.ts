/**
 * Sends texts one after the other, so that they become events in the order in which they were typed [P6], however
 * fast they are typed. `refused` is told of each that became none.
 */
export class PublishQueue {
  readonly #publish: (text: string) => Promise<unknown>;
  readonly #refused: (text: string, error: unknown) => void;
  readonly #waitingMax: number;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(
    publish: (text: string) => Promise<unknown>,
    refused: (text: string, error: unknown) => void,
    waitingMax: number,
  ) {
    this.#publish = publish;
    this.#refused = refused;
    this.#waitingMax = waitingMax;
  }

  /** How many texts have no answer yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** False, and nothing is sent, when as many as allowed are waiting. */
  add(text: string): boolean {
    if (this.#waiting >= this.#waitingMax) return false;
    this.#waiting += 1;
    this.#last = this.#last.then(() => this.#send(text));
    return true;
  }

  /** Resolves when everything added so far was answered. */
  settled(): Promise<void> {
    return this.#last;
  }

  async #send(text: string): Promise<void> {
    try {
      await this.#publish(text);
    } catch (error) {
      this.#refused(text, error);
    } finally {
      this.#waiting -= 1;
    }
  }
}
