import { chatLimits } from '../limits.js';
import type { Connection } from './connection-words.js';
import type { Unanswered } from './publish-queue.js';

/**
 * The texts to be shown as not sent yet: all without an answer while there is no connection, else those that have waited
 * for longer than `unsentShownMs`, so that nothing flickers when all is well.
 */
export function unsent(unanswered: readonly Unanswered[], connection: Connection, nowMs: number): string[] {
  const sinceMax = connection.state === 'live' ? nowMs - chatLimits.unsentShownMs : Number.POSITIVE_INFINITY;
  return unanswered.filter(({ sinceMs }) => sinceMs <= sinceMax).map(({ text }) => text);
}

/** After how many milliseconds the screen is another by the passing of time alone; undefined: never. */
export function nextChangeMs(
  unanswered: readonly Unanswered[],
  connection: Connection,
  nowMs: number,
): number | undefined {
  const waits: number[] = [];
  if (connection.state === 'offline' && connection.retryAtMs > nowMs) {
    waits.push((connection.retryAtMs - nowMs) % 1000 || 1000);
  }
  if (connection.state === 'live') {
    waits.push(...unanswered.map(({ sinceMs }) => sinceMs + chatLimits.unsentShownMs - nowMs).filter((ms) => ms > 0));
  }
  return waits.length === 0 ? undefined : Math.min(...waits);
}
