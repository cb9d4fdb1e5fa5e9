import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { clientLimits } from '../client/limits.js';
import { defaultRoom } from '../core/room-name.js';
import { defaultName } from './default-name.js';

/** What the command line and the environment ask for. */
export interface ClientOptions {
  readonly server: string;
  readonly name: string;
  readonly room: string;
  /** Undefined: as the kind of client has it. */
  readonly history?: number;
  /** Undefined: the user's state directory. */
  readonly log?: string;
  readonly json: boolean;
}

const after = `
On a terminal you get a screen with an input line; type /help there for its commands. Without one (standard input or
output is a file or a pipe, or with --json) each line of standard input is sent as a message, each event is written to
standard output as one line, and the end of input leaves.

Examples:
  chit-client --name ada                       talk in the room "lobby" of a server on this machine
  chit-client --server chat.example:4000 --room tea --history 50
  echo "build 42 is done" | chit-client --name builder
  chit-client --json < /dev/null | jq .lamport   the own join and leave, as JSON

Exit codes:
  0  left
  1  refused: the join, or one of the lines of standard input
  2  wrong usage: an option, its value, or a log file that cannot be written
  3  cannot connect, or the visit was ended by the server or by a lost connection`;

/** The client's command line; parsing it throws commander's CommanderError for usage errors, help and version. */
export function clientCommand(): Command {
  return new Command('chit-client')
    .description(
      'Talk in a room of a Chit Chat server. Everybody in it sees the same events at the same logical times.',
    )
    .addOption(
      new Option('-s, --server <host:port>', 'where the server listens')
        .env('CHIT_SERVER')
        .default('127.0.0.1:4000')
        .argParser(address),
    )
    .addOption(
      new Option('-n, --name <name>', 'what you are called in the room')
        .env('CHIT_NAME')
        .default(defaultName())
        .argParser((name) => name.normalize('NFC')),
    )
    .addOption(new Option('-r, --room <room>', 'the room to join').env('CHIT_ROOM').default(defaultRoom))
    .addOption(
      new Option('--history <n>', `earlier events to be shown first, 0 to ${clientLimits.historyEventsMax}`)
        .env('CHIT_HISTORY')
        .default(undefined, '20 on a terminal, otherwise 0')
        .argParser(historyCount),
    )
    .addOption(
      new Option('--log <file>', 'the log file, which is appended to')
        .env('CHIT_LOG')
        .default(undefined, 'chit-chat/<room>-<name>.log in $XDG_STATE_HOME or ~/.local/state'),
    )
    .option('--json', 'write each event as a JSON object', false)
    .version(version(), '-V, --version')
    .helpOption('-h, --help')
    .addHelpText('after', after)
    .allowExcessArguments(false)
    .showHelpAfterError('(chit-client --help tells more)')
    .exitOverride();
}

function address(value: string): string {
  const port = /^(?:[^\s:/@[\]]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})$/.exec(value)?.[1];
  if (port === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new InvalidArgumentError('It is host:port, such as 127.0.0.1:4000 or [::1]:4000.');
  }
  return value;
}

function historyCount(value: string): number {
  const count = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
  if (!(count <= clientLimits.historyEventsMax)) {
    throw new InvalidArgumentError(`It is a whole number from 0 to ${clientLimits.historyEventsMax}.`);
  }
  return count;
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
