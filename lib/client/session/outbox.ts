import type { MessageEvent } from '../../core/event.js';
import { type Rejection, rejection } from '../../core/rejection.js';
import { clientLimits } from '../limits.js';
import type { PublishOutcome } from './effects.js';

/** A message as it is to go out. */
export interface Sendable {
  readonly text: string;
  readonly ordinal: number;
  /** What its author had been shown when saying it, however late it goes out. */
  readonly seen: number;
}

/** A publish that waits for its event. */
interface Publish {
  readonly id: number;
  readonly text: string;
  seen: number;
  /** The client's Lamport times when it was sent, the first time and the last; 0 before that. */
  first: number;
  last: number;
}

/** What is to be done for a publish: told to its caller, or recorded. */
export type OutboxEffect =
  | { readonly kind: 'settle'; readonly publish: number; readonly outcome: PublishOutcome }
  /** What became of one that was sent, refusals apart; before its `settle`. */
  | { readonly kind: 'accepted'; readonly ordinal: number; readonly sequence: number }
  | { readonly kind: 'no-answer'; readonly ordinal: number; readonly reason: string };

/**
 * The publishes of one session that wait for their event, in the order in which they were made, which is the order in
 * which they go out [P6]. One without an ordinal has certainly not been published; it gets the session's next one when
 * it goes out. One with an ordinal may have been: within its session it goes out again only with that one [P5].
 */
export interface Outbox {
  /** By ordinal, rising. */
  readonly numbered: Map<number, Publish>;
  /** Not sent yet. */
  waiting: Publish[];
  /** The newest ordinal used in this session. */
  ordinal: number;
  /** The newest ordinal of this session that an event had. */
  accepted: number;
  /** What the server had accepted when the session was resumed. */
  known: number;
}

type Tell = (effect: OutboxEffect) => void;

/** `ordinal`: the newest one used so far. */
export function openOutbox(ordinal = 0): Outbox {
  return { numbered: new Map(), waiting: [], ordinal, accepted: 0, known: 0 };
}

/** The ordinal that one more publish would get. */
export function nextOrdinal({ ordinal, waiting }: Outbox): number {
  return ordinal + waiting.length + 1;
}

/** Whether some may have been published and have no answer. */
export function isUnsettled({ numbered }: Outbox): boolean {
  return numbered.size > 0;
}

/** False, and nothing is added, where `unansweredMax` wait already [P12]. */
export function addPublish(
  outbox: Outbox,
  { id, text, seen }: { readonly id: number; readonly text: string; readonly seen: number },
  unansweredMax: number = clientLimits.publishesUnansweredMax,
): boolean {
  if (outbox.numbered.size + outbox.waiting.length >= unansweredMax) return false;
  outbox.waiting.push({ id, text, seen, first: 0, last: 0 });
  return true;
}

/** Numbers those that have no ordinal yet and gives them, in order, to be sent. */
export function numberWaiting(outbox: Outbox): Sendable[] {
  return outbox.waiting.splice(0).map((publish) => {
    outbox.ordinal += 1;
    outbox.numbered.set(outbox.ordinal, publish);
    return { text: publish.text, ordinal: outbox.ordinal, seen: publish.seen };
  });
}

/** `ordinal` goes out, perhaps again, at this client's Lamport time `lamport`. */
export function noteSent(outbox: Outbox, ordinal: number, lamport: number): void {
  const publish = outbox.numbered.get(ordinal);
  if (!publish) return;
  publish.first ||= lamport;
  publish.last = lamport;
}

/**
 * The session goes on over another connection; its server has accepted `ordinal` as its newest. Gives what to send
 * again, in order. Of those up to `ordinal`, each becomes an event, or was refused with a rejection that got lost.
 * `inherited`: the session was an earlier program's, of whose publishes some may still be on their way to the room; none
 * of their ordinals is used again, or a message would be taken for the repeat of another one.
 */
export function resumeOutbox(outbox: Outbox, ordinal: number, inherited: boolean, tell: Tell): Sendable[] {
  outbox.ordinal = Math.max(outbox.ordinal, ordinal) + (inherited ? clientLimits.publishesUnansweredMax : 0);
  outbox.known = ordinal;
  refusePassedOver(outbox, tell);
  return [...outbox.numbered]
    .filter(([own]) => own > ordinal)
    .map(([own, { text, seen }]) => ({ text, seen, ordinal: own }));
}

