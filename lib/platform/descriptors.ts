import { readdirSync, readFileSync } from 'node:fs';

/** How many files and sockets a process may have open; undefined where the system does not say (not Linux). */
export function descriptorsMax(processFolder = '/proc/self'): number | undefined {
  try {
    const limits = readFileSync(`${processFolder}/limits`, 'utf8');
    const max = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]);
    // Node has raised what it may have to what the system allows.
    return Number.isSafeInteger(max) ? max : undefined;
  } catch {
    return undefined;
  }
}

/** The same, and how many it has open; undefined where the system does not say one of them. */
export function descriptors(processFolder = '/proc/self'): { readonly max: number; readonly open: number } | undefined {
  const max = descriptorsMax(processFolder);
  try {
    return max === undefined ? undefined : { max, open: readdirSync(`${processFolder}/fd`).length };
  } catch {
    return undefined;
  }
}
