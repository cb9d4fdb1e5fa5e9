import type { Limits } from '../../core/limits.js';
import { type Excess, excessOf } from './portion.js';
import { Tally } from './tally.js';

export type SessionLimits = Pick<
  Limits,
  'sessionsMax' | 'sessionsPerAddressMax' | 'participantsPerRoomMax' | 'seatsPerAddressMax' | 'reservedPercent'
>;

/** What keeps a session from being begun: its room has no seat for this address, or the server no place. */
export interface NoSession {
  readonly scarce: 'seats' | 'sessions';
  readonly excess: Excess;
}

interface Holding {
  readonly room: string;
  /** Empty where the session is of an earlier life, and nobody has come back for it. */
  principal: string;
}

/**
 * Which address holds which sessions, from the moment a join is on its way to its room until the session has ended: for each
 * session is a seat in its room and a place in memory, also while it is waited for.
 */
export class SessionHoldings {
  readonly #limits: SessionLimits;
  readonly #bySession = new Map<string, Holding>();
  readonly #ofRooms = new Map<string, Set<string>>();
  readonly #ofPrincipals = new Tally();
  /** By room and principal: a room's name has no space. */
  readonly #seats = new Tally();

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  get total(): number {
    return this.#bySession.size;
  }

  /** Counts a session in; undefined, or what it would be too much of. Once for each session. */
  begin(session: string, room: string, principal: string): NoSession | undefined {
    if (this.#bySession.has(session)) return undefined;
    const { participantsPerRoomMax, seatsPerAddressMax, sessionsMax, sessionsPerAddressMax, reservedPercent } =
      this.#limits;
    const seats = { total: this.#ofRooms.get(room)?.size ?? 0, own: this.#seats.of(`${room} ${principal}`) };
    const noSeat = excessOf(seats, { totalMax: participantsPerRoomMax, ownMax: seatsPerAddressMax, reservedPercent });
    // Whether a room is full its own rules decide, in the order of its requests.
    if (noSeat && noSeat !== 'total') return { scarce: 'seats', excess: noSeat };
    const sessions = { total: this.total, own: this.#ofPrincipals.of(principal) };
    const noPlace = excessOf(sessions, { totalMax: sessionsMax, ownMax: sessionsPerAddressMax, reservedPercent });
    if (noPlace) return { scarce: 'sessions', excess: noPlace };
    this.#add(session, room, principal);
    return undefined;
  }

  /** Counts sessions in that a room has, whatever the limits say: those of an earlier life, which are nobody's yet. */
  adopt(room: string, sessions: Iterable<string>): void {
    for (const session of sessions) if (!this.#bySession.has(session)) this.#add(session, room, '');
  }

  /** The session goes on with a stream from `principal`. */
  move(session: string, principal: string): void {
    const holding = this.#bySession.get(session);
    if (!holding || holding.principal === principal) return;
    this.end(session);
    this.#add(session, holding.room, principal);
  }

  end(session: string): void {
    const holding = this.#bySession.get(session);
    if (!holding) return;
    const { room, principal } = holding;
    this.#bySession.delete(session);
    this.#ofPrincipals.remove(principal);
    this.#seats.remove(`${room} ${principal}`);
    const others = this.#ofRooms.get(room);
    others?.delete(session);
    if (others?.size === 0) this.#ofRooms.delete(room);
  }

  /** Of a room that went back to what its event log says: the sessions that are not there have ended. */
  keepOnly(room: string, isPresent: (session: string) => boolean): void {
    for (const session of [...(this.#ofRooms.get(room) ?? [])]) if (!isPresent(session)) this.end(session);
  }

  /** How many addresses hold a session. */
  get principals(): number {
    return this.#ofPrincipals.keys;
  }

  #add(session: string, room: string, principal: string): void {
    this.#bySession.set(session, { room, principal });
    this.#ofPrincipals.add(principal);
    this.#seats.add(`${room} ${principal}`);
    const others = this.#ofRooms.get(room);
    if (others) others.add(session);
    else this.#ofRooms.set(room, new Set([session]));
  }
}
