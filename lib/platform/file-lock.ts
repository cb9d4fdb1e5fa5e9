import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { Claim, isAlive, LockHeld, startOf, throwIfHeld } from './claim.js';

export { LockHeld } from './claim.js';

/** At the path of a lock there is something else; it is left as it is. */
export class NotALock extends Error {
  override name = 'NotALock';

  constructor(path: string) {
    super(`${path} is no lock file`);
  }
}

/** A lock file's text is an id and a time, and no longer, in bytes. */
const lockBytesMax = 128;

/**
 * The right to be the only holder of a lock file, until `release` or the end of the process, however it ends.
 *
 * It is a flock(2) lock, taken by the `flock` command on a file this process has open: the lock belongs to the open
 * file, so it stays when the command has ended and goes when the kernel closes the file. Nothing can be left over to
 * block a restart, and it also holds between containers that share a volume. Not so the alternatives without a native
 * addon: a file with a process id (ids are used again, and mean nothing in another container), an abstract socket
 * (bound to a network namespace), a socket file (left over; two starts at once both find it dead). Where there is no
 * such command it is a `Claim`.
 */
export class FileLock {
  readonly #path: string;
  readonly #file: number;
  readonly #claim: Claim | undefined;
  /** Whether its last holder ended without releasing it: killed, crashed, or without power. */
  readonly wasLeft: boolean;

  private constructor(path: string, file: number, { claim, wasLeft }: { claim: Claim | undefined; wasLeft: boolean }) {
    this.#path = path;
    this.#file = file;
    this.#claim = claim;
    this.wasLeft = wasLeft;
  }

  /**
   * Throws `LockHeld` if the lock is held; errors of the operating system pass through. Where there is no `flock`
   * command (`command` can name it), files beside it decide (`Claim`); both kinds mind each other. Whatever the file
   * says is replaced.
   */
  static take(path: string, command = 'flock'): FileLock {
    return FileLock.#take(path, command, () => openSync(path, 'a+', 0o600));
  }

  /**
   * As `take`, for a path in a folder that is not ours alone: throws `NotALock` where there is a link, or a file that
   * no lock has left there.
   */
  static takeCarefully(path: string, command = 'flock'): FileLock {
    return FileLock.#take(path, command, () => openLock(path));
  }

  static #take(path: string, command: string, open: () => number): FileLock {
    for (;;) {
      const file = open();
      try {
        const holder = readFileSync(file, 'utf8').trim();
        const locked = lock(file, command);
        if (locked === false) throw new LockHeld(holder.split(' ')[0] ?? '');
        // Its holder may have removed the file since it was opened: then a lock on it keeps no process out.
        if (isAt(path, file)) {
          const claim = locked ? undefined : Claim.take(path);
          try {
            if (claim) throwIfAlive(readFileSync(path, 'utf8').trim());
            ftruncateSync(file);
            writeSync(file, `${process.pid} ${startOf(process.pid)}\n`);
            // After the file names it: of two that begin at once, with the command and without, one sees the other.
            if (!claim) throwIfHeld(path);
          } catch (error) {
            if (!claim) ftruncateSync(file);
            claim?.release();
            throw error;
          }
          return new FileLock(path, file, { claim, wasLeft: holder !== '' });
        }
      } catch (error) {
        closeSync(file);
        throw error;
      }
      closeSync(file);
    }
  }

  /** Lets the lock go; its file stays. */
  release(): void {
    ftruncateSync(this.#file);
    this.#claim?.release();
    closeSync(this.#file);
  }

  /** Lets the lock go, and leaves no file behind. */
  remove(): void {
    // Before it is let go: the next holder's file is its own.
    if (isAt(this.#path, this.#file)) unlinkSync(this.#path);
    this.release();
    this.#claim?.remove();
  }
}

/** A process that has the command may have been here first. */
function throwIfAlive(holder: string): void {
  if (isAlive(holder)) throw new LockHeld(holder.split(' ')[0] ?? '');
}

function openLock(path: string): number {
  let file: number;
  try {
    const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
    file = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ELOOP' ? new NotALock(path) : error;
  }
  if (isLock(file)) return file;
  closeSync(file);
  throw new NotALock(path);
}

/** Whether it is empty, or says what a holder writes into it: its process id and when that began. */
function isLock(file: number): boolean {
  const stat = fstatSync(file);
  if (!stat.isFile() || stat.size > lockBytesMax) return false;
  const bytes = Buffer.alloc(lockBytesMax);
  // From its beginning, wherever the file is read next.
  const length = readSync(file, bytes, 0, lockBytesMax, 0);
  return /^(\d+ [\p{L}\d:. ]*\n)?$/u.test(bytes.toString('utf8', 0, length));
}

function isAt(path: string, file: number): boolean {
  const [at, own] = [statSync(path, { throwIfNoEntry: false }), fstatSync(file)];
  return at !== undefined && at.ino === own.ino && at.dev === own.dev;
}

/** What is said of a command that is in no folder of PATH, or only where this user may not look or run it. */
const missing = ['ENOENT', 'EACCES'];

/** Whether the lock is this process's now; undefined where there is no such command. */
function lock(file: number, command: string): boolean | undefined {
  const { status, error, stderr } = spawnSync(command, ['-n', '3'], { stdio: ['ignore', 'ignore', 'pipe', file] });
  if (error && 'code' in error && missing.includes(String(error.code))) return undefined;
  if (error) throw error;
  if (status === 0) return true;
  if (status === 1) return false;
  throw new Error(`flock failed (status ${status}): ${stderr.toString('utf8').trim()}`);
}
