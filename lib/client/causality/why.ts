import type { LeftReason, MessageEvent, RoomEvent } from '../../core/event.js';
import type { SendTimes } from '../chat-client.js';
import { displaySafe } from '../display/display-safe.js';
import { fitting } from '../display/fitting.js';
import { eventText } from '../display/line.js';
import { clientLimits } from '../limits.js';
import { authorsClock } from './authors-clock.js';
import { concurrentWith } from './concurrent.js';

/**
 * Why `event` has the logical time that it has, and what its author knew, in sentences for people: the stamp's sum, the author's
 * clock, what the event comes after, and what is concurrent with it. `events` are the room's as far as they are kept, `event`
 * among them; `sent` is given of an own message.
 */
export function why(event: RoomEvent, events: readonly RoomEvent[], sent?: SendTimes): string[] {
  return [
    eventText(event),
    stamp(event, events),
    ...(wroteItself(event) ? [] : [clock(event, events, sent)]),
    ...(event.kind === 'message' ? [seen(event, events, sent), concurrent(event, events)] : []),
  ];
}

/** What the room wrote with no request. */
const byItself: Readonly<Partial<Record<LeftReason, string>>> = {
  CONNECTION_LOST: 'the connection was lost',
  REMOVED: 'the participant was removed',
  SERVER_RESTARTED: 'the server was started again',
};

function wroteItself(event: RoomEvent): string | undefined {
  return event.kind === 'left' ? byItself[event.reason] : undefined;
}

function stamp(event: RoomEvent, events: readonly RoomEvent[]): string {
  const { sequence, lamport } = event;
  const before = events.find((other) => other.sequence === sequence - 1);
  const room = before ? ` (${before.lamport})` : sequence === 1 ? ' (0)' : '';
  const itself = wroteItself(event);
  const of = itself ? `. It wrote this by itself, because ${itself}` : ` and of its author's when sending`;
  const sum = itself ? `one more than its own${room}` : `one more than the greater of its own${room}`;
  return `Time: as event ${sequence} the room stamped it ${lamport}, ${sum}${of}.`;
}

function clock(event: RoomEvent, events: readonly RoomEvent[], sent: SendTimes | undefined): string {
  if (sent && sent.first !== sent.last)
    return `Your clock was ${sent.first} when you sent it, and ${sent.last} when you last sent it again.`;
  if (sent) return `Your clock was ${sent.first} when you sent it.`;
  const whose = `Clock of ${event.participant} when sending:`;
  const range = authorsClock(event, events);
  if (!range) return `${whose} unknown; it cannot have kept Lamport's rules.`;
  const { from, to } = range;
  if (from === to) return `${whose} ${to}; nothing else gives this stamp.`;
  if (from === 1) return `${whose} ${to} or less, or the stamp would be greater.`;
  return `${whose} from ${from} (by what it had been shown and sent) to ${to} (or the stamp would be greater).`;
}

function seen(message: MessageEvent, events: readonly RoomEvent[], sent: SendTimes | undefined): string {
  const who = sent ? 'you' : message.participant;
  if (message.seen === 0) return `Before it ${who} had been shown nothing of this room.`;
  const last = events.find(({ sequence }) => sequence === message.seen);
  const what = last ? named(last) : `event ${message.seen}, which is too long ago to be named here`;
  return `After: ${who} had been shown everything up to ${what}.`;
}

function concurrent(message: MessageEvent, events: readonly RoomEvent[]): string {
  const others = concurrentWith(message, events);
  if (others.length === 0)
    return 'Concurrent with it: no message so far. Of any two, the later one was said in knowledge of the earlier one.';
  const shown = others.slice(0, clientLimits.concurrentShownMax).map(named).join('; ');
  const more = others.length - clientLimits.concurrentShownMax;
  return `Concurrent with it: ${shown}${more > 0 ? `; and ${more} more` : ''}. Neither author had been shown the other's message.`;
}

function named(event: RoomEvent): string {
  return fitting(displaySafe(eventText(event)), clientLimits.eventNamedColumnsMax);
}
