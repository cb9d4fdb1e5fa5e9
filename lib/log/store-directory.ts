import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Makes `directory` and what leads to it, for their owner alone, where they are absent, and durably so. */
export function makeDirectory(directory: string): void {
  const topmostMade = mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (topmostMade === undefined) return;
  const stop = dirname(resolve(topmostMade));
  for (let above = dirname(resolve(directory)); ; above = dirname(above)) {
    syncDirectory(above);
    if (above === stop) return;
  }
}

/** Makes the names in `directory` survive a loss of power: to flush a new file is not to flush its name. */
export function syncDirectory(directory: string): void {
  const file = openSync(directory, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
