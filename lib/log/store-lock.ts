import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StoreInUse } from './event-log.js';

/**
 * The right to be the only user of a store's directory, until `release` or the end of the process, however it ends.
 *
 * It is a flock(2) lock, taken by the `flock` command on a file this process has open: the lock belongs to the open
 * file, so it stays when the command has ended and goes when the kernel closes the file. Nothing can be left over to
 * block a restart, and it also holds between containers that share a volume. Not so the alternatives without a native
 * addon: a file with a process id (ids are used again, and mean nothing in another container), an abstract socket
 * (bound to a network namespace), a socket file (left over; two starts at once both find it dead).
 */
export class StoreLock {
  readonly #file: number;

  private constructor(file: number) {
    this.#file = file;
  }

  /**
   * Throws `StoreInUse` if another process, or this one, holds the lock of `directory`; errors of the operating system
   * pass through. Where there is no `flock` command (`command` can name it), the holder's process id and start time decide.
   */
  static take(directory: string, command = 'flock'): StoreLock {
    const path = join(directory, 'lock');
    const file = openSync(path, 'a+', 0o600);
    try {
      const holder = readFileSync(path, 'utf8').trim();
      if (!lock(file, holder, command)) throw new StoreInUse(inUse(directory, holder));
      ftruncateSync(file);
      writeSync(file, `${process.pid} ${startOf(process.pid)}\n`);
      return new StoreLock(file);
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  /** Lets the directory go. The file stays: removing it could remove the next holder's. */
  release(): void {
    ftruncateSync(this.#file);
    closeSync(this.#file);
  }
}

function lock(file: number, holder: string, command: string): boolean {
  const { status, error, stderr } = spawnSync(command, ['-n', '3'], { stdio: ['ignore', 'ignore', 'pipe', file] });
  if (error && 'code' in error && error.code === 'ENOENT') return !isAlive(holder);
  if (error) throw error;
  if (status === 0) return true;
  if (status === 1) return false;
  throw new Error(`flock failed (status ${status}): ${stderr.toString('utf8').trim()}`);
}

/** Whether the process that `holder` names, as `id start`, is still that process. */
function isAlive(holder: string): boolean {
  const [, id, start] = /^(\d+) (.*)$/.exec(holder) ?? [];
  return id !== undefined && start !== '' && startOf(Number(id)) === start;
}

/** When a living process began, in the system's own words; empty if there is none. */
function startOf(id: number): string {
  try {
    // Field 22 of the line; the second, a name in parentheses, may contain anything.
    return (
      readFileSync(`/proc/${id}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? ''
    );
  } catch {
    return spawnSync('ps', ['-o', 'lstart=', '-p', String(id)], { encoding: 'utf8' }).stdout?.trim() ?? '';
  }
}

function inUse(directory: string, holder: string): string {
  const by = holder.split(' ')[0] || 'unknown';
  return (
    `The store ${directory} is in use by process ${by}. ` +
    'Stop that process, or give this one a directory of its own.'
  );
}
