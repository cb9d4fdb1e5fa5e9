import { setTimeout as pause } from 'node:timers/promises';

/**
 * Resolves with what `condition` gives as soon as that is neither false nor nothing; rejects after `ms` milliseconds,
 * saying what was `awaited`. No test sleeps for a time that it hopes is long enough: it waits for what it needs.
 */
export async function eventually<T>(
  awaited: string | (() => string),
  condition: () => T | Promise<T>,
  ms = 10_000,
): Promise<Exclude<T, false | undefined | null>> {
  const deadline = performance.now() + ms;
  for (;;) {
    const result = await condition();
    if (result !== false && result !== undefined && result !== null) {
      return result as Exclude<T, false | undefined | null>;
    }
    if (performance.now() > deadline) {
      throw new Error(`not within ${ms} ms: ${typeof awaited === 'string' ? awaited : awaited()}`);
    }
    await pause(5);
  }
}
