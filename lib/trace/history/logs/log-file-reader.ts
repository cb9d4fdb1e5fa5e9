import { integer, UnreadableRecord } from '../record-fields.js';
import type { LogBooks } from './log-books.js';
import { type BunyanRecord, logLine } from './log-line.js';
import type { LogFile, ServerRecord } from './run.js';
import { serverRecord } from './server-record.js';
import { UnreadableLog } from './unreadable-log.js';

/** Torn lines of one file whose numbers are kept. */
export const tornLinesMax = 10;

/** What the reader of a run does for its files. */
export interface LogFileParts {
  readonly name: string;
  /** The clients of the log that it is of. */
  readonly books: LogBooks;
  server(record: ServerRecord): void;
}

/** Takes one file's lines in, in their order. */
export class LogFileReader {
  readonly #parts: LogFileParts;
  readonly #torn: number[] = [];
  #noRecords = 0;
  #records = 0;
  #lines = 0;
  #serverRecords = 0;
  #ofServer = false;
  #passedOver = 0;
  #dropped = 0;
  #readUpTo: number | undefined;

  constructor(parts: LogFileParts) {
    this.#parts = parts;
  }

  /** The next line, without its end. Throws UnreadableLog where it tells what cannot be, and `WrittenAtOnce`. */
  take(text: string): void {
    this.#lines += 1;
    const line = logLine(text);
    switch (line.kind) {
      case 'record':
        this.#records += 1;
        this.#record(line.record);
        break;
      case 'foreign':
        this.#passedOver += 1;
        break;
      case 'torn':
        if (this.#torn.length < tornLinesMax) this.#torn.push(this.#lines);
        break;
      case 'no-record':
        // Such as what a program says of itself where standard error is its log.
        this.#noRecords += 1;
    }
  }

  /** The file is at its end. Throws UnreadableLog where nothing in it is a record. */
  end(): void {
    if (this.#records > 0 || this.#noRecords === 0) return;
    this.#lines = 1;
    this.#refuse(
      'there is no log record of Chit Chat in this file. The logs of other chats are read by chit-trace check --pattern.',
    );
  }

  /** What was found up to now. */
  found(): LogFile {
    const books = this.#parts.books.all.filter(({ files }) => files.includes(this.#parts.name));
    return {
      name: this.#parts.name,
      lines: this.#lines,
      clients: books.map(({ client }) => client),
      participants: books.map(({ participant }) => participant),
      serverRecords: this.#serverRecords,
      ofServer: this.#ofServer,
      torn: this.#torn,
      dropped: this.#dropped,
      readUpTo: this.#readUpTo,
      passedOver: this.#passedOver,
      noRecords: this.#noRecords,
    };
  }

  #record(record: BunyanRecord): void {
    try {
      if (record.event === 'records-dropped') this.#dropped += integer(record, 'count');
      if (record.component === 'client') {
        // Without the lost ones, what follows would contradict what the others saw.
        if (record.event === 'records-dropped') this.#readUpTo ??= this.#lines;
        if (this.#readUpTo === undefined) this.#parts.books.add(record, { file: this.#parts.name, line: this.#lines });
        else this.#parts.books.skip();
      } else this.#ofTheServer(record);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      this.#refuse(`the record “${record.event}” cannot be read: ${error.message}. The line was altered or damaged.`);
    }
  }

  #ofTheServer(record: BunyanRecord): void {
    this.#ofServer = true;
    const told = serverRecord(record, { file: this.#parts.name, line: this.#lines });
    if (!told) return;
    this.#serverRecords += 1;
    this.#parts.server(told);
  }

  #refuse(what: string): never {
    throw new UnreadableLog({ file: this.#parts.name, line: this.#lines }, what);
  }
}
