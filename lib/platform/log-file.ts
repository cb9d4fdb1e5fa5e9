import { close, closeSync, constants, fstatSync, open, openSync, statSync, write } from 'node:fs';
import { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { endsWithinLine, LineFile } from './line-file.js';
import { rotate } from './rotated-files.js';

/** How long a pipe may have no reader, or take nothing, and how often it is tried meanwhile, in milliseconds. */
export const pipeStallMsMax = 1_000;
const pipePollMs = 20;

/** How long records are lost without a try after a failed write, in milliseconds: a full disk is not asked for each. */
export const logRetryMs = 1_000;

const newline = 0x0a;
const openFile = promisify(open);
const writeFile = promisify(write);
const closeFile = promisify(close);

/** Of a log that is rotated, the older parts that are kept. */
export const oldPartsMax = 3;

/** A log file that can be begun anew at its path, when the one that was there was moved away. */
export interface LogFile extends Writable {
  /** Opens the file at the path again and goes on there. Rejects with the system's error, and goes on as before. */
  reopen(): Promise<void>;
}

/**
 * Opens a log file to append to, readable by its user only. Rejects with the system's error if it cannot be opened.
 * What cannot be written later (a full disk) is lost: `lost` is emitted with those lines, and for each outage it is
 * said once on standard error. As soon as it can be written again it is.
 */
export async function openLogFile(path: string): Promise<LogFile> {
  const socket = standardSocket(path);
  if (socket !== undefined) return new BackgroundLogFile(socket);
  const file = await openToAppend(path);
  const standard = standardFileLike(file);
  if (standard === undefined) return new BackgroundLogFile(file, path);
  await closeFile(file);
  return new BackgroundLogFile(standard);
}

/** Never waits for long: neither for a named pipe's reader, nor later until that reader takes more. */
async function openToAppend(path: string): Promise<number> {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
  const open = () => openFile(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600);
  try {
    return await triedAgain(open, 'ENXIO');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    throw new Error('it is a pipe or a socket that nobody reads');
  }
}

/** Standard output or error, where `path` names it and it is a socket, as systemd gives it: that cannot be opened. */
function standardSocket(path: string): number | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isSocket() ? standardLike(stat) : undefined;
}

/**
 * Standard output or standard error, where `file` is the same regular file (/dev/stdout, redirected): a second opening
 * has a place of its own in it, and each would write over what the other has written.
 */
function standardFileLike(file: number): number | undefined {
  const stat = fstatSync(file);
  return stat.isFile() ? standardLike(stat) : undefined;
}

function standardLike({ dev, ino }: { readonly dev: number; readonly ino: number }): number | undefined {
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

/** Standard error as a log file, where it is a regular file: node's stream is over with the first failed write. */
export function standardErrorAsFile(): Writable | undefined {
  try {
    return fstatSync(2).isFile() ? new BackgroundLogFile(2) : undefined;
  } catch {
    // It is closed.
    return undefined;
  }
}

/**
 * As `openLogFile`, for a program whose log has to tell all that it did even where it is killed: what is written is
 * with the operating system when `write` returns; where it could not be written, `lost` has been emitted by then. What
 * is no regular file (a pipe, a terminal) could hold the program up, and is written in the background. A file that
 * would have more than `bytesMax` bytes is moved away first (`rotate`), and begun anew with the lines of `head`; in
 * each there is at least one more than those.
 */
export async function openImmediateLogFile(
  path: string,
  bytesMax = Number.POSITIVE_INFINITY,
  head: () => string = () => '',
): Promise<Writable> {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) return openLogFile(path);
  return new ImmediateLogFile(path, bytesMax, head);
}

/** Whole lines that are in the file when they were written. */
class ImmediateLogFile extends Writable {
  readonly #path: string;
  readonly #head: () => string;
  #bytesMax: number;
  #file: number;
  #lines: LineFile;
  #bytes: number;
  /** Whether there is nothing in it but its head. */
  #begins = false;
  #told = false;

  constructor(path: string, bytesMax: number, head: () => string) {
    super();
    this.#path = path;
    this.#bytesMax = bytesMax;
    this.#head = head;
    this.#file = openSync(path, 'a', 0o600);
    this.#lines = new LineFile(this.#file);
    this.#bytes = fstatSync(this.#file).size;
  }

  override _write(record: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#bytes > 0 && !this.#begins && this.#bytes + record.length > this.#bytesMax) this.#rotate();
    this.#begins = false;
    this.#append(record);
    done();
  }

  #append(lines: Buffer): void {
    try {
      this.#lines.write(lines);
      this.#bytes += lines.length;
    } catch (error) {
      this.emit('lost', lines);
      if (!this.#told) tellLoss(error as Error);
      this.#told = true;
    }
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
      this.#begins = true;
      const head = Buffer.from(this.#head());
      if (head.length > 0) this.#append(head);
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

  /** `path`: where the file was opened; without it, the file is not closed here. */
  constructor(file: number, path?: string) {
    super();
    this.#file = file;
    this.#path = path;
    this.#torn = endsWithinLine(file);
  }

  async reopen(): Promise<void> {
    if (this.#path === undefined) return;
    const file = await openToAppend(this.#path);
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
    // What becomes of the end changes nothing.
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
        const { bytesWritten } = await triedAgain(() => writeFile(this.#file, lines, written), 'EAGAIN');
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

/** `work`, again while it fails with `code`, for as long as a pipe may take nothing. */
async function triedAgain<T>(work: () => Promise<T>, code: string): Promise<T> {
  const begun = performance.now();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== code || performance.now() - begun >= pipeStallMsMax) throw error;
      await setTimeout(pipePollMs);
    }
  }
}

function tellLoss(error: Error): void {
  process.stderr.write(`log records are lost: ${error.message}\n`);
}
