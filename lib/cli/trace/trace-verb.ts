import type { Command } from 'commander';

/** What chit-trace ends with; its --help explains them. */
export const exitCodes = {
  /** Everything asked for was done; of `check`: all promises were kept. */
  done: 0,
  /** `check` found a promise broken. */
  violated: 1,
  /** The command line makes no sense, or a file cannot be read, understood or written. */
  usage: 2,
  /** `check` could judge nothing; where it is to be strict also: nothing was found broken, and the logs do not tell all. */
  incomplete: 3,
} as const;

export type TraceEnd = keyof typeof exitCodes;

/** A verb of chit-trace. `done` is to be called once, with how it ended. */
export type TraceVerb = (done: (end: TraceEnd) => void) => Command;
