import type { Fields, Journal } from '../../../lib/platform/journal.js';

/** A journal that keeps its records for the test to look at. */
export class RecordingJournal implements Journal {
  readonly records: ({ readonly level: keyof Journal; readonly event: string } & Fields)[] = [];

  debug(event: string, fields?: Fields): void {
    this.records.push({ ...fields, level: 'debug', event });
  }

  info(event: string, fields?: Fields): void {
    this.records.push({ ...fields, level: 'info', event });
  }

  warn(event: string, fields?: Fields): void {
    this.records.push({ ...fields, level: 'warn', event });
  }

  error(event: string, fields?: Fields): void {
    this.records.push({ ...fields, level: 'error', event });
  }

  named(event: string): RecordingJournal['records'] {
    return this.records.filter((record) => record.event === event);
  }
}
