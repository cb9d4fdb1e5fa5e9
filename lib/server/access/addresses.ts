import { type Pace, Paces, type Rates } from './pace.js';

/** One address, with all that its connections have used of their rates together. */
export class Address {
  readonly principal: string;
  readonly paces: Paces;
  /** Of sessions that are over. */
  readonly left = new LeftPaces();
  /** Connections and streams that go by it. */
  holders = 0;

  constructor(principal: string, rates: Rates) {
    this.principal = principal;
    this.paces = new Paces(rates);
  }

  /** Whether forgetting it would give it nothing. */
  isFresh(nowMs: number): boolean {
    return this.paces.isFull(nowMs) && this.left.isEmpty(nowMs);
  }
}

/**
 * The addresses that are known: those with a connection or a stream, whose number other limits bound, and of those that
 * went the last `rememberedMax`, for as long as they have something left to be reminded of.
 */
export class Addresses {
  readonly #rates: Rates;
  readonly #rememberedMax: number;
  readonly #held = new Map<string, Address>();
  /** Without connections and streams. The one that went first comes first. */
  readonly #remembered = new Map<string, Address>();

  constructor(rates: Rates, rememberedMax: number) {
    this.#rates = rates;
    this.#rememberedMax = rememberedMax;
  }

  get size(): number {
    return this.#held.size + this.#remembered.size;
  }

  /** The address; held until `release` has been called as often. */
  hold(principal: string): Address {
    const address = this.#held.get(principal) ?? this.#remembered.get(principal) ?? new Address(principal, this.#rates);
    this.#remembered.delete(principal);
    this.#held.set(principal, address);
    address.holders += 1;
    return address;
  }

  release(address: Address, nowMs: number): void {
    address.holders -= 1;
    if (address.holders > 0) return;
    this.#held.delete(address.principal);
    if (address.isFresh(nowMs)) return;
    this.#remembered.set(address.principal, address);
    if (this.#remembered.size <= this.#rememberedMax) return;
    const [first] = this.#remembered.keys();
    if (first !== undefined) this.#remembered.delete(first);
  }
}

/** Paces kept of one address. All of them are full again within seconds. */
const keptMax = 256;

/**
 * What the ended sessions of one address have left of their rates to publish. A new session takes the emptiest of
 * these, so that joining anew gains nothing, on whatever connection. Once all of a burst is there again, nothing needs
 * to be remembered. If another client at the address takes it, that client has a smaller burst for some seconds, and
 * the same rate.
 */
export class LeftPaces {
  readonly #paces: Pace[] = [];

  /** A session is over, or its stream lost. Of too many the fullest are forgotten. */
  leave(pace: Pace, nowMs: number): void {
    if (pace.isFull(nowMs) || this.#paces.includes(pace)) return;
    this.#paces.push(pace);
    if (this.#paces.length <= keptMax) return;
    this.#paces.sort((a, b) => (a.isEmptierThan(b, nowMs) ? -1 : 1));
    this.#paces.pop();
  }

  /** The emptiest that was left, and no longer here; undefined if there is none. */
  take(nowMs: number): Pace | undefined {
    let emptiest: Pace | undefined;
    for (const pace of this.#paces) if (!emptiest || pace.isEmptierThan(emptiest, nowMs)) emptiest = pace;
    if (!emptiest) return undefined;
    this.#paces.splice(this.#paces.indexOf(emptiest), 1);
    return emptiest.isFull(nowMs) ? undefined : emptiest;
  }

  isEmpty(nowMs: number): boolean {
    return this.#paces.every((pace) => pace.isFull(nowMs));
  }
}
