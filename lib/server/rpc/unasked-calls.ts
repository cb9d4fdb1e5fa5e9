import type { Limits } from '../../core/limits.js';

/** A call that was begun and not asked yet. */
export interface UnaskedCall {
  /** It was asked, or is over. Further calls do nothing. */
  leave(): void;
}

/**
 * The calls whose one request is not there yet: so many of an address, and of all together [P12]. One more costs the one its place
 * that has waited for longest, of the address or of all: an honest request comes with its call or right behind it, so its call has
 * waited for less than those that are never asked.
 */
export class UnaskedCalls {
  readonly #limits: Pick<Limits, 'unaskedCallsMax' | 'unaskedCallsPerAddressMax'>;
  /** What gives each up, the longest waiting first. */
  readonly #all = new Set<() => void>();
  readonly #byAddress = new Map<string, Set<() => void>>();

  constructor(limits: Pick<Limits, 'unaskedCallsMax' | 'unaskedCallsPerAddressMax'>) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#all.size;
  }

  /** One more of `address`. Calls `refuse`, which must not throw, when it has to give way to a newer one. */
  enter(address: string, refuse: () => void): UnaskedCall {
    const { unaskedCallsMax, unaskedCallsPerAddressMax } = this.#limits;
    const ofAddress = this.#byAddress.get(address) ?? new Set();
    if (ofAddress.size >= unaskedCallsPerAddressMax) giveUpFirst(ofAddress);
    if (this.#all.size >= unaskedCallsMax) giveUpFirst(this.#all);
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

function giveUpFirst(calls: ReadonlySet<() => void>): void {
  const [first] = calls;
  first?.();
}
