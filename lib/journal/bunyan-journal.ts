import { createWriteStream } from 'node:fs';
import bunyan from 'bunyan';
import type { Fields, Journal } from './journal.js';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface BunyanJournalOptions {
  readonly component: 'server' | 'client';
  readonly level: LogLevel;
  /** The file to append to; standard error where none is named. */
  readonly file?: string | undefined;
}

/** A journal with an end: `close` resolves when all records are with the operating system. */
export interface OpenJournal extends Journal {
  close(): Promise<void>;
}

/**
 * A journal of bunyan records, one JSON object a line: `time`, `component`, `event` and the fields given [T4].
 * Rejects with the system's error if the file cannot be opened. Records that cannot be written later (a full disk)
 * are lost, which is said once on standard error; the program goes on.
 */
export async function bunyanJournal(options: BunyanJournalOptions): Promise<OpenJournal> {
  const stream = options.file === undefined ? process.stderr : await openFile(options.file);
  const logger = bunyan.createLogger({
    name: `chit-${options.component}`,
    component: options.component,
    level: options.level,
    stream,
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
        if (stream === process.stderr) resolve();
        else stream.end(() => resolve());
      }),
  };
}

function openFile(path: string): Promise<NodeJS.WritableStream> {
  return new Promise((resolve, reject) => {
    const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
    stream.once('error', reject);
    stream.once('open', () => {
      stream.off('error', reject);
      stream.once('error', (error) => process.stderr.write(`log records are lost: ${error.message}\n`));
      stream.on('error', () => {});
      resolve(stream);
    });
  });
}
