import type { Status } from '../chat-client.js';
import { isRetryable } from '../errors.js';
import { clientLimits } from '../limits.js';
import type { Failure, Step, StreamEnd } from './protocol.js';
import { isLeaving, type SessionState } from './state.js';
import { record, tellStatus } from './telling.js';

/**
 * How long to wait before try `tries` + 1 to connect again, in milliseconds: anything up to a ceiling that doubles from
 * try to try (full jitter), so that a thousand clients whose server was lost at one moment do not come back at one
 * moment. `random`: from 0 up to, not including, 1.
 */
export function backOffMs(
  tries: number,
  random: number,
  { backOffMsMin, backOffMsMax }: { readonly backOffMsMin: number; readonly backOffMsMax: number } = clientLimits,
): number {
  return Math.floor(random * Math.min(backOffMsMax, backOffMsMin * 2 ** tries));
}

/**
 * There is no connection because of `reason`: waits, at least `msMin`, before the next try. Gives how the session ends
 * where that was tried for long enough, or is not to be tried at all.
 */
export function waitToRetry(state: SessionState, step: Step, reason: string, msMin: number): Status | undefined {
  const { now, options, logId, sequence } = state;
  if (state.outage) state.outage.reason = reason;
  else record(state, step, 'offline', { logId, sequence, reason });
  state.outage ??= { sinceMs: now.ms, sinceWallMs: now.wallMs, reason };
  const leftMs = options.offlineMsMax - (now.ms - state.outage.sinceMs);
  const waitMs = Math.max(backOffMs(state.tries, now.random), msMin);
  state.tries += 1;
  if (leftMs <= 0) return ended(`${reason} It was tried for ${options.offlineMsMax / 1000} s.`);
  // A participant that wants to leave has not much time.
  const most = isLeaving(state) ? Math.min(leftMs, clientLimits.backOffMsMin) : leftMs;
  const ms = Math.min(waitMs, most);
  state.phase = 'offline';
  step.effects.push({ kind: 'wait', timer: 'retry', ms });
  tellStatus(state, step, { state: 'offline', sinceMs: state.outage.sinceWallMs, retryAtMs: now.wallMs + ms, reason });
  return undefined;
}

/** What the end of a stream means for its session: how it ended, or undefined if it goes on over another connection. */
export function streamOutcome(end: StreamEnd, state: SessionState): Status | undefined {
  const { fault, left } = state;
  const leaving = isLeaving(state);
  if (fault) return ended(`${fault}. Join anew, and tell the server's operator.`);
  if (leaving && left) return { state: 'left' };
  if (leaving && end.how === 'well') return ended('The server ended the visit without confirming the leave.');
  if (end.farewell?.reason === 'REMOVED' || left === 'REMOVED') return ended('The server removed you from the room.');
  if (end.farewell?.reason === 'TAKEN_OVER') return ended('This visit was continued elsewhere.');
  if (left === 'ASKED') return ended('This visit was left elsewhere.');
  if (state.options.reconnect) return undefined;
  return ended(`${whyLost(end)} ${end.farewell ? 'Join again when it is back.' : 'Join anew.'}`);
}

/** Why there is no connection, in a sentence for people. */
export function whyLost({ how, details, farewell }: StreamEnd): string {
  if (farewell?.reason === 'SERVER_STOPPING') return 'The server is stopping.';
  if (how === 'well') return 'The server ended the visit.';
  return `The connection is lost (${details}).`;
}

/** How a session ends that could not get in because of `failure`; undefined where it makes sense to try again. */
export function failureOutcome(failure: Failure): Status | undefined {
  switch (failure.kind) {
    case 'gone':
      return { state: 'left' };
    case 'ended':
      return ended(failure.message);
    case 'damaged':
    case 'unreachable':
      return undefined;
    case 'broken':
      return ended(`The visit failed (${failure.message}). Join anew.`);
    case 'refused': {
      const { reason, detail } = failure.rejection;
      // A seat may become free.
      return isRetryable(reason) || reason === 'ROOM_FULL' ? undefined : ended(detail);
    }
  }
}

/** What of a session cannot be gone on with, where that is why a resume failed. */
export function lossOf(failure: Failure): 'SESSION_UNKNOWN' | 'HISTORY_LOST' | undefined {
  if (failure.kind === 'damaged') return 'HISTORY_LOST';
  const reason = failure.kind === 'refused' ? failure.rejection.reason : undefined;
  return reason === 'SESSION_UNKNOWN' || reason === 'HISTORY_LOST' ? reason : undefined;
}

const gone = 'The session is over.';

/** Why, in a sentence for people. */
export function failureSentence(failure: Failure): string {
  const said = failure.kind === 'refused' ? failure.rejection.detail : failure.kind === 'gone' ? gone : failure.message;
  return `${said.charAt(0).toUpperCase()}${said.slice(1).replace(/\.$/, '')}.`;
}

function ended(reason: string): Status {
  return { state: 'ended', reason };
}
