export interface BackOffLimits {
  readonly backOffMsMin: number;
  readonly backOffMsMax: number;
}

/**
 * How long to wait before each try to connect again: anything up to a ceiling that doubles from try to try (full jitter),
 * so that a thousand clients whose server was lost at one moment do not come back at one moment.
 */
export class BackOff {
  readonly #limits: BackOffLimits;
  readonly #random: () => number;
  #tries = 0;

  /** `random`: from 0 up to, not including, 1. */
  constructor(limits: BackOffLimits, random: () => number) {
    this.#limits = limits;
    this.#random = random;
  }

  /** The next pause, in milliseconds. */
  next(): number {
    const { backOffMsMin, backOffMsMax } = this.#limits;
    const ceiling = Math.min(backOffMsMax, backOffMsMin * 2 ** this.#tries);
    this.#tries += 1;
    return Math.floor(this.#random() * ceiling);
  }

  /** Begins with the shortest pauses again. */
  reset(): void {
    this.#tries = 0;
  }
}
