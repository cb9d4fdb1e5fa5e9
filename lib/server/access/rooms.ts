import type { Limits } from '../../core/limits.js';
import { type Excess, excessOf } from './portion.js';
import { Tally } from './tally.js';

export type RoomLimits = Pick<Limits, 'roomsMax' | 'roomsPerAddressMax' | 'reservedPercent'>;

/** Which address began which rooms of this server's life, as long as they are there. */
export class RoomHoldings {
  readonly #limits: RoomLimits;
  readonly #byRoom = new Map<string, string>();
  readonly #ofPrincipals = new Tally();

  constructor(limits: RoomLimits) {
    this.#limits = limits;
  }

  /** What keeps `principal` from beginning one more room where there are `total`; undefined if nothing does. */
  excess(principal: string, total: number): Excess | undefined {
    const { roomsMax, roomsPerAddressMax, reservedPercent } = this.#limits;
    const taken = { total, own: this.#ofPrincipals.of(principal) };
    return excessOf(taken, { totalMax: roomsMax, ownMax: roomsPerAddressMax, reservedPercent });
  }

  begin(room: string, principal: string): void {
    this.end(room);
    this.#byRoom.set(room, principal);
    this.#ofPrincipals.add(principal);
  }

  /** Whoever began it, the room is no more. */
  end(room: string): void {
    const principal = this.#byRoom.get(room);
    if (principal === undefined) return;
    this.#byRoom.delete(room);
    this.#ofPrincipals.remove(principal);
  }
}
