import { spawnSync } from 'node:child_process';
import { linkSync, readdirSync, readFileSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { bootId } from './boot-id.js';

/** So often another process may be quicker before this one gives up. */
const attemptsMax = 1000;

/**
 * A lock where there is no flock: the highest of the files `PATH.1`, `PATH.2` and so on is the claim that counts, while
 * the process that it names lives. A process that finds the highest one's holder gone makes the next claim, with its
 * text in it, by link(2), which only one process can do; then it looks again for a higher one. A claim is given up by
 * emptying it, and removed only by the process that made a higher one: so no number that counts is used twice, and a
 * slow process cannot take what another has taken since.
 *
 * A process of another container or machine cannot be looked at: its claim counts until a person removes it.
 */
export class Claim {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Throws `LockHeld` if a process, maybe this one, has the claim that counts; the system's errors pass through. */
  static take(path: string): Claim {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const highest = throwIfHeld(path);
      const own = `${path}.${highest + 1}`;
      if (!make(own, path)) continue;
      const numbers = claimsOf(path);
      if (Math.max(...numbers) > highest + 1) {
        rmSync(own, { force: true });
        continue;
      }
      for (const number of numbers) if (number <= highest) rmSync(`${path}.${number}`, { force: true });
      return new Claim(own);
    }
    throw new LockHeld('');
  }

  /** Gives it up; the file stays, for its number must not be used again. */
  release(): void {
    truncateSync(this.#path);
  }

  /** Gives it up where it will not be wanted again. */
  remove(): void {
    rmSync(this.#path, { force: true });
  }
}

/** The number of the highest claim, 0 if there is none. Throws `LockHeld` while its holder lives, or may. */
export function throwIfHeld(path: string): number {
  const highest = Math.max(0, ...claimsOf(path));
  if (highest === 0) return 0;
  const [holder = '', namespace = ''] = textOf(`${path}.${highest}`).split('\n');
  if (holder === '') return highest;
  const id = holder.split(' ')[0] ?? '';
  if (namespace !== '' && namespace !== ownNamespace()) throw new LockHeld(id, `${path}.${highest}`);
  if (isAlive(holder)) throw new LockHeld(id);
  return highest;
}

function claimsOf(path: string): number[] {
  const begin = `${basename(path)}.`;
  return readdirSync(dirname(path)).flatMap((name) => {
    const number = name.startsWith(begin) ? name.slice(begin.length) : '';
    return /^\d{1,15}$/.test(number) ? [Number(number)] : [];
  });
}

/** Whether it was made, with its text in it from the first moment on; not if it is there. */
function make(claim: string, path: string): boolean {
  const text = `${process.pid} ${startOf(process.pid)}\n${ownNamespace()}\n`;
  const unique = join(dirname(path), `${basename(path)}.new-${process.pid}-${process.hrtime.bigint()}`);
  writeFileSync(unique, text, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(unique, claim);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(unique, { force: true });
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Where this process's id is valid: its namespace of ids and the system's start; empty where there is none. */
function ownNamespace(): string {
  const boot = bootId();
  if (boot === '') return '';
  try {
    return `${readlinkSync('/proc/self/ns/pid')} ${boot}`;
  } catch {
    return '';
  }
}

/** Another process, or this one, holds the lock; `holder` is its process id, empty where that is not known. */
export class LockHeld extends Error {
  override name = 'LockHeld';
  readonly holder: string;
  /** Where the holder is a process that cannot be looked at from here: the file to remove if it is over. */
  readonly claim: string | undefined;

  constructor(holder: string, claim?: string) {
    super(`locked by process ${holder || 'unknown'}`);
    this.holder = holder;
    this.claim = claim;
  }
}

/** Whether the process that `holder` names, as `id start`, is still that process. */
export function isAlive(holder: string): boolean {
  const [, id, start] = /^(\d+) (.*)$/.exec(holder) ?? [];
  return id !== undefined && start !== '' && startOf(Number(id)) === start;
}

/** When a living process began, in the system's own words; empty if there is none. */
export function startOf(id: number): string {
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
