import type { ClientLogRecord } from '../codec/log-records.js';
import { LogStanding } from '../codec/log-standing.js';
import * as platform from '../platform/bunyan-journal.js';

/** As platform/'s; each part of a log but the first begins with where the client stands (codec/log-standing.ts). */
export function bunyanJournal(options: platform.BunyanJournalOptions): Promise<platform.OpenJournal> {
  const standing = new LogStanding();
  const partHead: platform.PartHead = {
    // What a program of the library records under that name is its own.
    note: (event, fields) => event !== 'part' && standing.note({ event, ...fields } as ClientLogRecord),
    records: () => standing.parts.map((part) => ['part', { ...part }]),
  };
  return platform.bunyanJournal({ partHead, ...options });
}
