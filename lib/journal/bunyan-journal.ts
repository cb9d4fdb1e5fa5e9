import type { Writable } from 'node:stream';
import bunyan from 'bunyan';
import type { Fields, Journal } from './journal.js';
import { openImmediateLogFile, openLogFile } from './log-file.js';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface BunyanJournalOptions {
  readonly component: 'server' | 'client';
  readonly level: LogLevel;
  /** The file to append to; standard error where none is named. */
  readonly file?: string | undefined;
}

/**
 * A journal with an end: `close` resolves when all records are with the operating system. What is still under way in a
 * program that is ending may record things after that: they are let go.
 */
export interface OpenJournal extends Journal {
  close(): Promise<void>;
}

/** Records that wait for whoever writes or reads them, in bytes; while there are more, new ones are dropped [P12]. */
export const recordsWaitingBytesMax = 16 * 1024 * 1024;

/**
 * A journal of bunyan records, one JSON object a line: `time`, `component`, `event` and the fields given [T4].
 * Rejects with the system's error if the file cannot be opened. Records that cannot be written later (a full disk)
 * are lost, which is said once on standard error; the program goes on. Of those that wait to be written, see `journalTo`.
 * A client's are in their file when the call returns: the log of a killed client can still be checked.
 */
export async function bunyanJournal(options: BunyanJournalOptions): Promise<OpenJournal> {
  const { file, component } = options;
  const open = component === 'client' ? openImmediateLogFile : openLogFile;
  return journalTo(file === undefined ? process.stderr : await open(file), options);
}

/**
 * A journal whose records go to `stream`. While that is slow and too much waits for it, records are dropped, and some it may
 * lose (`lost`); the next one that is written after them, `records-dropped`, tells their `count`.
 */
export function journalTo(stream: Writable, options: Omit<BunyanJournalOptions, 'file'>): OpenJournal {
  let dropped = 0;
  const tellDropped = () => {
    if (dropped === 0 || stream.writableLength > recordsWaitingBytesMax) return;
    const count = dropped;
    dropped = 0;
    logger.error({ event: 'records-dropped', count }, 'records-dropped');
    // Lost itself: what it was to tell is still to be told.
    if (dropped > 0) dropped = count;
  };
  const write = (record: string | Uint8Array): boolean => {
    if (stream.writableEnded) return false;
    tellDropped();
    if (stream.writableLength <= recordsWaitingBytesMax) return stream.write(record);
    dropped += 1;
    return false;
  };
  stream.on('drain', tellDropped);
  stream.on('lost', () => {
    dropped += 1;
  });
  const logger = bunyan.createLogger({
    name: `chit-${options.component}`,
    component: options.component,
    level: options.level,
    // All that bunyan does with it is to write.
    stream: { write } as NodeJS.WritableStream,
    serializers: { err: bunyan.stdSerializers.err },
  });
  const record = (level: 'debug' | 'info' | 'warn' | 'error') => (event: string, fields?: Fields) =>
    logger[level]({ event, ...fields }, event);
  return {
    debug: record('debug'),
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
    close: () =>
      new Promise((resolve) => {
        stream.off('drain', tellDropped);
        tellDropped();
        if (stream === process.stderr) resolve();
        else stream.end(() => resolve());
      }),
  };
}
