import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { displaySafe } from '../../display/display-safe.js';
import { wholeName } from '../../platform/rotated-files.js';
import { type LogBundle, LogBundleReader } from '../../trace/history/logs/log-bundle-reader.js';
import { LastRecordFinder, WrittenAtOnce, writtenAtMs } from '../../trace/history/logs/log-clients.js';
import { UnreadableLog } from '../../trace/history/logs/source.js';
import type { SpaceTime } from '../../trace/space-time/space-time.js';
import { spaceTimeOf } from '../../trace/space-time/space-time-of.js';
import { Progress } from './output.js';

export const logFileLimits = {
  /** Lines of all files together: what they mean is held in memory. */
  linesMax: 5_000_000,
  /** One line, in bytes. */
  lineBytesMax: 1024 * 1024,
  /** What is read at once, in bytes. */
  chunkBytes: 1024 * 1024,
  filesMax: 1000,
} as const;

/** The logs cannot be read or understood. `message` says which, why and what to do; escape it where it is shown. */
export class CannotReadLogs extends Error {
  override name = 'CannotReadLogs';
}

/** What is given the lines of one file, without their ends. */
export interface LineReader {
  add(text: string): void;
  end(): void;
}

/**
 * Reads log files of clients and servers as one run; parts of one log that was rotated are read one after the other.
 * Tells its progress on standard error where that is a terminal. Rejects with CannotReadLogs.
 */
export async function readLogBundle(paths: readonly string[]): Promise<LogBundle> {
  const bundle = new LogBundleReader();
  await reading(paths, logFileLimits.linesMax, async (read) => {
    for (const parts of await logsOf(paths)) {
      const log = bundle.log();
      try {
        for (const path of parts) await read(path, log.file(path));
        log.end();
      } catch (error) {
        if (!(error instanceof WrittenAtOnce)) throw error;
        log.forget();
        await readApart(parts, bundle, read);
      }
    }
  });
  return bundle.bundle();
}

/** Reads a log into which processes wrote at the same time. */
async function readApart(parts: readonly string[], bundle: LogBundleReader, read: ReadFile): Promise<void> {
  const finder = new LastRecordFinder();
  for (const path of parts) await read(path, finder);
  const log = bundle.log(finder.last);
  for (const path of parts) await read(path, log.file(path));
  log.end();
}

/** The files by the logs that they are parts of, the oldest part of each first. */
async function logsOf(paths: readonly string[]): Promise<string[][]> {
  const logs = new Map<string, string[]>();
  for (const path of paths) {
    const whole = wholeName(path);
    logs.set(whole, [...(logs.get(whole) ?? []), path]);
  }
  return Promise.all([...logs.values()].map(byAge));
}

async function byAge(parts: readonly string[]): Promise<string[]> {
  if (parts.length === 1) return [...parts];
  const aged = await Promise.all(parts.map(async (path) => ({ path, beganMs: await beginningOf(path) })));
  return aged.sort((a, b) => a.beganMs - b.beganMs).map(({ path }) => path);
}

/** When a file's first record was written, in milliseconds since 1970; in the far future where it has none. */
async function beginningOf(path: string): Promise<number> {
  for await (const texts of linesOf(path)) {
    for (const text of texts) {
      const timeMs = writtenAtMs(text);
      if (timeMs !== undefined) return timeMs;
    }
  }
  return Number.POSITIVE_INFINITY;
}

/**
 * Reads files line by line, one after the other, each into the reader that is given for it; `linesMax` lines together.
 * Rejects with CannotReadLogs.
 */
export async function readFiles(
  paths: readonly string[],
  readerOf: (path: string) => LineReader,
  linesMax: number = logFileLimits.linesMax,
): Promise<void> {
  await reading(paths, linesMax, async (read) => {
    for (const path of paths) await read(path, readerOf(path));
  });
}

/** Reads one of the files; again, if it was read before. */
type ReadFile = (path: string, reader: LineReader) => Promise<void>;

