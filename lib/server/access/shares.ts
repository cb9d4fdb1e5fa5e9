import type { Limits } from '../../core/limits.js';
import { Addresses } from './addresses.js';
import { type Admittance, Connection, Connections } from './connections.js';
import { RoomHoldings, SessionHoldings } from './holdings.js';
import { Origin } from './origin.js';
import { addressRates, connectionRates, type Rates } from './pace.js';
import { principalOf } from './principal.js';

/**
 * What each address has of what the server has for all [P12]: connections, rooms, seats in them, sessions, and how often it may join,
 * resume, read, publish and be refused. The door, the calls and the actors of one server share it. It has no clock and no timer: it is
 * told the time, in milliseconds since 1970.
 */
export class Shares {
  readonly sessions: SessionHoldings;
  readonly rooms: RoomHoldings;
  readonly #limits: Limits;
  readonly #addresses: Addresses;
  readonly #connectionRates: Rates;
  readonly #connections: Connections;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.sessions = new SessionHoldings(limits);
    this.rooms = new RoomHoldings(limits);
    this.#addresses = new Addresses(addressRates(limits), limits.addressesRememberedMax);
    this.#connectionRates = connectionRates(limits);
    this.#connections = new Connections(limits, this.#connectionRates);
  }

  get addressesKnown(): number {
    return this.#addresses.size;
  }

  /** A connection has come from `peer` (`address:port`). Whichever it is admitted instead of has to be cut. */
  admit(peer: string, nowMs: number): Admittance {
    const address = this.#addresses.hold(principalOf(peer));
    const admittance = this.#connections.admit(peer, address, nowMs);
    if (admittance.kind === 'refused') this.#addresses.release(address, nowMs);
    else if (admittance.instead) this.#addresses.release(admittance.instead.address, nowMs);
    return admittance;
  }

  /** An admitted connection is over. Further calls do nothing. */
  close(connection: Connection, nowMs: number): void {
    if (connection.closed) return;
    this.#connections.close(connection);
    this.#addresses.release(connection.address, nowMs);
  }

  /** The connections that have been idle for too long, and have to be cut. */
  overdue(nowMs: number): readonly Connection[] {
    return this.#connections.overdue(nowMs);
  }

  /** Where a stream or call of `peer` comes from; its `release` is to be called when that is over. */
  origin(peer: string, nowMs: number): Origin {
    const address = this.#addresses.hold(principalOf(peer));
    // A stream may be told of after its connection has closed.
    const connection = this.#connections.get(peer) ?? new Connection(peer, address, this.#connectionRates, nowMs);
    return new Origin(connection, this.#limits, (releasedAtMs) => this.#addresses.release(address, releasedAtMs));
  }
}
