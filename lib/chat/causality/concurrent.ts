import { crossed } from '../../core/crossing.js';
import type { MessageEvent, RoomEvent } from '../../core/event.js';

/**
 * The messages among `events` that are concurrent with `message` in Lamport's sense: neither author had been shown the other's when
 * sending. What an author knows of a room is always its event log up to a place, `seen`, so that nobody can have learned of a message by
 * a third: not to have been shown it is not to have known it.
 */
export function concurrentWith(message: MessageEvent, events: readonly RoomEvent[]): MessageEvent[] {
  return events.filter(
    (other): other is MessageEvent => other.kind === 'message' && (crossed(other, message) || crossed(message, other)),
  );
}
