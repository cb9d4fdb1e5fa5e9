import type { LeftReason } from '../../core/event.js';
import type { Status } from '../chat-client.js';
import { isRetryable } from '../errors.js';
import { clientLimits } from '../limits.js';
import type { Failure, Step, StreamEnd } from './protocol.js';
import { isLeaving, type SessionState } from './state.js';
import { record, tellStatus } from './telling.js';

/**
 * How long to wait before try `tries` + 1 to connect again, in milliseconds: anything up to a ceiling that doubles from try to
 * try (full jitter), so that a thousand clients whose server was lost at one moment do not come back at one moment. `random`: from 0
 * up to, not including, 1.
 */
export function backOffMs(
  tries: number,
  random: number,
  { backOffMsMin, backOffMsMax }: { readonly backOffMsMin: number; readonly backOffMsMax: number } = clientLimits,
): number {
  return Math.floor(random * Math.min(backOffMsMax, backOffMsMin * 2 ** tries));
}

/** The connection is lost because of `reason`: it will be made again. False where it is not to be tried at all. */
export function startOutage(state: SessionState, step: Step, reason: string): boolean {
  const { ms, wallMs } = state.now;
  state.outage = { sinceMs: ms, sinceWallMs: wallMs, reason };
  const { logId, sequence } = state;
  record(state, step, 'offline', { logId, sequence, reason });
  return waitToRetry(state, step);
}

/** Waits, at least `msMin`, before the next try. False where that was tried for long enough. */
export function waitToRetry(state: SessionState, step: Step, msMin = 0): boolean {
  const { outage, now } = state;
  if (!outage) return true;
  const leftMs = state.options.offlineMsMax - (now.ms - outage.sinceMs);
  const waitMs = Math.max(backOffMs(state.tries, now.random), msMin);
  state.tries += 1;
  if (leftMs <= 0) return false;
  // Whoever wants to leave has not much time.
  const most = isLeaving(state) ? Math.min(leftMs, clientLimits.backOffMsMin) : leftMs;
  const ms = Math.min(waitMs, most);
  state.phase = 'offline';
  step.effects.push({ kind: 'wait', timer: 'retry', ms });
  const { sinceWallMs: sinceMs, reason } = outage;
  tellStatus(state, step, { state: 'offline', sinceMs, retryAtMs: now.wallMs + ms, reason });
  return true;
}

/** How a session ends that was without a connection for `offlineMsMax`. */
export function triedForLong({ outage, options }: SessionState): string {
  return `${outage?.reason} It was tried for ${options.offlineMsMax / 1000} s.`;
}

/** What a session knows when its stream has ended. */
export interface SessionStanding {
  /** What the server did wrong, if it did. */
  readonly fault: string | undefined;
  readonly leaving: boolean;
  /** Why the own session ended, if its Left was received. */
  readonly left: LeftReason | undefined;
  readonly reconnect: boolean;
}

/** What the end of a stream means for its session: how it ended, or undefined if it goes on over another connection. */
export function streamOutcome(
  end: StreamEnd,
  { fault, leaving, left, reconnect }: SessionStanding,
): Status | undefined {
  if (fault) return ended(`${fault}. Join anew, and tell the server's operator.`);
  if (leaving && left) return { state: 'left' };
  if (leaving && end.how === 'well') return ended('The server ended the visit without confirming the leave.');
  if (end.farewell?.reason === 'REMOVED' || left === 'REMOVED') return ended('The server removed you from the room.');
  if (end.farewell?.reason === 'TAKEN_OVER') return ended('This visit was continued elsewhere.');
  if (left === 'ASKED') return ended('This visit was left elsewhere.');
  if (reconnect) return undefined;
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

/** Why, in a sentence for people. */
export function failureText(failure: Failure): string {
  switch (failure.kind) {
    case 'refused':
      return failure.rejection.detail;
    case 'gone':
      return 'The session is over.';
    default:
      return failure.message;
  }
}

/** The same as a whole sentence. */
export function failureSentence(failure: Failure): string {
  const text = failureText(failure);
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;
}

function ended(reason: string): Status {
  return { state: 'ended', reason };
}
