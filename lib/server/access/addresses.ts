import { LeftPaces } from './left-paces.js';
import { Paces, type Rates } from './rates.js';

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
 * The addresses that are known: those with a connection or a stream, whose number other limits bound, and of those that went the
 * last `rememberedMax`, for as long as they have something left to be reminded of.
 */
export class Addresses {
  readonly #rates: Rates;
  readonly #rememberedMax: number;
  readonly #held = new Map<string, Address>();
  /** Nobody goes by them now. The one that went first comes first. */
  readonly #remembered = new Map<string, Address>();

  constructor(rates: Rates, rememberedMax: number) {
    this.#rates = rates;
    this.#rememberedMax = rememberedMax;
  }

  /** How many are known. */
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
