import { fstatSync } from 'node:fs';
import { Writable } from 'node:stream';
import { endsWithinLine, LineFile } from '../platform/line-file.js';

/**
 * Standard output for lines that must not be lost without a word. To a regular file the platform's own stream writes
 * without a look at how much of it was written, as if no disk were ever full: there this is one that fails, and begins a
 * line of its own where an earlier program's was torn.
 */
export function plainOutput(standard: Writable & { readonly fd: number } = process.stdout): Writable {
  const { fd } = standard;
  if (!isRegularFile(fd)) return standard;
  const lines = new LineFile(fd, endsWithinLine(fd));
  return new Writable({
    write(line: Buffer, _encoding, done) {
      try {
        lines.write(line);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

function isRegularFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    // It was closed before the program began.
    return false;
  }
}
