import { tick } from '../../core/clock.js';
import { type Rejection, rejection } from '../../core/rejection.js';
import { codePoints } from '../../core/text.js';
import type { Effect, Step } from './effects.js';
import { isLeaving } from './leaving.js';
import { addPublish, nextOrdinal, noteSent, numberWaiting, type Sendable, settleRefused } from './outbox.js';
import { outboxTeller, recordOwn } from './record.js';
import type { SessionState } from './state.js';

/** The participant says `text`; `id` is the publish's number. */
export function publish(state: SessionState, step: Step, id: number, text: string): void {
  if (isLeaving(state)) {
    step.effects.push(notPublished(id));
    return;
  }
  const refusal = refusalOf(state, id, text);
  if (refusal) step.effects.push({ kind: 'settle', publish: id, outcome: { kind: 'refused', rejection: refusal } });
  else {
    step.effects.push({ kind: 'wait', timer: id, ms: state.options.publishMsMax });
    sendWaiting(state, step);
  }
}

/** What becomes of a publish in a session that is left, or over. */
export function notPublished(id: number): Effect {
  const outcome = { kind: 'no-answer', why: 'over', message: 'the visit is over', sent: false } as const;
  return { kind: 'settle', publish: id, outcome };
}

/** Undefined where it waits now to be sent. */
function refusalOf({ outbox, welcome, sequence: seen }: SessionState, id: number, text: string): Rejection | undefined {
  // Not left to the server, which refuses a request that is too large together with its stream.
  const codePointsMax = welcome?.textLengthMax ?? 0;
  if (codePoints(text, codePointsMax) > codePointsMax) return rejection('TEXT_TOO_LONG', nextOrdinal(outbox));
  return addPublish(outbox, { id, text, seen }) ? undefined : rejection('OVERLOADED', nextOrdinal(outbox));
}

/** Sends what waits, once it is known what became of what was sent before [P6]. */
export function sendWaiting(state: SessionState, step: Step): void {
  if (state.phase !== 'serving' || !state.settled || state.outbox.waiting.length === 0) return;
  for (const sendable of numberWaiting(state.outbox)) send(state, step, 'send', sendable);
}

/** Sends again what was sent over an earlier connection. */
export function sendAgain(state: SessionState, step: Step, sendables: readonly Sendable[]): void {
  for (const sendable of sendables) send(state, step, 'send-again', sendable);
}

/** The server refused a publish. */
export function refusePublish(state: SessionState, step: Step, refusal: Rejection): void {
  settleRefused(state.outbox, refusal, outboxTeller(state, step));
}

function send(state: SessionState, step: Step, event: 'send' | 'send-again', { text, ordinal, seen }: Sendable): void {
  state.time = tick(state.time);
  const lamport = state.time;
  noteSent(state.outbox, ordinal, lamport);
  recordOwn(state, step, 'info', event, { lamport, ordinal, seen, text });
  state.askedToLeave = false;
  step.effects.push({ kind: 'send', request: { lamport, action: { kind: 'publish', text, ordinal, seen } } });
}
