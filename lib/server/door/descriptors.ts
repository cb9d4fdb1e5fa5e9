import type { Limits } from '../../core/limits.js';
import { descriptors } from '../../platform/descriptors.js';
import type { Journal } from '../../platform/journal.js';

/**
 * Descriptors that are kept from connections: for listening, for a connection that is accepted only to be refused, for
 * a log file that is opened anew, for a store that is opened again after a failed write. Without one to spare the
 * system drops connections without a word.
 */
const descriptorsReserved = 16;

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
