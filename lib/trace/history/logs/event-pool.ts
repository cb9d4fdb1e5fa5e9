import type { RoomEvent } from '../../../core/event.js';
import { sameEvent } from '../same-event.js';

/** Keeps one object for one event, however many logs have it: what is held is bounded by what happened, not by who heard it. */
export class EventPool {
  readonly #rooms = new Map<string, Map<string, RoomEvent>>();

  /** The event as it was first read; one that differs from all of that chain, though it has it, is kept as it is. */
  one(room: string, event: RoomEvent): RoomEvent {
    let byChain = this.#rooms.get(room);
    if (!byChain) {
      byChain = new Map();
      this.#rooms.set(room, byChain);
    }
    const known = byChain.get(event.chain);
    if (known) return sameEvent(known, event) ? known : event;
    byChain.set(event.chain, event);
    return event;
  }
}
