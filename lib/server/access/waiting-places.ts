/** The place of something that waits for its client. */
export interface WaitingPlace {
  /** It waits no more. Further calls do nothing. */
  leave(): void;
}

/**
 * What was begun and waits for its client to go on: so much of an address, and of all together [P12]. One more costs
 * the one its place that has waited for longest, of the address or of all: what an honest client begins it goes on with
 * at once or soon, so that has waited for less than what is never gone on with.
 */
export class WaitingPlaces {
  readonly #limits: Readonly<Record<'totalMax' | 'perAddressMax', number>>;
  /** What gives each up, the longest waiting first. */
  readonly #all = new Set<() => void>();
  readonly #byAddress = new Map<string, Set<() => void>>();

  constructor(limits: Readonly<Record<'totalMax' | 'perAddressMax', number>>) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#all.size;
  }

  /** One more of `address`. Calls `refuse`, which must not throw, when it has to give way to a newer one. */
  enter(address: string, refuse: () => void): WaitingPlace {
    const { totalMax, perAddressMax } = this.#limits;
    const ofAddress = this.#byAddress.get(address) ?? new Set();
    if (ofAddress.size >= perAddressMax) giveUpFirst(ofAddress);
    if (this.#all.size >= totalMax) giveUpFirst(this.#all);
    const leave = (): void => {
      this.#all.delete(giveUp);
      ofAddress.delete(giveUp);
      if (ofAddress.size === 0 && this.#byAddress.get(address) === ofAddress) this.#byAddress.delete(address);
    };
    const giveUp = (): void => {
      leave();
      refuse();
    };
    this.#all.add(giveUp);
    ofAddress.add(giveUp);
    this.#byAddress.set(address, ofAddress);
    return { leave };
  }
}

function giveUpFirst(waiting: ReadonlySet<() => void>): void {
  const [first] = waiting;
  first?.();
}
