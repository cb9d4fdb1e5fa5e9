import { close, createWriteStream, openSync, statSync } from 'node:fs';
import { Writable } from 'node:stream';
import { LineFile } from './line-file.js';

/**
 * Opens a log file to append to, readable by its user only. Rejects with the system's error if it cannot be opened. What
 * cannot be written later (a full disk) is lost, which is said once on standard error.
 */
export function openLogFile(path: string): Promise<Writable> {
  return new Promise((resolve, reject) => {
    const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
    stream.once('error', reject);
    stream.once('open', () => {
      stream.off('error', reject);
      stream.once('error', tellLoss);
      stream.on('error', () => {});
      resolve(stream);
    });
  });
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
        this.emit('lost');
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

function tellLoss(error: Error): void {
  process.stderr.write(`log records are lost: ${error.message}\n`);
}
