import { crossed } from '../../core/crossing.js';
import type { MessageEvent, RoomEvent } from '../../core/event.js';

/**
 * Says of each event, in the order in which they are shown, whether it is to be marked as crossed in flight: a message whose
 * author had not yet seen the nearest message by somebody else above it. Keeps two messages, however many there were.
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
