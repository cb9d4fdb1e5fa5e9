import { tick } from '../../core/clock.js';
import { type Rejection, rejection } from '../../core/rejection.js';
import { codePoints } from '../../core/text.js';
import { clientLimits } from '../limits.js';
import { addPublish, nextOrdinal, noteSent, numberWaiting, type Sendable } from './outbox.js';
import type { Effect, Step } from './protocol.js';
import { isLeaving, type SessionState } from './state.js';
import { record } from './telling.js';

/* What the participant says: publishes, and that it leaves. */

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

function send(state: SessionState, step: Step, event: 'send' | 'send-again', { text, ordinal, seen }: Sendable): void {
  state.time = tick(state.time);
  const lamport = state.time;
  noteSent(state.outbox, ordinal, lamport);
  record(state, step, event, { session: state.tag, lamport, ordinal, seen, text });
  state.askedToLeave = false;
  step.effects.push({ kind: 'send', request: { lamport, action: { kind: 'publish', text, ordinal, seen } } });
}

/** Over the present stream, what the participant has asked for: the leave, and after `close` no more word. */
export function sendWishToLeave(state: SessionState, step: Step): void {
  if (state.phase !== 'serving' || !isLeaving(state)) return;
  if (!state.closing || !state.askedToLeave) sendLeave(state, step);
  if (!state.closing) return;
  // The server owes the leave then, as it was asked for one.
  record(state, step, 'half-close', { session: state.tag });
  step.effects.push({ kind: 'half-close' });
}

function sendLeave(state: SessionState, step: Step): void {
  state.time = tick(state.time);
  const lamport = state.time;
  record(state, step, 'send-leave', { session: state.tag, lamport });
  step.effects.push({ kind: 'send', request: { lamport, action: { kind: 'leave' } } });
  state.askedToLeave = true;
}

/** The server could not take the leave: the session goes on, unless it was closed. */
export function refuseLeave(state: SessionState, step: Step, refusal: Rejection): void {
  const wasLeaving = state.leaving;
  state.leaving = false;
  if (!state.closing) {
    state.leaveHasTimeout = false;
    stopLeaveTimer(state, step);
  }
  if (wasLeaving) step.effects.push({ kind: 'refuseLeave', rejection: refusal });
}

/** The server has `leaveMsMax` from now on, where the session is being left. */
export function startLeaveTimer(state: SessionState, step: Step): void {
  if (!state.leaveHasTimeout) return;
  step.effects.push({ kind: 'wait', timer: 'leave', ms: clientLimits.leaveMsMax });
  state.leaveTimerRuns = true;
}

export function stopLeaveTimer(state: SessionState, step: Step): void {
  if (!state.leaveTimerRuns) return;
  step.effects.push({ kind: 'cancelWait', timer: 'leave' });
  state.leaveTimerRuns = false;
}

/** Why a session is over whose leave had no answer in time. */
export function unconfirmedLeave({ phase }: SessionState): string {
  const within = `within ${clientLimits.leaveMsMax / 1000} s`;
  return phase === 'serving'
    ? `The server did not confirm the leave ${within}.`
    : `The server could not be told of the leave ${within}. It ends the session by itself.`;
}
