import { dirname } from 'node:path';
import { CommanderError } from 'commander';
import { displaySafe } from '../client/display/display-safe.js';
import { CannotConnect, Refused } from '../client/index.js';
import { clientLimits } from '../client/limits.js';
import { PlaceKeeper } from '../client/place/place-keeper.js';
import { runPlain } from '../client/plain/run-plain.js';
import { defaultRoom } from '../core/room-name.js';
import { bunyanJournal, type OpenJournal } from '../journal/bunyan-journal.js';
import { type Journal, silent } from '../journal/journal.js';
import { makeDirectory } from '../platform/directory.js';
import { type Entry, enter } from './client-entry.js';
import { defaultLogFile, defaultPlaceFile, type OwnLogFile, ownLogFile } from './client-files.js';
import { type ClientOptions, clientCommand } from './client-options.js';
import { type FoundPlace, findPlace, noPlace } from './client-place.js';
import { clientRefusal } from './client-refusal.js';
import { stopping } from './client-stop.js';
import { drawOnBuildMachines, isInteractive } from './interactive.js';
import { outliveReaders } from './outlive-readers.js';
import { plainOutput } from './plain-output.js';

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

/** The longest wait a timer of the platform can have. */
const timerMsMax = 2 ** 31 - 1;

type End = keyof typeof exitCodes;

/** Runs chit-client with the given arguments and resolves with its exit code. Errors are one line on standard error. */
export async function runClient(args: readonly string[]): Promise<number> {
  outliveReaders();
  const command = clientCommand();
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : exitCodes.usage;
  }
  const end = await visit(command.opts<ClientOptions>());
  // What is still under way is not waited for.
  if (end === 'cut-short') process.exit(exitCodes[end]);
  return exitCodes[end];
}

async function visit(given: ClientOptions): Promise<End> {
  const options = { ...given, room: given.room || defaultRoom };
  const interactive = !options.json && isInteractive(process.stdin, process.stdout);
  const log = await openLog(options);
  if (!log) return 'usage';
  try {
    const found = openPlace(options, interactive);
    if (!found) return 'usage';
    try {
      return await visitFrom(found, { ...options, ...log, interactive });
    } finally {
      found.file?.close();
    }
  } finally {
    await log.journal.close();
    log.own?.release();
  }
}

interface VisitSettings extends ClientOptions {
  readonly interactive: boolean;
  /** Undefined where there is none. */
  readonly logFile: string | undefined;
  readonly journal: Journal;
}

async function visitFrom({ file, place, news }: FoundPlace, settings: VisitSettings): Promise<End> {
  const { server, room, name, interactive, logFile, journal } = settings;
  const history = settings.history ?? (interactive ? clientLimits.historyEventsDefault : 0);
  if (interactive) drawOnBuildMachines();
  // Only here: React and ink would slow the start of every pipe down.
  const terminal = interactive ? await import('../client/terminal/run-terminal.js') : undefined;
  const offlineMsMax = settings.offlineMax ?? (interactive ? Number.POSITIVE_INFINITY : clientLimits.plainOfflineMsMax);
  // What waits for a connection waits as long as there may be one; on a terminal it is marked as not sent.
  const publishMsMax = Math.min(clientLimits.publishMsMax + offlineMsMax, timerMsMax);
  const reconnect = offlineMsMax > 0;
  const asked = { server, room, name, history, reconnect, offlineMsMax, publishMsMax, journal };
  const entered = await join(
    () => enter(asked, place, interactive ? clientLimits.missedEventsMax : Infinity),
    settings,
  );
  if (typeof entered === 'string') return entered;
  const { client, continued } = entered;
  const keeper = file && new PlaceKeeper(file, place?.session);
  const { stdin: input, stdout: output, stderr: errors } = process;
  return stopping(async (stop) => {
    if (!terminal) {
      for (const text of [...news, ...entered.news]) fail(text);
      return runPlain(client, {
        input,
        output: plainOutput(output),
        errors,
        typed: input.isTTY === true,
        json: settings.json === true,
        keeper,
        stop,
      });
    }
    const facts = { server, logFile, news: [...news, ...entered.news], keeper, coloured: !process.env.NO_COLOR };
    return terminal.runTerminal(client, { input, output, stop, ...facts, past: continued ? history : undefined });
  });
}

interface OpenLog {
  readonly logFile: string | undefined;
  readonly own?: OwnLogFile;
  readonly journal: OpenJournal;
}

const noLog: OpenLog = { logFile: undefined, journal: { ...silent, close: () => Promise.resolve() } };

/**
 * The log that was asked for; undefined, and it is told, where it cannot be written. A client that was asked for none has one
 * in its user's state folder, and goes on without it where that cannot be.
 */
async function openLog({ log, ...client }: ClientOptions): Promise<OpenLog | undefined> {
  try {
    if (log !== undefined) return { logFile: log, journal: await clientJournal(log) };
    const first = defaultLogFile(client);
    if (first === undefined) throw new Error('there is no home folder');
    const own = ownLogFile(first);
    return { logFile: own.path, own, journal: await clientJournal(own.path) };
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

function clientJournal(file: string): Promise<OpenJournal> {
  return bunyanJournal({ component: 'client', level: 'info', file });
}

/** Undefined, and it is told, where the file that was asked for cannot be used. */
function openPlace({ state, server, room, name }: ClientOptions, interactive: boolean): FoundPlace | undefined {
  if (state === undefined && !interactive) return noPlace;
  const client = { server, room, name };
  const path = state ?? defaultPlaceFile(client);
  if (path === undefined) return { ...noPlace, news: ['Your place is not kept: there is no home folder.'] };
  try {
    if (state === undefined) makeDirectory(dirname(path));
    return findPlace(path, client, state !== undefined);
  } catch (error) {
    const { message } = error as Error;
    if (state === undefined) return { ...noPlace, news: [`Your place cannot be kept in ${path} (${message}).`] };
    fail(`the state file ${path} cannot be used (${message}). Name another with --state.`);
    return undefined;
  }
}

/** Tells why the server was not joined, or that it takes long at a terminal. */
async function join(entering: () => Promise<Entry>, { room, name, interactive }: VisitSettings): Promise<Entry | End> {
  const slow = 'joining takes long: the server does not answer, or still has your earlier visit. Ctrl-C gives up.';
  const late = interactive ? setTimeout(() => fail(slow), clientLimits.slowJoinMs) : undefined;
  try {
    return await entering();
  } catch (error) {
    if (error instanceof Refused) {
      fail(clientRefusal(error.rejection, { room, name }));
      return 'refused';
    }
    if (error instanceof CannotConnect) {
      fail(`${error.message}. Start one with chit-server, or name another with --server.`);
      return 'cannot-connect';
    }
    throw error;
  } finally {
    clearTimeout(late);
  }
}

function fail(text: string): void {
  process.stderr.write(`chit-client: ${displaySafe(text)}\n`);
}
