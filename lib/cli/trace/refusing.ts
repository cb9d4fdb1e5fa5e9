import type { Command } from 'commander';
import { TooManyClocks } from '../../trace/space-time/causality.js';
import { NothingSelected } from '../../trace/space-time/selection.js';
import { CannotReadLogs } from './log-files.js';
import { CannotWrite } from './output.js';

const said = [CannotReadLogs, CannotWrite, NothingSelected, TooManyClocks];

/** Does a verb's work. What the user can do something about is told in one line, and ends the command as a wrong usage does. */
export async function refusing(command: Command, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (said.some((kind) => error instanceof kind)) command.error(`error: ${(error as Error).message}`);
    throw error;
  }
}
