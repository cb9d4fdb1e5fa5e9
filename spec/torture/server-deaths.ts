/** Lines of what a dead server said last that are kept. */
const lastLinesMax = 12;

/** An end of the server's process that the plan did not order. */
export interface ServerDeath {
  /** Of which of its lives, from 1. */
  readonly life: number;
  /** The exit code, or the signal. */
  readonly how: number | NodeJS.Signals;
  /** Since its start. */
  readonly afterMs: number;
  readonly lastLines: readonly string[];
}

export function serverDeath(
  death: Pick<ServerDeath, 'life' | 'how' | 'afterMs'>,
  errorLines: readonly string[],
): ServerDeath {
  return { ...death, afterMs: Math.round(death.afterMs), lastLines: errorLines.slice(-lastLinesMax) };
}
