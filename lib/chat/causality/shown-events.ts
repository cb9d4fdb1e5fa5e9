import type { SendTimes } from '../../client/chat-client.js';
import type { MessageEvent, RoomEvent } from '../../core/event.js';
import { crossed } from '../../core/event.js';

/** The newest events of a room that were shown, without gap, for questions about them [P12]. */
export class ShownEvents {
  readonly #max: number;
  #events: RoomEvent[] = [];
  readonly #sent = new Map<number, SendTimes>();

  /** Keeps the newest `max` events. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Oldest first. */
  get all(): readonly RoomEvent[] {
    return this.#events.slice(-this.#max);
  }

  /** The room's next event. One that does not follow the newest begins anew. */
  add(event: RoomEvent): void {
    const newest = this.#events.at(-1);
    if (newest && event.sequence !== newest.sequence + 1) this.forget();
    this.#events.push(event);
    // Twice the limit before the array is cut, so that not every event moves all others.
    if (this.#events.length > 2 * this.#max) this.#cut();
  }

  /** Events before the oldest one; those that do not lead up to it, or are too many, are left out. */
  addEarlier(events: readonly RoomEvent[]): void {
    const [oldest] = this.all;
    if (oldest && events.at(-1)?.sequence !== oldest.sequence - 1) return;
    this.#events = [...events, ...this.all];
    this.#cut();
  }

  /** Notes when the own message that is the event at `sequence` was sent. */
  noteSent(sequence: number, times: SendTimes): void {
    this.#sent.set(sequence, times);
    // The oldest entry comes first in a Map.
    for (const noted of this.#sent.keys()) {
      if (this.#sent.size <= this.#max) break;
      this.#sent.delete(noted);
    }
  }

  sent(sequence: number): SendTimes | undefined {
    return this.#sent.get(sequence);
  }

  /** What follows is of another history. */
  forget(): void {
    this.#events = [];
    this.#sent.clear();
  }

  #cut(): void {
    this.#events = this.#events.slice(-this.#max);
  }
}

/**
 * Says of each event, in the order in which they are shown, whether it is to be marked as crossed in flight: a message
 * whose author had not yet seen the nearest message by somebody else above it. Keeps two messages, never more.
 */
export class CrossingMarks {
  #newest: MessageEvent | undefined;
  /** The newest one that is not by the author of the newest. */
  #newestByAnother: MessageEvent | undefined;

  mark(event: RoomEvent): boolean {
    if (event.kind !== 'message') return false;
    const isNewAuthor = this.#newest?.participant !== event.participant;
    if (isNewAuthor) this.#newestByAnother = this.#newest;
    this.#newest = event;
    return this.#newestByAnother !== undefined && crossed(this.#newestByAnother, event);
  }
}
