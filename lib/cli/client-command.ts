import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { CommanderError } from 'commander';
import { chatLimits } from '../chat/limits.js';
import { runPlain } from '../chat/plain/run-plain.js';
import { SessionKeeper } from '../chat/saved-session/session-keeper.js';
import { bunyanJournal, CannotConnect, ProxyFailed, Refused } from '../client/index.js';
import { clientLimits } from '../client/limits.js';
import { defaultRoom } from '../core/name.js';
import { displaySafe } from '../display/display-safe.js';
import type { OpenJournal } from '../platform/bunyan-journal.js';
import { aborted, timerMsMax } from '../platform/deadline.js';
import { makeDirectory } from '../platform/directory.js';
import { type Journal, silent } from '../platform/journal.js';
import { watchPipeReader } from '../platform/pipe-reader.js';
import { clientRefusal, type Entry, enter } from './client-entry.js';
import {
  defaultLogFile,
  defaultStateFile,
  type FoundSession,
  findSavedSession,
  noSavedSession,
  type OwnLogFile,
  ownLogFile,
} from './client-files.js';
import { type ClientOptions, clientCommand } from './client-options.js';
import { howToRun } from './how-to-run.js';
import {
  drawOnBuildMachines,
  isInteractive,
  letGoOfTerminal,
  outliveReaders,
  plainOutput,
  terminalStreams,
  unreadableInput,
  written,
} from './standard-streams.js';
import { keepDebuggerShut, stopping } from './wishes-to-end.js';

/** What chit-client ends with; its --help explains them. */
export const exitCodes = {
  left: 0,
  refused: 1,
  unwritten: 1,
  usage: 2,
  'cannot-connect': 3,
  ended: 3,
  'cut-short': 130,
} as const;

type End = keyof typeof exitCodes;

/**
 * Runs chit-client with the given arguments and resolves with its exit code. Errors are one line on standard error.
 * `listens` is called as soon as it listens to signals.
 */
export async function runClient(args: readonly string[], listens = () => {}): Promise<number> {
  outliveReaders();
  keepDebuggerShut();
  // What matters of its lines is in our own errors; `GRPC_VERBOSITY` shows them.
  if (!process.env.GRPC_VERBOSITY) setLogVerbosity(logVerbosity.NONE);
  const command = clientCommand();
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? written('chit-client', 0, exitCodes.unwritten) : exitCodes.usage;
  }
  const terminal = terminalStreams();
  let terminalIsGone = false;
  process.on('SIGHUP', () => {
    terminalIsGone = true;
  });
  // A pipe that lost its reader says EPIPE: that is none.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    terminalIsGone ||= code === 'EIO';
  });
  const end = await stopping((stop) => {
    listens();
    return talk(command.opts<ClientOptions>(), stop);
  });
  if (terminalIsGone) letGoOfTerminal(terminal);
  // What is still under way is not waited for.
  if (end === 'cut-short') process.exit(exitCodes[end]);
  return exitCodes[end];
}

async function talk(given: ClientOptions, stop: AbortSignal): Promise<End> {
  const options = { ...given, room: given.room || defaultRoom };
  const interactive = !options.json && isInteractive(process.stdin, process.stdout);
  const unreadable = interactive ? undefined : unreadableInput();
  if (unreadable) {
    fail(unreadable);
    return 'refused';
  }
  const log = await openLog(options);
  if (!log) return 'usage';
  try {
    const found = openState(options, interactive);
    if (!found) return 'usage';
    try {
      return await talkFrom(found, { ...options, ...log, interactive, stop });
    } finally {
      found.file?.close();
    }
  } finally {
    await log.journal.close();
    log.own?.release();
  }
}

interface TalkSettings extends ClientOptions {
  readonly interactive: boolean;
  /** Undefined where there is none. */
  readonly logFile: string | undefined;
  readonly journal: Journal;
  /** Aborted by the wish to end. */
  readonly stop: AbortSignal;
}

async function talkFrom({ file, saved, news }: FoundSession, settings: TalkSettings): Promise<End> {
  const { server, proxy, room, name, interactive, logFile, journal, stop } = settings;
  const history = settings.history ?? (interactive ? chatLimits.historyEventsDefault : 0);
  if (interactive) drawOnBuildMachines();
  // Only here: React and ink would slow the start of every pipe down.
  const terminal = interactive ? await import('../chat/terminal/run-terminal.js') : undefined;
  const offlineMsMax = settings.offlineMax ?? (interactive ? Number.POSITIVE_INFINITY : chatLimits.plainOfflineMsMax);
  // What waits for a connection waits as long as there may be one; on a terminal it is marked as not sent.
  const publishMsMax = Math.min(clientLimits.publishMsMax + offlineMsMax, timerMsMax);
  const reconnect = offlineMsMax > 0;
  const asked = { server, proxy, room, name, history, reconnect, offlineMsMax, publishMsMax, journal };
  const entered = await join(() => enter(asked, saved, interactive ? chatLimits.missedEventsMax : Infinity), settings);
  if (typeof entered === 'string') return entered;
  const { client, continued } = entered;
  const keeper = file && new SessionKeeper(file, saved?.session);
  const { stdin: input, stdout: output, stderr: errors } = process;
  if (!terminal) {
    for (const text of [...news, ...entered.news]) fail(text);
    const printed = plainOutput(output);
    const stopWatching = watchPipeReader(output.fd, () => printed.destroy(new ReaderGone()));
    try {
      const json = settings.json === true;
      return await runPlain(client, {
        input,
        output: printed,
        errors,
        typed: input.isTTY === true,
        json,
        keeper,
        stop,
      });
    } finally {
      stopWatching();
    }
  }
  const facts = { server, logFile, news: [...news, ...entered.news], keeper, coloured: !process.env.NO_COLOR };
  return terminal.runTerminal(client, { input, output, stop, ...facts, past: continued ? history : undefined });
}

