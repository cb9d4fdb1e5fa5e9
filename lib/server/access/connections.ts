import type { Address } from './addresses.js';
import type { Excess } from './holdings.js';
import { Paces, type Rates } from './pace.js';

/** One connection: what it has used of its rates, and since when nothing was done on it. */
export class Connection {
  /** `address:port` of its far end. */
  readonly peer: string;
  readonly address: Address;
  readonly paces: Paces;
  /** Whether anything was ever done on it. */
  wasUsed = false;
  /** Joined streams and unary calls under way. */
  #uses = 0;
  #idleSinceMs: number;

  constructor(peer: string, address: Address, rates: Rates, nowMs: number) {
    this.peer = peer;
    this.address = address;
    this.paces = new Paces(rates);
    this.#idleSinceMs = nowMs;
  }

  /** A stream has joined, or a unary call has begun. */
  use(): void {
    this.#uses += 1;
    this.wasUsed = true;
  }

  unuse(nowMs: number): void {
    this.#uses -= 1;
    if (this.#uses === 0) this.#idleSinceMs = nowMs;
  }

  /** For how long it has been without a joined stream or a call under way, in milliseconds; 0 while there is one. */
  idleMs(nowMs: number): number {
    return this.#uses > 0 ? 0 : nowMs - this.#idleSinceMs;
  }
}

/**
 * What became of a connection that came: it has its place, for which another idle one may have to go, and its turn in
 * `dueInMs`, before which nothing is to be read from it; or it has none.
 */
export type Admittance = Admitted | { readonly kind: 'refused'; readonly limit: ConnectionLimit };

export interface Admitted {
  readonly kind: 'admitted';
  readonly connection: Connection;
  readonly dueInMs: number;
  readonly instead?: Connection;
}

export type ConnectionLimit = (typeof limitOf)[Excess] | 'connectionsPerSecondMax';

/** What an excess is named by. */
export const limitOf = {
  total: 'connectionsMax',
  own: 'connectionsPerAddressMax',
  reserved: 'reservedPercent',
} as const;
