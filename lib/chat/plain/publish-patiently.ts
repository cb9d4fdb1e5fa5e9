import { setTimeout as pause } from 'node:timers/promises';
import { isRetryable, Refused } from '../../client/errors.js';

export interface Patience {
  /** How long one text is tried again, in milliseconds. */
  readonly retryMsMax: number;
  /** The pause where the server names none, in milliseconds. */
  readonly retryPauseMs: number;
}

/**
 * Publishes `text`, and again after the time that the server names as long as it only says "later". Rejects with
 * `Refused` when the server says no or patience ends, with `VisitOver` when the visit is over, with the signal's reason
 * when that is aborted during a pause.
 */
export async function publishPatiently(
  client: { publish(text: string): Promise<unknown> },
  text: string,
  patience: Patience,
  signal: AbortSignal,
): Promise<void> {
  let waitedMs = 0;
  for (;;) {
    try {
      await client.publish(text);
      return;
    } catch (error) {
      if (!(error instanceof Refused) || !isRetryable(error.rejection.reason)) throw error;
      const pauseMs = error.rejection.retryAfterMs || patience.retryPauseMs;
      waitedMs += pauseMs;
      if (waitedMs > patience.retryMsMax) throw error;
      await pause(pauseMs, undefined, { signal });
    }
  }
}
