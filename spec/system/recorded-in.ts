import type { Fields, Journal } from '../../lib/platform/journal.js';
import type { ClientLogReader, LogRecord } from '../../lib/trace/history/logs/client-log-reader.js';

/** A journal whose records go to the checker's history, as if they had been read from a log file. */
export function recordedIn(log: ClientLogReader): Journal {
  const note = (event: string, fields: Fields = {}) =>
    log.add({ time: new Date().toISOString(), ...fields, event } as LogRecord);
  return { debug: note, info: note, warn: note, error: note };
}
