/** Exit code of a program that was ended by SIGINT, as shells have it. */
const interrupted = 130;

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Signals within this time are one wish, in milliseconds: a shell and a terminal that go away both send SIGHUP,
 * timeout(1) sends SIGTERM to the program and then to its group, npx hands on what the terminal has sent to both.
 */
const oneWishMs = 1_000;

/** Calls `wish` with the number of the wish, from 1 on, for each of `signals` that is not the last one said again. */
export function onWishes(
  signals: readonly NodeJS.Signals[],
  wish: (count: number, signal: NodeJS.Signals) => void,
): () => void {
  let count = 0;
  let since = Number.NEGATIVE_INFINITY;
  const onSignal = (signal: NodeJS.Signals) => {
    const now = performance.now();
    if (now - since < oneWishMs) return;
    since = now;
    count += 1;
    wish(count, signal);
  };
  for (const name of signals) process.on(name, onSignal);
  return () => {
    for (const name of signals) process.off(name, onSignal);
  };
}

/**
 * Runs `work` with a signal that the first wish to end (SIGINT, SIGTERM or SIGHUP) aborts. The second one ends the
 * program at once.
 */
export async function stopping<T>(work: (stop: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stopListening = onWishes(names, (count) => {
    if (count > 1) process.exit(interrupted);
    controller.abort();
  });
  try {
    return await work(controller.signal);
  } finally {
    stopListening();
  }
}

/** SIGUSR1, which others take for "open log files anew", has Node open its debugger to all users of the machine. */
export function keepDebuggerShut(): void {
  process.on('SIGUSR1', () => {});
}
