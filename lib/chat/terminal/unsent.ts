import { displaySafe } from '../../display/display-safe.js';
import { fitting } from '../../display/graphemes.js';
import { chatLimits } from '../limits.js';
import type { ConnectionStatus } from './status-row.js';
import type { Unanswered } from './typed-messages.js';

/**
 * The texts to be shown as not sent yet: all without an answer while there is no connection, else those that have
 * waited for longer than `unsentShownMs`, so that nothing flickers when all is well.
 */
export function unsent(unanswered: readonly Unanswered[], connection: ConnectionStatus, nowMs: number): string[] {
  const sinceMax = connection.state === 'live' ? nowMs - chatLimits.unsentShownMs : Number.POSITIVE_INFINITY;
  return unanswered.filter(({ sinceMs }) => sinceMs <= sinceMax).map(({ text }) => text);
}

/** After how many milliseconds the screen is another by the passing of time alone; undefined: never. */
export function nextChangeMs(
  unanswered: readonly Unanswered[],
  connection: ConnectionStatus,
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

/** Rows that a small terminal keeps for conversation, status and input line before it shows unsent messages. */
const rowsKept = 6;

/**
 * The rows that show which messages are not sent yet, in the order in which they will be, for a terminal of this size:
 * one row for each of the first `unsentRowsMax`, or fewer where the terminal is low, and one for the number of the
 * others. Each is safe to show and no wider than the terminal.
 */
export function unsentRows(texts: readonly string[], terminal: { columns: number; rows: number }): string[] {
  if (texts.length === 0) return [];
  const rowsMax = Math.max(0, Math.min(chatLimits.unsentRowsMax, terminal.rows - rowsKept));
  const shown = texts.slice(0, rowsMax).map((text) => `… not sent yet: ${displaySafe(text)}`);
  const more = texts.length - shown.length;
  if (more > 0) shown.push(shown.length > 0 ? `… and ${more} more not sent yet` : `… ${more} not sent yet`);
  return shown.map((row) => fitting(row, terminal.columns));
}
