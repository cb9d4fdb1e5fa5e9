import type { JoinedEvent, LeftEvent, LeftReason, MessageEvent, RoomEvent } from '../../../lib/core/event.js';

/** The events of a room, one after the other, with the logical times that the test gives them. */
export class Said {
  readonly events: RoomEvent[] = [];

  joined(participant: string, lamport: number): JoinedEvent {
    return this.#add({ ...this.#stamped(participant, lamport), kind: 'joined' });
  }

  left(participant: string, lamport: number, reason: LeftReason = 'ASKED'): LeftEvent {
    return this.#add({ ...this.#stamped(participant, lamport), kind: 'left', reason });
  }

  /** A message whose author had been shown everything up to `seen`. */
  message(participant: string, lamport: number, seen: number): MessageEvent {
    return this.#add({
      ...this.#stamped(participant, lamport),
      kind: 'message',
      text: `text ${lamport}`,
      ordinal: 1,
      seen,
    });
  }

  #stamped(participant: string, lamport: number) {
    const sequence = this.events.length + 1;
    return { sequence, lamport, timeMs: 0, participant, chain: sequence.toString(16).padStart(16, '0') };
  }

  #add<E extends RoomEvent>(event: E): E {
    this.events.push(event);
    return event;
  }
}
