import { CommanderError } from 'commander';
import { displaySafe } from '../client/display/display-safe.js';
import { CannotConnect, Refused } from '../client/index.js';
import { clientLimits } from '../client/limits.js';
import { PlaceKeeper } from '../client/place/place-keeper.js';
import { runPlain } from '../client/plain/run-plain.js';
import { defaultRoom } from '../core/room-name.js';
import { bunyanJournal, type OpenJournal } from '../journal/bunyan-journal.js';
import { type Entry, enter } from './client-entry.js';
import { defaultLogFile } from './client-log-file.js';
import { type ClientOptions, clientCommand } from './client-options.js';
import { type FoundPlace, findPlace, noPlace } from './client-place.js';
import { defaultPlaceFile } from './client-place-file.js';
import { clientRefusal } from './client-refusal.js';
import { stopping } from './client-stop.js';
import { isInteractive } from './interactive.js';
import { outliveReaders } from './outlive-readers.js';
import { plainOutput } from './plain-output.js';
import { makeStateFolder } from './state-folder.js';

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

async function visit(options: ClientOptions): Promise<End> {
  const interactive = !options.json && isInteractive(process.stdin, process.stdout);
  const logFile = options.log ?? defaultLogFile(options.room, options.name);
  const journal = await openJournal(logFile, options.log === undefined);
  if (!journal) return 'usage';
  try {
    const found = openPlace(options, interactive);
    if (!found) return 'usage';
    try {
      return await visitFrom(found, { ...options, interactive, logFile, journal });
    } finally {
      found.file?.close();
    }
  } finally {
    await journal.close();
  }
}

interface VisitSettings extends ClientOptions {
  readonly interactive: boolean;
  readonly logFile: string;
  readonly journal: OpenJournal;
}

async function visitFrom({ file, place, news }: FoundPlace, settings: VisitSettings): Promise<End> {
  const { server, room, name, interactive, logFile, journal } = settings;
  const history = settings.history ?? (interactive ? clientLimits.historyEventsDefault : 0);
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
        json: settings.json === true,
        keeper,
        stop,
      });
    }
    const facts = { server, logFile, news: [...news, ...entered.news], keeper, coloured: !process.env.NO_COLOR };
    return terminal.runTerminal(client, { input, output, stop, ...facts, past: continued ? history : undefined });
  });
}

async function openJournal(file: string, ownFolder: boolean): Promise<OpenJournal | undefined> {
  try {
    if (ownFolder) makeStateFolder(file);
    return await bunyanJournal({ component: 'client', level: 'info', file });
  } catch (error) {
    fail(`the log file ${file} cannot be written (${(error as Error).message}). Name another with --log.`);
    return undefined;
  }
}

/** Undefined, and it is told, where the file that was asked for cannot be used. */
function openPlace({ state, server, room, name }: ClientOptions, interactive: boolean): FoundPlace | undefined {
  if (state === undefined && !interactive) return noPlace;
  const visit = { server, room: room || defaultRoom, name };
  const path = state ?? defaultPlaceFile(visit);
  try {
    if (state === undefined) makeStateFolder(path);
    return findPlace(path, visit, state !== undefined);
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
