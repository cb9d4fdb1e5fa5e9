import { readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Rotated files: by us `NAME.20261127T181500123Z.log`, by logrotate(8) `NAME.log.1` or `NAME.log-20261127`. */
const ours = /^(.+)\.\d{8}T\d{6,9}Z(\.log)?$/;
const theirs = /^(.+?)(?:\.\d{1,4}|-\d{8}(?:-\d{1,10})?)$/;

/** Where a log file `path`, which ends in `.log` or not, goes when it is full: beside it, named by when that was. */
export function rotatedName(path: string, timeMs: number): string {
  const time = new Date(timeMs).toISOString().replaceAll(/[-:.]/g, '');
  const [, base = path, ending = ''] = /^(.+)(\.log)$/.exec(path) ?? [];
  return `${base}.${time}${ending}`;
}

/** The name of the file that `path` was a part of; its own where it is no part of another one. */
export function wholeName(path: string): string {
  const [, base, ending = ''] = ours.exec(path) ?? [];
  return base === undefined ? (theirs.exec(path)?.[1] ?? path) : `${base}${ending}`;
}

/**
 * Moves the file at `path` out of the way, and removes what was moved before, but for the newest `partsMax`. Throws the
 * system's error where it cannot be moved; that older ones cannot be removed is no error.
 */
export function rotate(path: string, timeMs: number, partsMax: number): void {
  renameSync(path, rotatedName(path, timeMs));
  try {
    const parts = readdirSync(dirname(path)).filter((name) => ours.test(name) && wholeName(name) === basename(path));
    for (const name of parts.sort().slice(0, -partsMax)) rmSync(join(dirname(path), name));
  } catch {
    // What is left over is no harm but for its size.
  }
}
