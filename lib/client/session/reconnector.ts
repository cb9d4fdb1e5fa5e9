import { clientLimits } from '../limits.js';
import type { Step } from './effects.js';
import { isLeaving } from './leaving.js';
import { record } from './record.js';
import type { SessionState } from './state.js';
import { tellStatus } from './status.js';

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
  record(state, step, 'warn', 'offline', { logId, sequence, reason });
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
