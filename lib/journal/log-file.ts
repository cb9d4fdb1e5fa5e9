import { close, fstatSync, open, openSync, statSync, write } from 'node:fs';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { endsWithinLine, LineFile } from './line-file.js';

/** After a failed write records are lost without another try for so long, in milliseconds: a full disk is not asked for each of them. */
export const logRetryMs = 1_000;

const newline = 0x0a;
const openFile = promisify(open);
const writeFile = promisify(write);

/**
 * Opens a log file to append to, readable by its user only. Rejects with the system's error if it cannot be opened. What
 * cannot be written later (a full disk) is lost: `lost` is emitted with those lines, and for each outage it is said once on
 * standard error. As soon as it can be written again it is.
 */
export async function openLogFile(path: string): Promise<Writable> {
  const file = await openFile(path, 'a', 0o600);
  return new BackgroundLogFile(file, true);
}

/** Standard error as a log file, where it is a regular file: as a stream of node's it would be over with the first failed write. */
export function standardErrorAsFile(): Writable | undefined {
  try {
    return fstatSync(2).isFile() ? new BackgroundLogFile(2, false) : undefined;
  } catch {
    // It is closed.
    return undefined;
  }
}

/**
 * As `openLogFile`, for a program whose log has to tell all that it did even where it is killed: what is written is with the
 * operating system when `write` returns; where it could not be written, `lost` has been emitted by then. What is no regular
 * file (a pipe, a terminal) could hold the program up, and is written in the background.
 */
export async function openImmediateLogFile(path: string): Promise<Writable> {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) return openLogFile(path);
  const file = openSync(path, 'a', 0o600);
  const lines = new LineFile(file);
  let told = false;
  return new Writable({
    write(record: Buffer, _encoding, done) {
      try {
        lines.write(record);
      } catch (error) {
        this.emit('lost', record);
        if (!told) tellLoss(error as Error);
        told = true;
      }
      done();
    },
    final(done) {
      close(file, done);
    },
  });
}

/** Whole lines on their way to a file, which no error ends. */
class BackgroundLogFile extends Writable {
  readonly #file: number;
  readonly #owned: boolean;
  /** Whether the file ends within a line. */
  #torn: boolean;
  #failedAt = Number.NEGATIVE_INFINITY;
  #failing = false;

  constructor(file: number, owned: boolean) {
    super();
    this.#file = file;
    this.#owned = owned;
    this.#torn = endsWithinLine(file);
  }

  override _write(line: Buffer, _encoding: BufferEncoding, done: () => void): void {
    void this.#append(line).then(done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    void this.#append(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(done);
  }

  override _final(done: () => void): void {
    // What becomes of the end changes nothing for anybody.
    if (this.#owned) close(this.#file, () => done());
    else done();
  }

  /** Never rejects. */
  async #append(lines: Buffer): Promise<void> {
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
