import { close, closeSync, constants, fstatSync, open, openSync, statSync, write } from 'node:fs';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { endsWithinLine, LineFile } from './line-file.js';
import { rotate } from './rotated-files.js';

/** After a failed write records are lost without another try for so long, in milliseconds: a full disk is not asked for each of them. */
export const logRetryMs = 1_000;

const newline = 0x0a;
const openFile = promisify(open);
const writeFile = promisify(write);
const closeFile = promisify(close);

/** Of a log that is rotated, the older parts that are kept. */
export const oldPartsMax = 3;

/** A log file that can be begun anew at its path, when the one that was there was moved away. */
export interface LogFile extends Writable {
  /** Opens the file at the path again, and goes on there. Rejects with the system's error, and goes on as before then. */
  reopen(): Promise<void>;
}

/**
 * Opens a log file to append to, readable by its user only. Rejects with the system's error if it cannot be opened. What
 * cannot be written later (a full disk) is lost: `lost` is emitted with those lines, and for each outage it is said once on
 * standard error. As soon as it can be written again it is.
 */
export async function openLogFile(path: string): Promise<LogFile> {
  const file = await openFile(path, 'a', 0o600);
  const standard = standardFileLike(file);
  if (standard === undefined) return new BackgroundLogFile(file, path);
  await closeFile(file);
  return new BackgroundLogFile(standard);
}

/**
 * Standard output or standard error, where `file` is the same regular file (/dev/stdout, redirected): a second opening has a place of its
 * own in it, and each would write over what the other has written.
 */
function standardFileLike(file: number): number | undefined {
  const { dev, ino, ...stat } = fstatSync(file);
  if ((stat.mode & constants.S_IFMT) !== constants.S_IFREG) return undefined;
  return [1, 2].find((standard) => {
    try {
      const other = fstatSync(standard);
      return other.dev === dev && other.ino === ino;
    } catch {
      // It is closed.
      return false;
    }
  });
}

/** Standard error as a log file, where it is a regular file: as a stream of node's it would be over with the first failed write. */
export function standardErrorAsFile(): Writable | undefined {
  try {
    return fstatSync(2).isFile() ? new BackgroundLogFile(2) : undefined;
  } catch {
    // It is closed.
    return undefined;
  }
}

/**
 * As `openLogFile`, for a program whose log has to tell all that it did even where it is killed: what is written is with the
 * operating system when `write` returns; where it could not be written, `lost` has been emitted by then. What is no regular
 * file (a pipe, a terminal) could hold the program up, and is written in the background. A file that would have more than
 * `bytesMax` bytes is moved away first (`rotate`), and begun anew.
 */
export async function openImmediateLogFile(path: string, bytesMax = Number.POSITIVE_INFINITY): Promise<Writable> {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) return openLogFile(path);
  return new ImmediateLogFile(path, bytesMax);
}

/** Whole lines that are in the file when they were written. */
class ImmediateLogFile extends Writable {
  readonly #path: string;
  #bytesMax: number;
  #file: number;
  #lines: LineFile;
  #bytes: number;
  #told = false;

  constructor(path: string, bytesMax: number) {
    super();
    this.#path = path;
    this.#bytesMax = bytesMax;
    this.#file = openSync(path, 'a', 0o600);
    this.#lines = new LineFile(this.#file);
    this.#bytes = fstatSync(this.#file).size;
  }

  override _write(record: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#bytes > 0 && this.#bytes + record.length > this.#bytesMax) this.#rotate();
    try {
      this.#lines.write(record);
      this.#bytes += record.length;
    } catch (error) {
      this.emit('lost', record);
      if (!this.#told) tellLoss(error as Error);
      this.#told = true;
    }
    done();
  }

  override _final(done: () => void): void {
    close(this.#file, () => done());
  }

  #rotate(): void {
    try {
      rotate(this.#path, Date.now(), oldPartsMax);
      const file = openSync(this.#path, 'a', 0o600);
      closeSync(this.#file);
      this.#file = file;
      this.#lines = new LineFile(file);
      this.#bytes = 0;
    } catch (error) {
      process.stderr.write(`the log file is not rotated: ${(error as Error).message}\n`);
      this.#bytesMax = Number.POSITIVE_INFINITY;
    }
  }
}

/** Whole lines on their way to a file, which no error ends. */
class BackgroundLogFile extends Writable implements LogFile {
  #file: number;
  readonly #path: string | undefined;
  /** Opened, and taken with the next write. */
  #reopened: number | undefined;
  /** Whether the file ends within a line. */
  #torn: boolean;
  #failedAt = Number.NEGATIVE_INFINITY;
  #failing = false;

  /** `path`: where the file was opened; one that is not named is somebody else's to close. */
  constructor(file: number, path?: string) {
    super();
    this.#file = file;
    this.#path = path;
    this.#torn = endsWithinLine(file);
  }

  async reopen(): Promise<void> {
    if (this.#path === undefined) return;
    const file = await openFile(this.#path, 'a', 0o600);
    if (this.#reopened !== undefined) await closeFile(this.#reopened);
    this.#reopened = file;
  }

  override _write(line: Buffer, _encoding: BufferEncoding, done: () => void): void {
    void this.#append(line).then(done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    void this.#append(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(done);
  }

  override _final(done: () => void): void {
    // What becomes of the end changes nothing for anybody.
    const files = [this.#path === undefined ? undefined : this.#file, this.#reopened];
    void Promise.allSettled(files.flatMap((file) => (file === undefined ? [] : closeFile(file)))).then(() => done());
  }

  /** Never rejects. */
  async #append(lines: Buffer): Promise<void> {
    if (this.#reopened !== undefined) {
      void closeFile(this.#file);
      this.#file = this.#reopened;
      this.#reopened = undefined;
      this.#torn = endsWithinLine(this.#file);
    }
    if (performance.now() - this.#failedAt < logRetryMs) {
      this.emit('lost', lines);
      return;
    }
    let written = 0;
    try {
      if (this.#torn) await writeFile(this.#file, '\n');
      this.#torn = false;
      while (written < lines.length) {
        const { bytesWritten } = await writeFile(this.#file, lines, written);
        written += bytesWritten;
      }
      this.#failing = false;
    } catch (error) {
      this.#failedAt = performance.now();
      const whole = lines.lastIndexOf(newline, written - 1) + 1;
      if (written > 0) this.#torn = written > whole;
      if (!this.#failing) tellLoss(error as Error);
      this.#failing = true;
      this.emit('lost', lines.subarray(written > 0 ? whole : 0));
    }
  }
}

function tellLoss(error: Error): void {
  process.stderr.write(`log records are lost: ${error.message}\n`);
}
