import { tick } from '../../core/clock.js';
import type { Rejection } from '../../core/rejection.js';
import { clientLimits } from '../limits.js';
import type { Step } from './effects.js';
import { recordOwn } from './record.js';
import type { SessionState } from './state.js';

/** Whether the participant only wants to be gone. */
export function isLeaving({ leaving, closing }: SessionState): boolean {
  return leaving || closing;
}

/** Over the present stream, what the participant has asked for: the leave, and after `close` no more word. */
export function sendWishToLeave(state: SessionState, step: Step): void {
  if (state.phase !== 'serving' || !isLeaving(state)) return;
  if (!state.closing || !state.askedToLeave) sendLeave(state, step);
  if (!state.closing) return;
  // The server owes the leave then, as it was asked for one.
  recordOwn(state, step, 'info', 'half-close', {});
  step.effects.push({ kind: 'half-close' });
}

function sendLeave(state: SessionState, step: Step): void {
  state.time = tick(state.time);
  const lamport = state.time;
  recordOwn(state, step, 'info', 'send-leave', { lamport });
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
