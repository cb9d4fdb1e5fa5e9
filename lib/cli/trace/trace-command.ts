import { Command, CommanderError } from 'commander';
import { displaySafe } from '../../display/display-safe.js';
import { packageVersion } from '../arguments.js';
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
  const command = new Command('chit-trace')
    .description(
      'See and check the order of a conversation, from the logs that servers and clients of Chit Chat write.',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', after);
  for (const verb of verbs) {
    command.addCommand(
      verb((how) => {
        end = how;
      }),
    );
  }
  for (const each of [command, ...command.commands]) {
    const name = each === command ? command.name() : `${command.name()} ${each.name()}`;
    each.configureOutput({ outputError: (text, write) => write(oneLine(text, name)) }).exitOverride();
  }
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? written('chit-trace', exitCodes.done, exitCodes.usage) : exitCodes.usage;
  }
  return exitCodes[end];
}

function oneLine(text: string, command: string): string {
  const said = text.replace(/^error: /, 'chit-trace: ').trim();
  const sentence = said.replaceAll('\n', ' ').replace(/[^.]$/, '$&.');
  return `${displaySafe(sentence)} See ${command} --help.\n`;
}
