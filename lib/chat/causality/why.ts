import type { SendTimes } from '../../client/chat-client.js';
import type { LeftReason, MessageEvent, RoomEvent } from '../../core/event.js';
import { crossed } from '../../core/event.js';
import { displaySafe } from '../../display/display-safe.js';
import { fitting } from '../../display/graphemes.js';
import { eventText } from '../../display/line.js';
import { chatLimits } from '../limits.js';

/**
 * Why `event` has the logical time that it has, and what its author knew, in sentences for people: the stamp's sum, the
 * author's clock, what the event comes after, and what is concurrent with it. `events` are the room's as far as they
 * are kept, `event` among them; `sent` is given of an own message.
 */
export function why(event: RoomEvent, events: readonly RoomEvent[], sent?: SendTimes): string[] {
  const before = events.find(({ sequence }) => sequence === event.sequence - 1);
  const room = before ? ` ${before.lamport}` : event.sequence === 1 ? ' 0' : '';
  const itself = event.kind === 'left' ? byItself[event.reason] : undefined;
  if (itself) return [eventText(event), `${sum(event, `room${room}`)} It wrote this by itself: ${itself}.`];
  if (event.kind === 'unknown') return [eventText(event), `${sum(event, `max(room${room}, who caused it)`)}`];
  const clock = sent ? sentClock(sent) : toldClock(event, events);
  return [
    eventText(event),
    `${sum(event, `max(room${room}, ${sent ? 'you' : event.participant} ${clock.time})`)} ${clock.because}`,
    ...(event.kind === 'message' ? [seen(event, events, sent), concurrent(event, events)] : []),
  ];
}

/** Why the room wrote a leave that nobody asked for. */
const byItself: Readonly<Partial<Record<LeftReason, string>>> = {
  CONNECTION_LOST: 'the connection was lost',
  REMOVED: 'the participant was removed',
  SERVER_RESTARTED: 'the server was started again',
};

function sum({ sequence, lamport }: RoomEvent, of: string): string {
  return `Time: ${lamport} = ${of} + 1, stamped by the room on its event ${sequence}.`;
}

/** The author's time when sending, and how that is known. */
interface Clock {
  readonly time: string;
  readonly because: string;
}

function sentClock({ first, last }: SendTimes): Clock {
  if (first === last) return { time: `${first}`, because: `Your clock was ${first} when you sent it.` };
  return {
    time: `${first} or later`,
    because: `Your clock was ${first} when you first sent it, and ${last} when you last sent it again.`,
  };
}

function toldClock(event: RoomEvent, events: readonly RoomEvent[]): Clock {
  const range = authorsClock(event, events);
  if (!range) return { time: '?', because: "No clock that keeps Lamport's rules gives this stamp." };
  const { from, to } = range;
  if (from === to) return { time: `${to}`, because: `Only ${to} gives this stamp.` };
  if (from === 1) return { time: `at most ${to}`, because: 'A later one would give a later stamp.' };
  return {
    time: `${from} to ${to}`,
    because: `The time of ${event.participant}: at least ${from} after what was shown and sent before, at most ${to} by the stamp.`,
  };
}

function seen(message: MessageEvent, events: readonly RoomEvent[], sent: SendTimes | undefined): string {
  const who = sent ? 'you' : message.participant;
  if (message.seen === 0) return `Before it ${who} had been shown nothing of this room.`;
  const last = events.find(({ sequence }) => sequence === message.seen);
  const what = last ? named(last) : `event ${message.seen}, which is too long ago to be named here`;
  return `After: ${who} had been shown everything up to ${what}`;
}

/**
 * The messages that are concurrent with `message` in Lamport's sense: neither author had been shown the other's when
 * sending. What an author knows of a room is always its event log up to a position, `seen`, so that nobody can have
 * learned of a message by a third: not to have been shown it is not to have known it.
 */
function concurrent(message: MessageEvent, events: readonly RoomEvent[]): string {
  const others = events.filter(
    (other) => other.kind === 'message' && (crossed(other, message) || crossed(message, other)),
  );
  if (others.length === 0)
    return 'Concurrent with it: no message so far. Of it and each other message, the author of the later one had been shown the earlier one.';
  const shown = others.slice(0, chatLimits.concurrentShownMax).map(named).join('; ');
  const more = others.length - chatLimits.concurrentShownMax;
  return `Concurrent with it, as neither author had been shown the other's message: ${shown}${more > 0 ? `; and ${more} more` : ''}`;
}

function named(event: RoomEvent): string {
  return fitting(displaySafe(eventText(event)), chatLimits.eventNamedColumnsMax);
}

/** What an event tells of its author's Lamport time when sending: at least `from`, at most `to`. */
interface ClockRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The author's Lamport time at the sending of `event`, as far as the room's events tell it, which are given in their
 * order and without gap. By the rules of Lamport's clock [S8]:
 *
 * - the stamp is max(room, sender) + 1, so the sender's time was less than the stamp; where the stamp is more than one
 *   above the event before, which has the room's time, the sender's time decided, and is known;
 * - an author who had been shown an event of time L was at L + 1 at least, and ticked for each send since and this one.
 *
 * Undefined where it contradicts itself, as with an author whose program does not keep the rules.
 */
export function authorsClock(event: RoomEvent, events: readonly RoomEvent[]): ClockRange | undefined {
  const before = events.find(({ sequence }) => sequence === event.sequence - 1);
  const roomsTime = before?.lamport ?? (event.sequence === 1 ? 0 : undefined);
  const earliest = earliestTime(event, events);
  if (roomsTime === undefined) return range(earliest, event.lamport - 1);
  if (event.lamport > roomsTime + 1) return range(event.lamport - 1, event.lamport - 1);
  return range(earliest, roomsTime);
}

function earliestTime(event: RoomEvent, events: readonly RoomEvent[]): number {
  if (event.kind !== 'message') return 1;
  const seen = events.find(({ sequence }) => sequence === event.seen)?.lamport;
  const sends = events.filter((other) => {
    const isOwn = other.kind === 'message' && other.participant === event.participant && other.seen === event.seen;
    return isOwn && other.sequence > event.seen && other.sequence <= event.sequence;
  });
  return (seen === undefined ? 0 : seen + 1) + sends.length;
}

function range(from: number, to: number): ClockRange | undefined {
  return from <= to ? { from, to } : undefined;
}
