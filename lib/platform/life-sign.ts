import { rmSync, statSync, utimes, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const fileName = 'running';

/**
 * When a process was last seen alive that had `directory` to itself and did not end its life there (`LifeSign.end`):
 * killed, aborted natively, or cut off with its machine. In milliseconds since 1970; undefined where the last one ended
 * as it should, or was of a version that left no sign.
 */
export function lastSeenAlive(directory: string): number | undefined {
  return statSync(join(directory, fileName), { throwIfNoEntry: false })?.mtimeMs;
}

/**
 * A file, `running`, in a directory that one process has to itself, whose time says that this process lives. Where it
 * cannot be written (a full disk), there is none.
 */
export class LifeSign {
  readonly #file: string;
  readonly #beat: NodeJS.Timeout | undefined;

  /** `everyMs`: how often the file's time is set, in milliseconds. */
  constructor(directory: string, everyMs: number) {
    this.#file = join(directory, fileName);
    try {
      writeFileSync(this.#file, `${process.pid}\n`, { mode: 0o600 });
    } catch {
      return;
    }
    this.#beat = setInterval(() => {
      const now = new Date();
      // In the background: a disk that hangs must not hold up the process. If it fails, the next one may not.
      utimes(this.#file, now, now, () => {});
    }, everyMs).unref();
  }

  /** The process ends its life here as it should. */
  end(): void {
    clearInterval(this.#beat);
    try {
      rmSync(this.#file, { force: true });
    } catch {
      // Then the next process takes it for a crash, which does no harm.
    }
  }
}
