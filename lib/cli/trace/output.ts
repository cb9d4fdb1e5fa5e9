import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { plainOutput } from '../standard-streams.js';

/** Characters written at once. */
const chunkLengthMax = 64 * 1024;

/** What was made cannot be written. `message` says where to and why; it is not yet safe to display. */
export class CannotWrite extends Error {
  override name = 'CannotWrite';
}

/**
 * Writes lines to `file`, or to standard output where none is named, at the pace at which they are taken. Whoever reads
 * standard output may stop: then nothing more is written, and that is no error. Rejects with CannotWrite, also where
 * `file` is one of the `logs` that were read.
 */
export async function writeLines(
  lines: Iterable<string>,
  { file, logs }: { readonly file?: string | undefined; readonly logs: readonly string[] },
): Promise<void> {
  if (file !== undefined) await refuseLogs(file, logs);
  const output = file === undefined ? plainOutput() : createWriteStream(file);
  try {
    await pipeline(Readable.from(chunksOf(lines)), output, { end: file !== undefined });
  } catch (error) {
    const { code, message, syscall } = error as NodeJS.ErrnoException;
    if (file === undefined && code === 'EPIPE') return;
    if (syscall === undefined) throw error;
    throw new CannotWrite(`${file ?? 'Standard output'} cannot be written: ${message.split(',')[0]}.`);
  }
}

function* chunksOf(lines: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < chunkLengthMax) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

async function refuseLogs(file: string, logs: readonly string[]): Promise<void> {
  const written = await stat(file).catch(() => undefined);
  if (!written) return;
  for (const log of logs) {
    const { dev, ino } = await stat(log);
    if (dev === written.dev && ino === written.ino) {
      throw new CannotWrite(`${file} is one of the logs and would be overwritten. Name another file.`);
    }
  }
}

/** How often it is told at most, in milliseconds. */
const everyMs = 100;

/** A terminal, as far as it matters here. */
interface ProgressScreen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Tells on a terminal how far a long work is, in one line that goes away in the end; elsewhere it tells nothing. */
export class Progress {
  readonly #what: string;
  readonly #total: number;
  readonly #screen: ProgressScreen;
  readonly #now: () => number;
  #done = 0;
  #toldAt: number;
  #shown = false;

  /** `total`: of what `advance` counts; 0 where nobody knows, then no progress is told. `now`: in milliseconds. */
  constructor(what: string, total: number, screen: ProgressScreen, now: () => number = () => performance.now()) {
    this.#what = what;
    this.#total = total;
    this.#screen = screen;
    this.#now = now;
    this.#toldAt = now();
  }

  advance(by: number): void {
    this.#done += by;
    const now = this.#now();
    if (!this.#screen.isTTY || this.#total === 0 || now - this.#toldAt < everyMs) return;
    this.#toldAt = now;
    this.#shown = true;
    this.#screen.write(`\r\u001b[K${this.#what} ${Math.min(100, Math.floor((100 * this.#done) / this.#total))} %`);
  }

  end(): void {
    if (this.#shown) this.#screen.write('\r\u001b[K');
    this.#shown = false;
  }
}