/** Another session begins, and the events of the one before are all known: what is not among them was not published. */
export function renumber(outbox: Outbox, tell: Tell): void {
  // Sent before one that was published, it would be published after it now [P6].
  outbox.known = outbox.accepted;
  refusePassedOver(outbox, tell);
  for (const ordinal of outbox.numbered.keys()) {
    tell({ kind: 'no-answer', ordinal, reason: 'It was not published before the session ended.' });
  }
  outbox.waiting = [...outbox.numbered.values(), ...outbox.waiting];
  outbox.numbered.clear();
  outbox.ordinal = 0;
  outbox.accepted = 0;
  outbox.known = 0;
}

/** An own message of this session. */
export function settleAccepted(outbox: Outbox, event: MessageEvent, tell: Tell): void {
  const { ordinal, sequence } = event;
  const publish = outbox.numbered.get(ordinal);
  outbox.numbered.delete(ordinal);
  if (publish) {
    tell({ kind: 'accepted', ordinal, sequence });
    const { first, last } = publish;
    const outcome = { kind: 'accepted', message: { ...event, sent: { first, last } } } as const;
    tell({ kind: 'settle', publish: publish.id, outcome });
  }
  outbox.accepted = ordinal;
  refusePassedOver(outbox, tell);
}

/** The server refused a publish; that of an ordinal which nobody waits for is none. */
export function settleRefused(outbox: Outbox, refusal: Rejection, tell: Tell): void {
  const ordinal = Number(refusal.ordinal);
  const publish = outbox.numbered.get(ordinal);
  if (!publish) return;
  outbox.numbered.delete(ordinal);
  tell({ kind: 'settle', publish: publish.id, outcome: { kind: 'refused', rejection: refusal } });
}

/** The history in which publishes may have become events is no more. The others wait for the one that follows. */
export function settleHistoryLost(outbox: Outbox, reason: string, tell: Tell): void {
  giveUp(outbox, 'history-lost', reason, tell);
}

/** Another history begins, of which no author of what waits has been shown anything. */
export function forgetSeen(outbox: Outbox): void {
  for (const publish of outbox.waiting) publish.seen = 0;
}

/** The session is over: all that wait are told so. */
export function settleAll(outbox: Outbox, reason: string, tell: Tell): void {
  giveUp(outbox, 'over', reason, tell);
  for (const { id } of outbox.waiting.splice(0)) {
    tell({
      kind: 'settle',
      publish: id,
      outcome: { kind: 'no-answer', why: 'over', message: reason, sent: false },
    });
  }
}

/** The publish `id` has waited for `publishMsMax`. */
export function settleOverdue(outbox: Outbox, id: number, publishMsMax: number, tell: Tell): void {
  const seconds = publishMsMax / 1000;
  const settle = (message: string, sent: boolean) =>
    tell({ kind: 'settle', publish: id, outcome: { kind: 'no-answer', why: 'overdue', message, sent } });
  const index = outbox.waiting.findIndex((publish) => publish.id === id);
  if (index >= 0) {
    outbox.waiting.splice(index, 1);
    settle(`It could not be sent within ${seconds} s.`, false);
    return;
  }
  for (const [ordinal, publish] of outbox.numbered) {
    if (publish.id !== id) continue;
    outbox.numbered.delete(ordinal);
    const reason = `The server did not answer within ${seconds} s.`;
    tell({ kind: 'no-answer', ordinal, reason });
    settle(reason, true);
  }
}

function refusePassedOver(outbox: Outbox, tell: Tell): void {
  if (outbox.known === 0 || outbox.accepted < outbox.known) return;
  for (const ordinal of [...outbox.numbered.keys()].filter((own) => own <= outbox.known)) {
    tell({ kind: 'no-answer', ordinal, reason: 'It was refused; the reason was lost with a connection.' });
    settleRefused(outbox, rejection('UNSPECIFIED', ordinal), tell);
  }
  outbox.known = 0;
}

/** Nobody will know what became of those that were sent. */
function giveUp(outbox: Outbox, why: 'history-lost' | 'over', message: string, tell: Tell): void {
  for (const [ordinal, { id }] of outbox.numbered) {
    tell({ kind: 'no-answer', ordinal, reason: message });
    tell({ kind: 'settle', publish: id, outcome: { kind: 'no-answer', why, message, sent: true } });
  }
  outbox.numbered.clear();
}
