import type { RoomEvent } from '../../core/event.js';
import type { Step } from '../history/history.js';
import type { LoggedEvent } from '../history/room-log.js';
import type { PromiseId } from './verdict.js';

/** A promise that can be broken, or `unknown`: the record does not show that all were kept, which is no pass. */
export type Judged = PromiseId | 'unknown';

/**
 * Everything the checker notices, with the promise it breaks. Of violations at the same sequence the one that stands
 * first here is reported first: what somebody did before what follows from it.
 */
export const kinds = {
  'received-outside': 'P9', // A client received an event in a room that it had not been let in to.
  'sent-outside': 'P9', // A client sent in a session that it was never let in to.
  'out-of-order': 'P2', // A client received an event after a later one.
  'received-twice': 'P3', // A client received an event again.
  gap: 'P3', // A client missed events between two that it received.
  'resumed-elsewhere': 'P3', // A resumed stream does not go on from the place that its client presented.
  'log-gap': 'P3', // Sequences in a log are not 1, 2, 3, …
  'log-id-changed': 'P1', // A client goes on in another log than before, as if it were the same.

  'acknowledged-lost': 'P4', // What somebody was told is in the event log is not there.
  'received-lost': 'P4', // What somebody received is not in the log.
  'log-shrunk': 'P4', // A log has fewer events than it had.
  'log-replaced': 'P4', // A room goes on in another log, though nobody wiped its store.

  'ordinal-twice': 'P5', // One publish became two events.
  'repeat-answered-otherwise': 'P5', // A publish sent again was answered with another event than the first one's.

  'own-reordered': 'P6', // A session's messages are in another order than their author's.
  'before-its-cause': 'P6', // A message comes before an event that its author had received when sending it.
  overtaken: 'P6', // A message comes before one that was acknowledged before it was sent.
  'ordinals-forgotten': 'P5', // A resumed session is told that less of it was accepted than its client knows was.

  'joined-twice': 'P8', // A participant joined that is in the room already.
  'no-joined': 'P8', // A session was let in and has no Joined.
  'left-twice': 'P8', // A Left of a participant that has left already.
  'left-without-joined': 'P8', // A Left of a participant that never joined.
  'spoke-outside': 'P8', // A message by a participant that is not in the room.
  'no-left': 'P8', // A session has ended and has no Left.
  'resumed-after-left': 'P8', // A session was resumed after its Left.
  'left-though-present': 'P8', // A session has a Left, and its client is still in the room.

  'forged-message': 'P9', // A message that nobody sent.
  'forged-joined': 'P9', // A Joined of somebody who did not ask to join.
  'left-unasked': 'P9', // A Left at the wish of somebody who did not ask to leave.
  'text-altered': 'P9', // A message with another text than its author sent.
  'seen-altered': 'P9', // A message that claims its author had been shown something else.
  'refused-yet-published': 'P9', // A message whose author was told that it is refused.
  'refusal-without-reason': 'P9', // A refusal that does not say why.
  'answer-from-nowhere': 'P9', // An answer to a publish that nobody sent.
  'answer-of-another': 'P9', // A publish was answered with the event of something else.
  'welcomed-otherwise': 'P9', // A welcome that does not fit what its client had asked for, or what its session had published.

  'lamport-not-increasing': 'P7', // A Lamport time that is not greater than the one before it in the log.
  'lamport-below-sender': 'P7', // A Lamport time that is not greater than the sender's.
  'lamport-off-rule': 'P7', // A Lamport time that is not max(room, sender) + 1.
  'clock-not-ticked': 'P7', // A client sent with another Lamport time than its own plus one.
  'clock-not-advanced': 'P7', // A client's clock after receiving is not max(own, received) + 1.

  disagreement: 'P1', // A client, or the answer to a publish, has another event at a sequence than the log.
  'place-disagrees': 'P1', // A client was welcomed at a place of another history than the log's.
  'log-changed': 'P1', // A log holds another event at a sequence than it did.
  'chain-broken': 'P1', // A chain is not the fingerprint of the history up to it.

  'reader-behind': 'unknown', // A client that was to receive everything did not get that far.
  'reader-unknown': 'unknown', // Nobody said how it ended for a client.
  'publish-unanswered': 'unknown', // A publish has no outcome.
  'log-incomplete': 'unknown', // The log was not read from its first event to its newest.
  'log-missing': 'unknown', // A client was in a room whose log was not read.
  'nothing-recorded': 'unknown', // There is nothing to judge.
} as const satisfies Record<string, Judged>;

export type ViolationKind = keyof typeof kinds;

/** Where a violation shows; what does not apply is not set. */
export interface Where {
  readonly sequence?: number | undefined;
  /** The client whose record shows it. */
  readonly client?: string | undefined;
  readonly ordinal?: number | bigint | undefined;
}

/** What a violation is seen by: a step of a client's record, the very object, or an event of the log. */
export type Exhibit = Step | LoggedEvent;

/** One counterexample to a promise: what a rule finds. */
export interface Violation {
  readonly promise: Judged;
  readonly kind: ViolationKind;
  /** Empty where it concerns no room. */
  readonly room: string;
  readonly where: Where;
  /** For people: who, what, and what should have been. */
  readonly message: string;
  /** First that which stands against the promise, then what it is held against. */
  readonly exhibits: readonly Exhibit[];
}

/** What a rule finds, in its order: a rule is a function from the evidence to these. */
export type Findings = Generator<Violation, void, undefined>;

export function finding(
  kind: ViolationKind,
  room: string,
  where: Where,
  message: string,
  exhibits: readonly Exhibit[],
): Violation {
  return { promise: kinds[kind], kind, room, where, message, exhibits };
}

/** Events in a violation's words: `event 17`, `events 17 to 19`. */
export function span(first: number, last: number): string {
  return first === last ? `event ${first}` : `events ${first} to ${last}`;
}

/** An event in a violation's words: `event 17 (Ada: “hello”)`. */
export function describe(event: RoomEvent): string {
  const { sequence, participant } = event;
  if (event.kind === 'message') return `event ${sequence} (${participant}: “${event.text}”)`;
  const what = event.kind === 'unknown' ? 'did something unknown' : event.kind;
  return `event ${sequence} (${participant} ${what})`;
}
