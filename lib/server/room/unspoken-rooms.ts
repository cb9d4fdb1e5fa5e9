import { decodeChatResponse } from '../../codec/responses.js';
import type { EventLog } from '../log/event-log.js';

/** A room with more events than this is taken for one in which somebody spoke. */
const eventsLookedAtMax = 1_000;

/** Whether nobody is in the room and nobody ever spoke there, by its event log. Throws where that cannot be read. */
export function isUnspoken(log: EventLog, room: string): boolean {
  const head = log.head(room);
  if (!head) return true;
  if (head.participants > 0 || head.place.sequence > eventsLookedAtMax || log.oldest(room) > 1) return false;
  const run = log.read(room, 0, eventsLookedAtMax);
  return !run || decodeChatResponse(run.bytes).events.every(({ kind }) => kind !== 'message');
}

/** Rooms that nobody was in when it was last heard of them, and since when: the one that is empty for longest first. */
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
