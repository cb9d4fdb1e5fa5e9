import { nextChain } from '../core/chain.js';
import type { RoomEvent } from '../core/event.js';

/**
 * The place a visit has reached, checked event by event: no gap, no duplicate, and the chain goes on, whichever
 * connection an event comes by [P1] [P2] [P3].
 */
export class OrderCheck {
  #sequence: number;
  #chain: string;

  constructor(place: { readonly sequence: number; readonly chain: string }) {
    this.#sequence = place.sequence;
    this.#chain = place.chain;
  }

  /** Of the last event taken in. */
  get sequence(): number {
    return this.#sequence;
  }

  /** At `sequence`. */
  get chain(): string {
    return this.#chain;
  }

  /**
   * Takes the next event in; false, and nothing taken in, if it is not the next of this history. The chain of one whose kind is
   * not known cannot be worked out: it is taken as it stands, and what follows is checked from there.
   */
  take(event: RoomEvent): boolean {
    if (event.sequence !== this.#sequence + 1) return false;
    if (event.kind !== 'unknown' && event.chain !== nextChain(this.#chain, event)) return false;
    this.#sequence = event.sequence;
    this.#chain = event.chain;
    return true;
  }
}
