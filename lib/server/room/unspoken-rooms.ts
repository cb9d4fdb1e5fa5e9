import { decodeChatResponse } from '../../codec/responses.js';
import type { EventLog } from '../log/event-log.js';

/** A room with more events than this is assumed to have had a message. */
const eventsLookedAtMax = 1_000;

/** Whether the room has no participants and never had a message, by its event log. Throws if that cannot be read. */
export function isUnspoken(log: EventLog, room: string): boolean {
  const head = log.head(room);
  if (!head) return true;
  if (head.participants > 0 || head.place.sequence > eventsLookedAtMax || log.oldest(room) > 1) return false;
  const run = log.read(room, 0, eventsLookedAtMax);
  return !run || decodeChatResponse(run.bytes).events.every(({ kind }) => kind !== 'message');
}

/** Rooms that had no participants when they last reported, and since when: the one that is empty for longest first. */
export class EmptyRooms {
  readonly #sinceMs = new Map<string, number>();

  /** The last participant has left. */
  emptied(room: string, nowMs: number): void {
    this.#sinceMs.delete(room);
    this.#sinceMs.set(room, nowMs);
  }

  /** The one that is empty for longest, if it has been for `ms`; it is no longer here. */
  removeLongestEmpty(nowMs: number, ms: number): string | undefined {
    const [first] = this.#sinceMs;
    if (!first || nowMs - first[1] < ms) return undefined;
    this.#sinceMs.delete(first[0]);
    return first[0];
  }
}
