import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { chatLimits } from '../chat/limits.js';
import { parseProxy, proxyAdvice } from '../client/grpc/proxy.js';
import { defaultServer } from '../client/index.js';
import { defaultLimits } from '../core/limits.js';
import { defaultRoom, isName } from '../core/name.js';
import { formatHostPort } from '../platform/host-port.js';
import { oldPartsMax } from '../platform/log-file.js';
import {
  byteCount,
  durationMs,
  forgetUnset,
  hostPortArgument,
  pathArgument,
  programCommand,
  setting,
  wholeNumber,
} from './arguments.js';

/** What the command line and the environment ask for. */
export interface ClientOptions {
  readonly server: string;
  /** Undefined: as the environment has it. */
  readonly proxy?: string;
  readonly name: string;
  readonly room: string;
  /** Undefined: as the kind of client has it. */
  readonly history?: number;
  /** Undefined: in the user's state folder; false: none. */
  readonly log?: string | false;
  /** In bytes. */
  readonly logMax: number;
  /** Undefined: as the kind of client has it. */
  readonly state?: string;
  readonly json?: boolean;
  /** In milliseconds. Undefined: as the kind of client has it. */
  readonly offlineMax?: number;
}

const after = `
Each option except --json can also be set by the environment variable named beside it; the command line wins.

On a terminal you get a screen with an input line; type /help there for its commands. Without a terminal (standard input
or output is a file or a pipe, or with --json) the client sends each line of standard input as a message, writes each
event to standard output as one line, and leaves at the end of input.

After a lost connection the client connects again, and the conversation goes on where it stopped: each event is shown
once, each message is published once. A killed client does the same when it is started again: as the same participant
if the server still has its session, else after joining anew. For this it keeps its place in the file that --state
names, until it leaves. Anybody who can read that file can speak as the participant. Without a terminal no event is left
out of standard output, and only events that may not have been read when the client was killed are written again. A
killed client loses its unsent messages.

Examples:
  chit-client --name ada                              talk in the room "lobby" of a server on this machine
  chit-client --server chat.example:4000 --room tea   talk somewhere else
  echo "build 42 is done" | chit-client --name ci     say one thing and leave
  chit-client --json < /dev/null                      your own join and leave, as JSON
  tail -f /dev/null | chit-client --json --state ears.place
                                                      a listener that, killed and started again, misses nothing

Exit codes:
  0    left
  1    refused: the join, or one of the lines of standard input; or standard input could not be read, or standard output
       not be written
  2    the command line makes no sense, or the log file or the state file cannot be used
  3    cannot connect, or the server ended the visit, or the connection was lost for longer than --offline-max, or
       the server did not confirm the leave
  130  ended at once, without leaving: asked twice, or asked before it had joined

Ctrl-C (SIGINT), SIGTERM and SIGHUP ask it to leave, which takes 5 seconds at most. Asked again a second later or more, it ends at once.`;

/** The client's command line. Parsing it throws commander's CommanderError for mistakes, help and version. */
export function clientCommand(): Command {
  forgetUnset();
  const settings = [
    setting(
      '-s, --server <HOST:PORT>',
      'where the server listens',
      (text) => formatHostPort(hostPortArgument(text, 1)),
      defaultServer,
    ),
    setting(
      '--proxy <URL>',
      'the HTTP proxy to use, http://HOST:PORT (default: what grpc_proxy, https_proxy, http_proxy or all_proxy name, unless no_proxy excepts the server or it is on this machine)',
      proxyUrl,
    ),
    setting('-n, --name <NAME>', 'your name in the room', (name) => name.normalize('NFC'), defaultName()),
    setting('-r, --room <ROOM>', 'the room to join', undefined, defaultRoom),
    setting(
      '--history <N>',
      `earlier events to be shown first, at most ${chatLimits.historyEventsMax} (default: ${chatLimits.historyEventsDefault} on a terminal, else 0)`,
      wholeNumber(0, chatLimits.historyEventsMax),
    ),
    setting(
      '--log <FILE>',
      'the log file, to which the client appends (default: chit-chat/<ROOM>-<NAME>@<SERVER>-<HASH>.log in $XDG_STATE_HOME or ~/.local/state, one for each living client)',
      pathArgument,
    ),
    new Option('--no-log', 'keep no log: then chit-trace cannot tell what this client saw'),
    setting(
      '--log-max <SIZE>',
      `how large the log file may grow before it is moved away, such as 500KB, 64MB or 1GB; ${oldPartsMax} older ones are kept`,
      byteCount,
      chatLimits.logBytesMax,
      '64MB',
    ),
    setting(
      '--state <FILE>',
      'the file that keeps the place in the room, to go on from there after being killed (default: one in your state folder on a terminal, else none)',
      pathArgument,
    ),
    setting(
      '--offline-max <DURATION>',
      `how long to try to connect again after the connection is lost; 0: not at all (default: for ever on a terminal, else ${chatLimits.plainOfflineMsMax / 1000}s)`,
      durationMs,
    ),
    new Option('--json', 'write each event as a JSON object'),
  ];
  const description = 'Talk in a room of a Chit Chat server: all participants see the same events, in the same order.';
  return programCommand('chit-client', description, after, settings);
}

function proxyUrl(value: string): string {
  try {
    parseProxy(value);
    return value;
  } catch {
    throw new InvalidArgumentError(proxyAdvice);
  }
}

const fallback = 'guest';

/** The name of the machine's user, cut to what a participant may be called; `guest` where nothing of it is left. */
export function defaultName(user: string | undefined = userName()): string {
  const { nameCodePointsMax } = defaultLimits;
  const kept = (user ?? '')
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{Nd}_.-]/gu, '')
    .replace(/^\p{M}+/u, '');
  const name = Array.from(kept).slice(0, nameCodePointsMax).join('');
  return isName(name, nameCodePointsMax) ? name : fallback;
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // In a container a process can run as a user that the system does not know.
    return undefined;
  }
}
