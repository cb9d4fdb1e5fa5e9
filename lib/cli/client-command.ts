import { CommanderError } from 'commander';
import { displaySafe } from '../client/display/display-safe.js';
import { CannotConnect, type ChatClient, connect, Refused } from '../client/index.js';
import { clientLimits } from '../client/limits.js';
import { runPlain } from '../client/plain/run-plain.js';
import { bunyanJournal, type OpenJournal } from '../journal/bunyan-journal.js';
import { defaultLogFile, makeLogFolder } from './client-log-file.js';
import { type ClientOptions, clientCommand } from './client-options.js';
import { clientRefusal } from './client-refusal.js';
import { stopping } from './client-stop.js';
import { isInteractive } from './interactive.js';
import { outliveReaders } from './outlive-readers.js';

/** What chit-client ends with; its --help explains them. */
export const exitCodes = { left: 0, refused: 1, usage: 2, 'cannot-connect': 3, ended: 3, 'cut-short': 130 } as const;

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
    const history = options.history ?? (interactive ? clientLimits.historyEventsDefault : 0);
    // Only here: React and ink would slow the start of every pipe down.
    const terminal = interactive ? await import('../client/terminal/run-terminal.js') : undefined;
    const offlineMax = options.offlineMax ?? (interactive ? Number.POSITIVE_INFINITY : clientLimits.plainOfflineMsMax);
    // What waits for a connection waits as long as there may be one; on a terminal it is marked as not sent.
    const publishMsMax = Math.min(clientLimits.publishMsMax + offlineMax, timerMsMax);
    const client = await join({ ...options, history, offlineMax, publishMsMax }, journal);
    if (typeof client === 'string') return client;
    return await stopping((stop) => {
      const { stdin: input, stdout: output, stderr: errors } = process;
      if (!terminal) return runPlain(client, { input, output, errors, json: options.json === true, stop });
      const facts = { server: options.server, logFile, coloured: !process.env.NO_COLOR };
      return terminal.runTerminal(client, { input, output, stop, ...facts });
    });
  } finally {
    await journal.close();
  }
}

async function openJournal(file: string, ownFolder: boolean): Promise<OpenJournal | undefined> {
  try {
    if (ownFolder) makeLogFolder(file);
    return await bunyanJournal({ component: 'client', level: 'info', file });
  } catch (error) {
    fail(`the log file ${file} cannot be written (${(error as Error).message}). Name another with --log.`);
    return undefined;
  }
}

async function join(
  options: ClientOptions & { readonly history: number; readonly offlineMax: number; readonly publishMsMax: number },
  journal: OpenJournal,
): Promise<ChatClient | End> {
  const { server, room, name, history, offlineMax: offlineMsMax, publishMsMax } = options;
  try {
    const reconnect = offlineMsMax > 0;
    return await connect({ server, room, name, history, reconnect, offlineMsMax, publishMsMax, journal });
  } catch (error) {
    if (error instanceof Refused) {
      fail(clientRefusal(error.rejection, options));
      return 'refused';
    }
    if (error instanceof CannotConnect) {
      fail(`${error.message}. Start one with chit-server, or name another with --server.`);
      return 'cannot-connect';
    }
    throw error;
  }
}

function fail(text: string): void {
  process.stderr.write(`chit-client: ${displaySafe(text)}\n`);
}
