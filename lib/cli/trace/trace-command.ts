import { CommanderError } from 'commander';
import { programCommand, tellMistakes } from '../arguments.js';
import { outliveReaders, written } from '../standard-streams.js';
import { checkVerb } from './check-verb.js';
import { drawVerb } from './draw-verb.js';
import { exportVerb } from './export-verb.js';
import { showVerb } from './show-verb.js';
import { exitCodes, type TraceEnd, type TraceVerb } from './trace-verb.js';

/** Each in a file of its own. */
const verbs: readonly TraceVerb[] = [checkVerb, showVerb, drawVerb, exportVerb];

const after = `
Exit codes:
  0  done; of check: every promise was kept for all that the logs tell
  1  check: a promise was broken, and the counterexample is told
  2  the command line makes no sense, or a file cannot be read, understood or written
  3  check: nothing could be judged; with --strict also: the logs leave something open`;

/** Runs chit-trace with the given arguments and resolves with its exit code. Errors are one line on standard error. */
export async function runTrace(args: readonly string[]): Promise<number> {
  outliveReaders();
  let end: TraceEnd = 'usage';
  const description =
    'See and check the order of a conversation, from the logs that servers and clients of Chit Chat write.';
  const command = programCommand('chit-trace', description, after);
  command.helpCommand('help [command]', 'print the help of a command');
  for (const verb of verbs) {
    command.addCommand(
      verb((how) => {
        end = how;
      }),
    );
  }
  for (const each of command.commands) tellMistakes(each, command.name(), `${command.name()} ${each.name()}`);
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? written('chit-trace', exitCodes.done, exitCodes.usage) : exitCodes.usage;
  }
  return exitCodes[end];
}
