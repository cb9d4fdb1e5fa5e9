import { readdirSync, readFileSync } from 'node:fs';
import type { Limits } from '../../core/limits.js';
import type { Journal } from '../../platform/journal.js';

/**
 * Descriptors that are kept from connections: for listening, for a connection that is accepted only to be refused, for
 * a log file that is opened anew, for a store that is opened again after a failed write. Without one to spare the
 * system drops connections without a word.
 */
const descriptorsReserved = 16;

/** How many files and sockets a process may have open, and has; undefined where the system does not say (not Linux). */
export function descriptors(processFolder = '/proc/self'): { readonly max: number; readonly open: number } | undefined {
  try {
    const limits = readFileSync(`${processFolder}/limits`, 'utf8');
    const max = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]);
    // Node has raised what it may have to what the system allows.
    return Number.isSafeInteger(max) ? { max, open: readdirSync(`${processFolder}/fd`).length } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The same limits with no more connections than there are descriptors for: those beyond are refused with a record,
 * instead of keeping the server from what it needs descriptors for itself. To be called when the store and the log file
 * are open.
 */
export function withinDescriptors(limits: Limits, journal: Journal, have = descriptors()): Limits {
  if (!have) return limits;
  const connectionsMax = Math.max(1, have.max - have.open - descriptorsReserved);
  if (connectionsMax >= limits.connectionsMax) return limits;
  journal.warn('descriptors-short', {
    ...{ descriptorsMax: have.max, open: have.open, reserved: descriptorsReserved },
    ...{ connectionsMax, wanted: limits.connectionsMax },
  });
  return { ...limits, connectionsMax };
}
