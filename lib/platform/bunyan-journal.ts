import type { Writable } from 'node:stream';
import bunyan from 'bunyan';
import type { Fields, Journal } from './journal.js';
import { logRetryMs, openImmediateLogFile, openLogFile, standardErrorAsFile } from './log-file.js';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface BunyanJournalOptions {
  readonly component: 'server' | 'client';
  readonly level: LogLevel;
  /** The file to append to; standard error where none is named. */
  readonly file?: string | undefined;
  /** A client's file that would have more bytes is moved away, and begun anew. Default: no limit. */
  readonly fileBytesMax?: number | undefined;
  /** What the file then begins with. Default: nothing. */
  readonly partHead?: PartHead | undefined;
}

/** Follows the records of a journal, for each part of its log to say what those before it said. */
export interface PartHead {
  /** The next record, written or lost. */
  note(event: string, fields?: Fields): unknown;
  /** The records with which a part that begins now is to begin. */
  records(): Iterable<readonly [event: string, fields: Fields]>;
}

/**
 * A journal with an end: `close` resolves when all records are with the operating system. What is still under way in a
 * program that is ending may record things after that: they are let go.
 */
export interface OpenJournal extends Journal {
  /** Goes on in a new file at the path. Rejects with the system's error, and goes on as before then. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** Records that wait to be written, or read from a pipe, in bytes; while there are more, new ones are dropped [P12]. */
export const recordsWaitingBytesMax = 16 * 1024 * 1024;

/**
 * A journal of bunyan records, one JSON object a line: `time`, `component`, `event` and the fields given [T4]. Rejects
 * with the system's error if the file cannot be opened. Records that cannot be written later (a full disk) are lost,
 * which is said on standard error once for each outage; the program goes on, and so does the file. Of those that wait
 * to be written, and of what is told of those that were lost, see `journalTo`. A client's are in their file when the
 * call returns: the log of a killed client can still be checked.
 */
export async function bunyanJournal(options: BunyanJournalOptions): Promise<OpenJournal> {
  const { file, component, fileBytesMax } = options;
  if (file === undefined) return journalTo(standardErrorAsFile() ?? process.stderr, options);
  if (component === 'client') {
    return journalTo(await openImmediateLogFile(file, fileBytesMax, () => headLines(options)), options);
  }
  const opened = await openLogFile(file);
  return { ...journalTo(opened, options), reopen: () => opened.reopen() };
}

/**
 * A journal whose records go to `stream`. While that is slow and too much waits for it, records are dropped, and some
 * it may lose (`lost`, with their lines); the next one that is written after them, `records-dropped`, tells their
 * `count`, and comes also where nothing more is recorded.
 */
export function journalTo(stream: Writable, options: Options): OpenJournal {
  let dropped = 0;
  let retry: NodeJS.Timeout | undefined;
  const tellDropped = () => {
    if (dropped === 0 || stream.writableLength > recordsWaitingBytesMax) return;
    const count = dropped;
    dropped = 0;
    logger.error({ event: droppedEvent, count }, droppedEvent);
  };
  const write = (record: string | Uint8Array): boolean => {
    if (stream.writableEnded) return false;
    tellDropped();
    if (stream.writableLength <= recordsWaitingBytesMax) return stream.write(record);
    dropped += 1;
    return false;
  };
  const lost = (lines: Buffer) => {
    dropped += recordsIn(lines);
    retry ??= setTimeout(() => {
      retry = undefined;
      tellDropped();
    }, logRetryMs).unref();
  };
  stream.on('drain', tellDropped);
  stream.on('lost', lost);
  const logger = loggerTo(write, options);
  const record = (level: 'debug' | 'info' | 'warn' | 'error') => (event: string, fields?: Fields) => {
    logger[level]({ event, ...fields }, event);
    options.partHead?.note(event, fields);
  };
  return {
    debug: record('debug'),
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
    reopen: () => Promise.resolve(),
    close: () =>
      new Promise((resolve) => {
        stream.off('drain', tellDropped);
        tellDropped();
        clearTimeout(retry);
        if (stream === process.stderr) resolve();
        else stream.end(() => resolve());
      }),
  };
}

type Options = Omit<BunyanJournalOptions, 'file'>;

function loggerTo(write: (record: string) => unknown, { component, level }: Options): bunyan {
  return bunyan.createLogger({
    name: `chit-${component}`,
    component,
    level,
    // All that bunyan does with it is to write.
    stream: { write } as NodeJS.WritableStream,
    serializers: { err: bunyan.stdSerializers.err },
  });
}

function headLines(options: Options): string {
  let lines = '';
  const logger = loggerTo((line) => {
    lines += line;
  }, options);
  for (const [event, fields] of options.partHead?.records() ?? []) logger.info({ event, ...fields }, event);
  return lines;
}

const droppedEvent = 'records-dropped';

/** How many records are lost with these lines: of one that was to tell of lost ones, those. */
function recordsIn(lines: Buffer): number {
  return lines
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (line.includes(`"event":"${droppedEvent}"`) ? Number(JSON.parse(line).count) : 1))
    .reduce((sum, count) => sum + count, 0);
}
