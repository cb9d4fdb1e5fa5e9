import type { Fields, Journal } from '../../lib/platform/journal.js';
import type { ClientLog, LogRecord } from '../../lib/trace/history/logs/client-log.js';

/** A journal whose records go to the checker's history, as if they had been read from a log file. */
export function recordedIn(log: ClientLog): Journal {
  const note = (event: string, fields: Fields = {}) =>
    log.take({ time: new Date().toISOString(), ...fields, event } as LogRecord);
  return { debug: note, info: note, warn: note, error: note };
}
