import type { Limits } from '../../core/limits.js';
import { type Address, Addresses } from './addresses.js';
import { type Admittance, Connection, limitOf } from './connections.js';
import { excessOf, holdsMost, RoomHoldings, SessionHoldings, Tally } from './holdings.js';
import { Origin } from './origin.js';
import { addressRates, connectionRates, type Rates } from './pace.js';
import { principalOf } from './principal.js';

/**
 * What each address has of what the server has for all [P12]: connections, rooms, seats in them, sessions, and how
 * often it may connect, join, resume, read, publish and be refused. The door, the calls and the actors of one server
 * share it. It has no clock and no timer: it is told the time, in milliseconds since 1970.
 *
 * While there are enough connections, one may be idle for `idleConnectionMsMax`, one that was never used for
 * `unusedConnectionMsMax`. When there are not, a new connection takes the place of the one that has been idle for
 * longest: one of its own address, if that already has its share.
 */
export class Shares {
  readonly sessions: SessionHoldings;
  readonly rooms: RoomHoldings;
  readonly #limits: Limits;
  readonly #addresses: Addresses;
  readonly #connectionRates: Rates;
  readonly #open = new Set<Connection>();
  /** The open connections by a call's `getPeer()`. */
  readonly #byPeer = new Map<string, Connection>();
  readonly #ofPrincipals = new Tally();

  constructor(limits: Limits) {
    this.#limits = limits;
    this.sessions = new SessionHoldings(limits);
    this.rooms = new RoomHoldings(limits);
    this.#addresses = new Addresses(addressRates(limits), limits.addressesRememberedMax);
    this.#connectionRates = connectionRates(limits);
  }

  get addressesKnown(): number {
    return this.#addresses.size;
  }

  /** A connection came from `peer` (`address:port`). One that gives way to it is closed already, and has to be cut. */
  admit(peer: string, nowMs: number): Admittance {
    const address = this.#addresses.hold(principalOf(peer));
    const admittance = this.#admit(peer, address, nowMs);
    if (admittance.kind === 'refused') this.#addresses.release(address, nowMs);
    return admittance;
  }

  /** An admitted connection is over. Further calls do nothing. */
  close(connection: Connection, nowMs: number): void {
    if (!this.#open.delete(connection)) return;
    if (this.#byPeer.get(connection.peer) === connection) this.#byPeer.delete(connection.peer);
    this.#ofPrincipals.remove(connection.address.principal);
    this.#addresses.release(connection.address, nowMs);
  }

  /** The connections that have been idle for too long, and have to be cut. */
  overdue(nowMs: number): readonly Connection[] {
    const { idleConnectionMsMax, unusedConnectionMsMax } = this.#limits;
    return [...this.#open].filter(
      (connection) => connection.idleMs(nowMs) >= (connection.wasUsed ? idleConnectionMsMax : unusedConnectionMsMax),
    );
  }

  /** Where a stream or call of `peer` comes from; its `release` is to be called when that is over. */
  origin(peer: string, nowMs: number): Origin {
    const address = this.#addresses.hold(principalOf(peer));
    // A stream may be told of after its connection has closed.
    const connection = this.#byPeer.get(peer) ?? new Connection(peer, address, this.#connectionRates, nowMs);
    return new Origin(connection, this.#limits, (releasedAtMs) => this.#addresses.release(address, releasedAtMs));
  }

  #admit(peer: string, address: Address, nowMs: number): Admittance {
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
    if (instead) this.close(instead, nowMs);
    pace.take(nowMs);
    const connection = new Connection(peer, address, this.#connectionRates, nowMs);
    // A client may come again from the same port before the end of its last connection was heard of.
    this.#byPeer.set(peer, connection);
    this.#open.add(connection);
    this.#ofPrincipals.add(address.principal);
    return { kind: 'admitted', connection, dueInMs, ...(instead && { instead }) };
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
