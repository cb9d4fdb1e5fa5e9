import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type LogLevel, logLevels } from '../platform/bunyan-journal.js';
import type { HostPort } from '../platform/host-port.js';
import { type Durability, defaultLimits, type Limits } from '../server/server.js';
import {
  durationMs,
  forgetUnset,
  hostPortArgument,
  pathArgument,
  programCommand,
  secondsMs,
  setting,
  tellMistakes,
  wholeNumber,
} from './arguments.js';
import { storeFolder } from './user-folders.js';

/** What the command line and the environment ask for. */
export interface ServerCommandOptions {
  readonly listen: HostPort;
  /** The store's absolute path. Not used with `memory`. */
  readonly data: string;
  /** Whether the store is where the program was started, because the user has no home that it could be in. */
  readonly isElsewhere: boolean;
  readonly memory: boolean;
  /** Whether the store is an older copy that was put back. */
  readonly restored: boolean;
  readonly durability: Durability;
  readonly fastLane: boolean;
  /** Undefined where the command is to choose. */
  readonly logLevel: LogLevel | undefined;
  readonly logFile: string | undefined;
  readonly limits: Partial<Limits>;
}

/**
 * Reads `argv` (with node and the script in front) and the environment. Throws commander's CommanderError for mistakes,
 * help and version. `verbs`: what else chit-server can be told to do; the one that is named does what it has for an
 * action, and what is returned then means nothing.
 */
export function serverOptions(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  verbs: readonly Command[] = [],
): ServerCommandOptions {
  forgetUnset(env);
  forgetSwitchesOff(env);
  const command = serverCommandLine(env);
  for (const verb of verbs) command.addCommand(tellMistakes(verb, 'chit-server', `chit-server ${verb.name()}`));
  refuseHalfSwitches(command, env);
  command.parse([...argv]);
  const { grace, heartbeat, listen, data, memory, restored, durability, fastLane, logLevel, logFile, ...numbers } =
    command.opts<ParsedOptions>();
  return {
    ...{ listen, memory, restored, durability, fastLane, logLevel, logFile },
    data: resolve(data),
    isElsewhere: command.getOptionValueSource('data') === 'default' && storeFolder(env).isElsewhere,
    limits: { graceMs: grace, heartbeatMs: heartbeat, ...numbers },
  };
}

/** What the options say that set a limit: `--rooms-max` sets `roomsMax`. */
const limitOptions = {
  roomsMax: 'rooms the server keeps',
  participantsPerRoomMax: 'participants in one room at once',
  publishesPerSecondMax: 'messages per second of one participant, in the long run; 0: any number',
  connectionsMax: 'connections at once',
  connectionsPerAddressMax:
    'connections from one address; behind a proxy that all clients come through, set it to --connections-max',
  sessionsPerAddressMax: 'participants from one address in all rooms',
  seatsPerAddressMax: 'participants from one address in one room',
  roomsPerAddressMax: 'rooms that one address may begin',
} as const satisfies Partial<Record<keyof Limits, string>>;

type LimitOption = keyof typeof limitOptions;

type ParsedOptions = Omit<ServerCommandOptions, 'limits' | 'isElsewhere'> &
  Pick<Limits, LimitOption> & { readonly grace: number; readonly heartbeat: number };

const switches = ['CHIT_MEMORY', 'CHIT_NO_FAST_LANE'];

/** A switch may also be set to 0 where that means that it is not set. */
function forgetSwitchesOff(env: NodeJS.ProcessEnv): void {
  for (const name of switches) {
    if (/^(0|no|off|false)$/i.test(env[name] ?? '')) delete env[name];
  }
}

/** A switch that is neither yes nor no would be on: a store wanted on disk would be kept in memory. */
function refuseHalfSwitches(command: Command, env: NodeJS.ProcessEnv): void {
  for (const name of switches) {
    const value = env[name] ?? '1';
    if (/^(1|yes|on|true)$/i.test(value)) continue;
    command.error(`error: ${name} is “${value}”, which is neither yes nor no. Set it to 1 or to 0.`);
  }
}

function serverCommandLine(env: NodeJS.ProcessEnv): Command {
  const settings = [
    setting(
      '--listen <HOST:PORT>',
      'where to listen; port 0 is a free one, IPv6 is written [::1]:4000',
      (text) => hostPortArgument(text, 0),
      { host: '127.0.0.1', port: 4000 },
      '127.0.0.1:4000',
    ),
    setting(
      '--data <DIR>',
      'the folder for the store of all rooms, created if necessary',
      pathArgument,
      storeFolder(env).path,
    ),
    setting(
      '--memory',
      'keep the store in memory only: it ends with the server, and --data is not used',
      undefined,
      false,
      'no',
    ),
    // No environment variable: it is for one start.
    new Option(
      '--restored',
      'the store is an older copy that was put back: give its rooms new log ids, once, so that clients notice',
    ).default(false, 'no'),
    setting(
      '--durability <KIND>',
      'what an acknowledged message survives: a loss of power, or only the end of the process',
    )
      .choices(['power', 'process'])
      .default('power'),
    setting('--log-level <LEVEL>', 'the least severe log records to write (default: info; warn on a terminal)').choices(
      logLevels,
    ),
    setting('--log-file <FILE>', 'append log records to FILE (default: write them to standard error)', pathArgument),
    setting(
      '--grace <DURATION>',
      'how long a participant that lost its connection has to come back unnoticed; 0: no time',
      durationMs,
      defaultLimits.graceMs,
      `${defaultLimits.graceMs / 1000}s`,
    ),
    setting(
      '--heartbeat <SECONDS>',
      'send something on streams that were quiet for so long, for proxies that end quiet streams',
      secondsMs,
      defaultLimits.heartbeatMs,
      'never',
    ),
    ...Object.entries(limitOptions).map(([name, description]) => {
      const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return setting(`--${flag} <N>`, description, wholeNumber(0), defaultLimits[name as LimitOption]);
    }),
    setting('--no-fast-lane', 'send everything through node:http2, which is slower: for comparison'),
  ];
  const description = 'A group chat server over gRPC whose order you can rely on, see and check.';
  return programCommand('chit-server', description, examples, settings).action(() => {});
}

const examples = `
Each option except --restored can also be set by the environment variable named beside it; the command line wins.

Examples:
  chit-server                              serve this machine, store in your data folder
  chit-server --listen 0.0.0.0:4000        serve all who can reach this machine
  chit-server --memory --listen 127.0.0.1:0    try something out, on a free port
  chit-server 2>&1 >/dev/null | npx bunyan     read the log records comfortably

Ctrl-C (SIGINT) or SIGTERM says farewell to everybody and stops the server; a second one, a second later or more, stops it at once.
SIGHUP has the log file opened anew, after logrotate has moved it; at a terminal it stops the server as well.

Exit codes:
  0   stopped as asked
  1   could not start, or was stopped at once: standard error says why
  2   the command line makes no sense
  70  a fault of the server's own, with a log record of it`;
