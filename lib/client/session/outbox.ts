import type { MessageEvent } from '../../core/event.js';
import { type Rejection, rejection } from '../../core/rejection.js';
import { clientLimits } from '../limits.js';
import type { PublishOutcome, Step } from './protocol.js';
import type { Outbox, SessionState } from './state.js';
import { record } from './telling.js';

/** A message as it is to go out. */
export interface Sendable {
  readonly text: string;
  readonly ordinal: number;
  /** What its author had been shown when saying it, however late it goes out. */
  readonly seen: number;
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
 * `inherited`: the session was an earlier program's, of whose publishes some may still be on their way to the room;
 * none of their ordinals is used again, or a message would be taken for the repeat of another one.
 */
export function resumeOutbox(state: SessionState, step: Step, ordinal: number, inherited: boolean): Sendable[] {
  const { outbox } = state;
  outbox.ordinal = Math.max(outbox.ordinal, ordinal) + (inherited ? clientLimits.publishesUnansweredMax : 0);
  outbox.known = ordinal;
  refusePassedOver(state, step);
  return [...outbox.numbered]
    .filter(([own]) => own > ordinal)
    .map(([own, { text, seen }]) => ({ text, seen, ordinal: own }));
}

/** Another session begins, and the events of the one before are all known: what is not among them was not published. */
export function renumber(state: SessionState, step: Step): void {
  const { outbox } = state;
  // Sent before one that was published, it would be published after it now [P6].
  outbox.known = outbox.accepted;
  refusePassedOver(state, step);
  for (const ordinal of outbox.numbered.keys()) {
    record(state, step, 'no-answer', { ordinal, reason: 'It was not published before the session ended.' });
  }
  outbox.waiting = [...outbox.numbered.values(), ...outbox.waiting];
  outbox.numbered.clear();
  outbox.ordinal = 0;
  outbox.accepted = 0;
  outbox.known = 0;
}

/** An own message of this session. */
export function settleAccepted(state: SessionState, step: Step, event: MessageEvent): void {
  const { outbox } = state;
  const { ordinal, sequence } = event;
  const publish = outbox.numbered.get(ordinal);
  outbox.numbered.delete(ordinal);
  if (publish) {
    record(state, step, 'accepted', { ordinal, sequence });
    const { id, first, last } = publish;
    settle(step, id, { kind: 'accepted', message: { ...event, sent: { first, last } } });
  }
  outbox.accepted = ordinal;
  refusePassedOver(state, step);
}

/** The server refused a publish; that of an ordinal which nobody waits for is none. */
export function settleRefused({ outbox }: SessionState, step: Step, refusal: Rejection): void {
  const ordinal = Number(refusal.ordinal);
  const publish = outbox.numbered.get(ordinal);
  if (!publish) return;
  outbox.numbered.delete(ordinal);
  settle(step, publish.id, { kind: 'refused', rejection: refusal });
}

/** Another history begins, of which no author of what waits has been shown anything. */
export function forgetSeen(outbox: Outbox): void {
  for (const publish of outbox.waiting) publish.seen = 0;
}

/** The session is over: all that wait are told so. */
export function settleAll(state: SessionState, step: Step, reason: string): void {
  giveUpSent(state, step, 'over', reason);
  for (const { id } of state.outbox.waiting.splice(0)) {
    settle(step, id, { kind: 'no-answer', why: 'over', message: reason, sent: false });
  }
}

/** The publish `id` has waited for `publishMsMax`. */
export function settleOverdue(state: SessionState, step: Step, id: number): void {
  const { outbox } = state;
  const seconds = state.options.publishMsMax / 1000;
  const settleUnanswered = (message: string, sent: boolean) =>
    settle(step, id, { kind: 'no-answer', why: 'overdue', message, sent });
  const index = outbox.waiting.findIndex((publish) => publish.id === id);
  if (index >= 0) {
    outbox.waiting.splice(index, 1);
    settleUnanswered(`It could not be sent within ${seconds} s.`, false);
    return;
  }
  for (const [ordinal, publish] of outbox.numbered) {
    if (publish.id !== id) continue;
    outbox.numbered.delete(ordinal);
    const reason = `The server did not answer within ${seconds} s.`;
    record(state, step, 'no-answer', { ordinal, reason });
    settleUnanswered(reason, true);
  }
}

function refusePassedOver(state: SessionState, step: Step): void {
  const { outbox } = state;
  if (outbox.known === 0 || outbox.accepted < outbox.known) return;
  for (const ordinal of [...outbox.numbered.keys()].filter((own) => own <= outbox.known)) {
    record(state, step, 'no-answer', { ordinal, reason: 'It was refused; the reason was lost with a connection.' });
    settleRefused(state, step, rejection('UNSPECIFIED', ordinal));
  }
  outbox.known = 0;
}

/** Nobody will know what became of those that were sent. The others wait for what follows. */
export function giveUpSent(state: SessionState, step: Step, why: 'history-lost' | 'over', message: string): void {
  for (const [ordinal, { id }] of state.outbox.numbered) {
    record(state, step, 'no-answer', { ordinal, reason: message });
    settle(step, id, { kind: 'no-answer', why, message, sent: true });
  }
  state.outbox.numbered.clear();
}

function settle(step: Step, publish: number, outcome: PublishOutcome): void {
  step.effects.push({ kind: 'settle', publish, outcome });
}