async function reading(
  paths: readonly string[],
  linesMax: number,
  read: (readFile: ReadFile) => Promise<void>,
): Promise<void> {
  if (paths.length > logFileLimits.filesMax) {
    throw new CannotReadLogs(
      `These are ${paths.length} files, and at most ${logFileLimits.filesMax} are read together.`,
    );
  }
  const bytes = await sizeOf(paths);
  const progress = new Progress('reading', bytes, process.stderr);
  let lines = 0;
  const readFile: ReadFile = async (path, reader) => {
    for await (const texts of linesOf(path, (count) => progress.advance(count))) {
      for (const text of texts) {
        lines += 1;
        if (lines > linesMax) tooMany(linesMax, path);
        if (text.length > logFileLimits.lineBytesMax) tooLong(path);
        reader.add(text);
      }
    }
    reader.end();
  };
  try {
    await read(readFile);
  } catch (error) {
    if (error instanceof UnreadableLog) throw new CannotReadLogs(error.message);
    throw error;
  } finally {
    progress.end();
  }
}

/** All bytes together; 0 of what is no regular file. */
async function sizeOf(paths: readonly string[]): Promise<number> {
  const known = new Map<string, string>();
  let bytes = 0;
  for (const path of paths) {
    const { size, dev, ino } = await stat(path).catch((error) => cannotRead(path, error));
    const earlier = known.get(`${dev} ${ino}`);
    if (earlier !== undefined) throw new CannotReadLogs(`${path} is the same file as ${earlier}. Name each log once.`);
    known.set(`${dev} ${ino}`, path);
    bytes += size;
  }
  return bytes;
}

/**
 * A file's lines, those together that one chunk of it ends; `advanced` is told how many bytes more are done. They end
 * by line feeds alone: node:readline ends them, from Node 24 on, at U+2028 too, which JSON leaves as it is.
 */
async function* linesOf(path: string, advanced: (bytes: number) => void = () => {}): AsyncGenerator<readonly string[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunksOf(path)) {
    const end = chunk.lastIndexOf('\n');
    const whole = end < 0 ? undefined : Buffer.concat([rest, chunk.subarray(0, end)]).toString();
    rest = end < 0 ? Buffer.concat([rest, chunk]) : chunk.subarray(end + 1);
    if (whole !== undefined) yield whole.split('\n');
    if (rest.length > logFileLimits.lineBytesMax) tooLong(path);
    advanced(chunk.length);
  }
  if (rest.length > 0) yield [rest.toString()];
}

function tooMany(linesMax: number, path: string): never {
  const max = linesMax.toLocaleString('en-US');
  throw new CannotReadLogs(
    `The logs have more than ${max} lines (the limit, reached in ${path}). Take fewer files, or parts of them.`,
  );
}

function tooLong(path: string): never {
  throw new CannotReadLogs(`${path} has a line of more than ${logFileLimits.lineBytesMax} bytes: it is no log.`);
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  let begins = true;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: logFileLimits.chunkBytes })) {
      if (begins && gzipMagic.equals(chunk.subarray(0, gzipMagic.length)))
        throw new CannotReadLogs(`${path} is compressed, as logrotate does it. Unpack it first: gunzip --keep FILE.`);
      begins = false;
      yield chunk;
    }
  } catch (error) {
    if (error instanceof CannotReadLogs) throw error;
    cannotRead(path, error as NodeJS.ErrnoException);
  }
}

/** RFC 1952, section 2.3.1. */
const gzipMagic = Buffer.from([0x1f, 0x8b]);

function cannotRead(path: string, error: NodeJS.ErrnoException): never {
  const what =
    error.code === 'EISDIR' ? 'it is a directory; name the files in it' : (error.message.split(',')[0] ?? '');
  throw new CannotReadLogs(`${path} cannot be read: ${what}.`);
}

/**
 * The space-time of the run that log files tell. What in them cannot have been is told on standard error. Rejects with
 * CannotReadLogs, also where no participant's log is among them.
 */
export async function readSpaceTime(paths: readonly string[]): Promise<SpaceTime> {
  const spaceTime = spaceTimeOf(await readLogBundle(paths));
  if (spaceTime.moments.length === 0) {
    throw new CannotReadLogs(
      'The logs tell of no visit to a room. Give the logs of participants (chit-client --log FILE).',
    );
  }
  for (const { message, count } of spaceTime.doubts) {
    const more = count > 1 ? ` And ${count - 1} more like it.` : '';
    process.stderr.write(`chit-trace: warning: ${displaySafe(message)}${more} See chit-trace check.\n`);
  }
  return spaceTime;
}