/** As the next write to a pipe without a reader would end. */
class ReaderGone extends Error {
  override name = 'ReaderGone';
  readonly code = 'EPIPE';
}

interface OpenLog {
  readonly logFile: string | undefined;
  readonly own?: OwnLogFile;
  readonly journal: OpenJournal;
}

const noLog: OpenLog = {
  logFile: undefined,
  journal: { ...silent, reopen: () => Promise.resolve(), close: () => Promise.resolve() },
};

/**
 * The log that was asked for; undefined, and it is told, where it cannot be written. A client that was asked for none
 * has one in its user's state folder, and goes on without it where that cannot be.
 */
async function openLog({ log, logMax, ...client }: ClientOptions): Promise<OpenLog | undefined> {
  if (log === false) return noLog;
  try {
    if (log !== undefined) return { logFile: log, journal: await clientJournal(log, logMax) };
    const first = defaultLogFile(client);
    if (first === undefined) throw new Error('there is no home folder');
    return await openOwnLog(first, logMax);
  } catch (error) {
    const { message } = error as Error;
    if (log === undefined) {
      fail(`no log is kept (${message}). Name a file for it with --log.`);
      return noLog;
    }
    fail(`the log file ${log} cannot be written (${message}). Name another with --log.`);
    return undefined;
  }
}

async function openOwnLog(first: string, bytesMax: number): Promise<OpenLog> {
  const own = ownLogFile(first);
  try {
    return { logFile: own.path, own, journal: await clientJournal(own.path, bytesMax) };
  } catch (error) {
    own.release();
    throw error;
  }
}

function clientJournal(file: string, fileBytesMax: number): Promise<OpenJournal> {
  return bunyanJournal({ component: 'client', level: 'info', file, fileBytesMax });
}

/** Undefined, and it is told, where the file that was asked for cannot be used. */
function openState({ state, server, room, name }: ClientOptions, interactive: boolean): FoundSession | undefined {
  if (state === undefined && !interactive) return noSavedSession;
  const client = { server, room, name };
  const path = state ?? defaultStateFile(client);
  if (path === undefined) return { ...noSavedSession, news: ['Your place is not kept: there is no home folder.'] };
  try {
    if (state === undefined) makeDirectory(dirname(path));
    return findSavedSession(path, client, state !== undefined);
  } catch (error) {
    const { message } = error as Error;
    if (state === undefined) return { ...noSavedSession, news: [`Your place cannot be kept in ${path} (${message}).`] };
    fail(`the state file ${path} cannot be used (${message}). Name another with --state.`);
    return undefined;
  }
}

/** Tells why the server was not joined, or that it takes long at a terminal. */
async function join(
  entering: () => Promise<Entry>,
  { room, name, interactive, stop }: TalkSettings,
): Promise<Entry | End> {
  const slow = 'joining takes long: the server does not answer, or still has your earlier visit. Ctrl-C gives up.';
  const late = interactive ? setTimeout(() => fail(slow), chatLimits.slowJoinMs) : undefined;
  try {
    return await Promise.race([entering(), notAnswered(stop)]);
  } catch (error) {
    if (error instanceof Refused) {
      fail(clientRefusal(error.rejection, { room, name }));
      return 'refused';
    }
    if (error instanceof CannotConnect) {
      if (error instanceof ProxyFailed) fail(error.message);
      else fail(`${error.message}. Start one with ${howToRun('chit-server')}, or name another with --server.`);
      return 'cannot-connect';
    }
    throw error;
  } finally {
    clearTimeout(late);
  }
}

/**
 * A join that is not answered yet is no session: there is nothing to leave. One whose answer is on its way is, and its
 * name would be taken for the server's grace.
 */
async function notAnswered(stop: AbortSignal): Promise<End> {
  await aborted(stop);
  await pause(chatLimits.joinAnswerMsMax);
  return 'cut-short';
}

function fail(text: string): void {
  process.stderr.write(`chit-client: ${displaySafe(text)}\n`);
}
