import type { Limits } from '../../core/limits.js';

/** How much of something is taken: of all there is, and by one address. */
export type Taken = Readonly<Record<'total' | 'own', number>>;

/** `reservedPercent`: of the total, what is kept from an address that holds most of what is taken. */
export type PortionLimits = Readonly<Record<'totalMax' | 'ownMax' | 'reservedPercent', number>>;

/** What one more would go over: the total, the address's own share, or what is kept for others. */
export type Excess = 'total' | 'own' | 'reserved';

/**
 * What keeps an address from taking one more; undefined if nothing does. So that others can always come in, an address
 * that holds, or would hold, more than half of what is taken cannot have the total's last tenth (`reservedPercent`).
 */
export function excessOf(taken: Taken, { totalMax, ownMax, reservedPercent }: PortionLimits): Excess | undefined {
  if (taken.own >= ownMax) return 'own';
  if (taken.total >= totalMax) return 'total';
  const reserved = Math.floor((totalMax * reservedPercent) / 100);
  return taken.total >= totalMax - reserved && holdsMost(taken) ? 'reserved' : undefined;
}

/** Whether the address would, with one more, hold more than half of what is taken. */
export function holdsMost({ total, own }: Taken): boolean {
  return own > 0 && own * 2 >= total;
}

/** How many of something each key has; a key that has none takes no place. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** How many keys have at least one. */
  get keys(): number {
    return this.#counts.size;
  }

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string): void {
    this.#counts.set(key, this.of(key) + 1);
  }

  remove(key: string): void {
    const count = this.of(key);
    if (count > 1) this.#counts.set(key, count - 1);
    else this.#counts.delete(key);
  }
}

/** Which address began which rooms of this server's life, as long as they are there. */
export class RoomHoldings {
  readonly #limits: Pick<Limits, 'roomsMax' | 'roomsPerAddressMax' | 'reservedPercent'>;
  readonly #byRoom = new Map<string, string>();
  readonly #ofPrincipals = new Tally();

  constructor(limits: Pick<Limits, 'roomsMax' | 'roomsPerAddressMax' | 'reservedPercent'>) {
    this.#limits = limits;
  }

  /** What keeps `principal` from beginning one more room where there are `total`; undefined if nothing does. */
  excess(principal: string, total: number): Excess | undefined {
    const { roomsMax: totalMax, roomsPerAddressMax: ownMax, reservedPercent } = this.#limits;
    return excessOf({ total, own: this.#ofPrincipals.of(principal) }, { totalMax, ownMax, reservedPercent });
  }

  begin(room: string, principal: string): void {
    this.end(room);
    this.#byRoom.set(room, principal);
    this.#ofPrincipals.add(principal);
  }

  /** The room is no more, whichever address began it. */
  end(room: string): void {
    const principal = this.#byRoom.get(room);
    if (principal === undefined) return;
    this.#byRoom.delete(room);
    this.#ofPrincipals.remove(principal);
  }
}

export type SessionLimits = Pick<
  Limits,
  'sessionsMax' | 'sessionsPerAddressMax' | 'participantsPerRoomMax' | 'seatsPerAddressMax' | 'reservedPercent'
>;

/** What keeps a session from being begun: its room has no seat for this address, or the server no place. */
export interface NoSession {
  readonly scarce: 'seats' | 'sessions';
  readonly excess: Excess;
}

/**
 * Which address holds which sessions, from the moment a join is on its way to its room until the session has ended: for
 * each session is a seat in its room and a place in memory, also while it is waited for.
 */
export class SessionHoldings {
  readonly #limits: SessionLimits;
  /** The principal is empty where the session is of an earlier life, and no stream has come back for it. */
  readonly #bySession = new Map<string, { readonly room: string; readonly principal: string }>();
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

  /** How many addresses hold a session. */
  get principals(): number {
    return this.#ofPrincipals.keys;
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

  /** Counts sessions that a room has, whatever the limits say: an earlier life's, which no address holds yet. */
  adopt(room: string, sessions: Iterable<string>): void {
    for (const session of sessions) if (!this.#bySession.has(session)) this.#add(session, room, '');
  }

  /** The session goes on with a stream from `principal`. */
  move(session: string, principal: string): void {
    const held = this.#bySession.get(session);
    if (!held || held.principal === principal) return;
    this.end(session);
    this.#add(session, held.room, principal);
  }

  end(session: string): void {
    const held = this.#bySession.get(session);
    if (!held) return;
    const { room, principal } = held;
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

  #add(session: string, room: string, principal: string): void {
    this.#bySession.set(session, { room, principal });
    this.#ofPrincipals.add(principal);
    this.#seats.add(`${room} ${principal}`);
    const others = this.#ofRooms.get(room);
    if (others) others.add(session);
    else this.#ofRooms.set(room, new Set([session]));
  }
}
