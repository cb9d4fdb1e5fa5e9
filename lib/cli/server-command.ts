import { type Command, CommanderError } from 'commander';
import { bunyanJournal, type OpenJournal } from '../platform/bunyan-journal.js';
import { formatHostPort } from '../platform/host-port.js';
import { keepHeapSmall } from '../platform/small-heap.js';
import { type ChatServer, createServer } from '../server/server.js';
import { packageVersion } from './arguments.js';
import { checkVerb } from './check-command.js';
import { howToRun } from './how-to-run.js';
import { roomsVerb } from './rooms-command.js';
import { type ServerCommandOptions, serverOptions } from './server-options.js';
import { outliveReaders, written } from './standard-streams.js';
import { logFileFailure, startFailure } from './start-failure.js';
import { keepDebuggerShut, onWishes } from './wishes-to-end.js';

/** The program's exit codes; `--help` explains them. */
export const exitCodes = { stopped: 0, failed: 1, usage: 2, fault: 70 } as const;

const program = 'chit-server';

/** How long a stop may take before the process ends all the same, in milliseconds. */
const exitMsMax = 4_500;

/**
 * The program chit-server, or one of its verbs. Resolves when the server runs; the process ends by a signal, a fault,
 * or with what is wrong. `listens` is called as soon as a start listens to signals.
 */
export async function serverCommand(argv: readonly string[], listens = () => {}): Promise<void> {
  outliveReaders();
  keepDebuggerShut();
  let verb: (() => Promise<number>) | undefined;
  const run = (asked: () => Promise<number>) => {
    verb = asked;
  };
  const options = await readOptions(argv, [checkVerb(run), roomsVerb(run)]);
  if (verb) process.exit(await written(program, await verb(), exitCodes.usage));
  keepHeapSmall();
  const journal = await openJournal(options);
  const started = endWhileStarting(journal);
  listens();
  const server = await start(options, journal);
  // Before anybody is told that it runs, and may want it to end.
  stopOnSignals(server, journal);
  stopOnFaults(server, journal);
  if (!isAtTerminal()) reopenOnHangUp(journal);
  // Last: a signal that has come and has no listener for a moment is lost.
  started();
  greet(server, options);
  // Its clients can be served all the same.
  await written(program, exitCodes.stopped, exitCodes.stopped);
}

async function readOptions(argv: readonly string[], verbs: readonly Command[]): Promise<ServerCommandOptions> {
  try {
    return serverOptions(argv, process.env, verbs);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exit(error.exitCode === 0 ? await written(program, 0, exitCodes.failed) : exitCodes.usage);
  }
}

async function openJournal({ logLevel, logFile }: ServerCommandOptions): Promise<OpenJournal> {
  // A person at a terminal is not to be flooded with records; whoever collects them gets them.
  const level = logLevel ?? (logFile === undefined && process.stderr.isTTY ? 'warn' : 'info');
  try {
    return await bunyanJournal({ component: 'server', level, file: logFile });
  } catch (error) {
    return fail(logFileFailure(error, logFile ?? 'standard error'));
  }
}

async function start(options: ServerCommandOptions, journal: OpenJournal): Promise<ChatServer> {
  try {
    return await createServer({ ...options, journal });
  } catch (error) {
    await journal.close();
    return fail(startFailure(error, options));
  }
}

function fail(line: string): never {
  process.stderr.write(`${program}: ${line}\n`);
  process.exit(exitCodes.failed);
}

const noHome =
  'There is no home folder to keep the store in, so it is where the server was started. Name a folder for it with --data DIR.';

function greet(
  { address, port, addresses, missingAddresses }: ChatServer,
  { listen, memory, data, isElsewhere }: ServerCommandOptions,
): void {
  const place = formatHostPort({ host: address, port });
  process.stdout.write(`Chit Chat ${packageVersion()} is listening on ${place}\n`);
  for (const host of addresses.slice(1)) process.stdout.write(`and on ${formatHostPort({ host, port })}\n`);
  for (const host of missingAddresses) {
    process.stdout.write(
      `It cannot be reached at ${formatHostPort({ host, port })}: ${listen.host} stands for that too, but this machine has no such address\n`,
    );
  }
  process.stdout.write(memory ? 'Its store is in memory and ends with it\n' : `Its store is ${data}\n`);
  if (isElsewhere && !memory) process.stderr.write(`${program}: ${noHome}\n`);
  if (process.stdout.isTTY) {
    const here = formatHostPort({ host: reachable(address), port });
    process.stdout.write(`Join it with ${howToRun('chit-client')} --server ${here} --name NAME; Ctrl-C stops it\n`);
  }
}

/** An address at which this machine reaches what listens on `address`, which may stand for all that it has. */
function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}

/** Ends the process with `code` once server and journal are closed, or cannot be in time. */
async function exit(code: number, server: ChatServer, journal: OpenJournal): Promise<never> {
  setTimeout(() => process.exit(exitCodes.failed), exitMsMax).unref();
  try {
    await server.close();
    await journal.close();
  } catch (err) {
    journal.error('stop-failed', { err });
    process.exit(code || exitCodes.failed);
  }
  process.exit(code);
}

/** What is durable then is, and nobody is there to be told farewell. The result ends it, when the start has. */
function endWhileStarting(journal: OpenJournal): () => void {
  return onWishes(['SIGINT', 'SIGTERM', 'SIGHUP'], (_count, signal) => {
    journal.info('signal', { signal });
    void journal.close().then(() => process.exit(exitCodes.stopped));
  });
}

function stopOnSignals(server: ChatServer, journal: OpenJournal): void {
  onWishes(isAtTerminal() ? ['SIGINT', 'SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM'], (count, signal) => {
    journal.info('signal', { signal });
    if (count > 1) process.exit(exitCodes.failed);
    process.stdout.write('Stopping\n');
    void exit(exitCodes.stopped, server, journal);
  });
}

/** There SIGHUP says that the terminal goes away. */
function isAtTerminal(): boolean {
  return [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
}

/** By old custom SIGHUP says that the log file was moved away. */
function reopenOnHangUp(journal: OpenJournal): void {
  process.on('SIGHUP', () => {
    journal.reopen().then(
      () => journal.info('log-reopened'),
      (err) => journal.error('log-not-reopened', { err }),
    );
  });
}

/** After an exception that nobody caught nothing here can be trusted; what is durable is, after a new start. */
function stopOnFaults(server: ChatServer, journal: OpenJournal): void {
  let ending = false;
  process.on('uncaughtException', (err) => {
    journal.error('fault', { err });
    if (ending) return;
    ending = true;
    void exit(exitCodes.fault, server, journal);
  });
}
