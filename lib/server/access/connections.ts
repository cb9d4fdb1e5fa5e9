import type { Limits } from '../../core/limits.js';
import type { Address } from './addresses.js';
import { type Excess, excessOf, holdsMost, Tally } from './holdings.js';
import { Paces, type Rates } from './pace.js';

/** One connection: what it has used of its rates, and since when nothing was done on it. */
export class Connection {
  /** `address:port` of its far end. */
  readonly peer: string;
  readonly address: Address;
  readonly paces: Paces;
  /** Whether anything was ever done on it. */
  wasUsed = false;
  closed = false;
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

/**
 * The open connections. Each address has its share of them. While there are enough, a connection may be idle for
 * `idleConnectionMsMax`, one that was never used for `unusedConnectionMsMax`. When there are not, a new connection takes the place of the one
 * that has been idle for longest: one of its own address, if that already has its share.
 */
export class Connections {
  readonly #limits: Limits;
  readonly #rates: Rates;
  readonly #byPeer = new Map<string, Connection>();
  readonly #open = new Set<Connection>();
  readonly #ofPrincipals = new Tally();

  constructor(limits: Limits, rates: Rates) {
    this.#limits = limits;
    this.#rates = rates;
  }

  /** Of `peer`, a call's `getPeer()`; undefined if it has no connection that is known. */
  get(peer: string): Connection | undefined {
    return this.#byPeer.get(peer);
  }

  /** A connection from `address` has come. The one that it is admitted instead of is closed already, and has to be cut. */
  admit(peer: string, address: Address, nowMs: number): Admittance {
    const { connectionsMax, connectionsPerAddressMax, reservedPercent, heldMsMax } = this.#limits;
    const pace = address.paces.of('connection');
    const dueInMs = Math.ceil(pace.dueInMs(nowMs));
    if (dueInMs > heldMsMax) return { kind: 'refused', limit: 'connectionsPerSecondMax' };
    const taken = { total: this.#open.size, own: this.#ofPrincipals.of(address.principal) };
    const ownMax = connectionsPerAddressMax;
    const excess = excessOf(taken, { totalMax: connectionsMax, ownMax, reservedPercent });
    const isOthers = excess === 'total' && !holdsMost(taken);
    const instead = excess && this.#longestIdle(nowMs, isOthers ? undefined : address);
    if (excess && !instead) return { kind: 'refused', limit: limitOf[excess] };
    if (instead) this.close(instead);
    pace.take(nowMs);
    const connection = new Connection(peer, address, this.#rates, nowMs);
    // A client may come again from the same port before the end of its last connection was heard of.
    this.#byPeer.set(peer, connection);
    this.#open.add(connection);
    this.#ofPrincipals.add(address.principal);
    return { kind: 'admitted', connection, dueInMs, ...(instead && { instead }) };
  }

  close(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    connection.closed = true;
    if (this.#byPeer.get(connection.peer) === connection) this.#byPeer.delete(connection.peer);
    this.#ofPrincipals.remove(connection.address.principal);
  }

  overdue(nowMs: number): Connection[] {
    const { idleConnectionMsMax, unusedConnectionMsMax } = this.#limits;
    return [...this.#open].filter(
      (connection) => connection.idleMs(nowMs) >= (connection.wasUsed ? idleConnectionMsMax : unusedConnectionMsMax),
    );
  }

  #longestIdle(nowMs: number, address: Address | undefined): Connection | undefined {
    let longest: Connection | undefined;
    let longestMs = this.#limits.idleConnectionMsMin;
    for (const connection of this.#open) {
      if (address && connection.address !== address) continue;
      const idleMs = connection.idleMs(nowMs);
      if (idleMs < longestMs || (longest && idleMs === longestMs)) continue;
      longest = connection;
      longestMs = idleMs;
    }
    return longest;
  }
}

/** What an excess is named by. */
const limitOf = { total: 'connectionsMax', own: 'connectionsPerAddressMax', reserved: 'reservedPercent' } as const;
