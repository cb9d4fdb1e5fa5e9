import { integer, UnreadableRecord } from '../record-fields.js';
import type { ClientBook } from './client-book.js';
import { type BunyanRecord, logLine } from './log-line.js';
import type { LogFile, ServerRecord } from './run.js';
import { serverRecord } from './server-record.js';
import { UnreadableLog } from './unreadable-log.js';

/** Torn lines of one file whose numbers are kept. */
export const tornLinesMax = 10;

/** What the reader of a run does for its files. */
export interface LogFileParts {
  readonly name: string;
  /** The book of a client that this file tells of for the first time. */
  book(participant: string): ClientBook;
  server(record: ServerRecord): void;
}

/** Takes one file's lines in, in their order. */
export class LogFileReader {
  readonly #parts: LogFileParts;
  readonly #books = new Map<string, ClientBook>();
  readonly #writers = new Set<string>();
  readonly #torn: number[] = [];
  #book: ClientBook | undefined;
  #writer: string | undefined;
  #lines = 0;
  #serverRecords = 0;
  #ofServer = false;
  #passedOver = 0;
  #dropped = 0;
  #readUpTo: number | undefined;

  constructor(parts: LogFileParts) {
    this.#parts = parts;
  }

  /** The next line, without its end. Throws UnreadableLog where it is none of a log, or tells what cannot be. */
  take(text: string): void {
    this.#lines += 1;
    const line = logLine(text);
    switch (line.kind) {
      case 'record':
        this.#record(line.record);
        break;
      case 'foreign':
        this.#passedOver += 1;
        break;
      case 'torn':
        if (this.#torn.length < tornLinesMax) this.#torn.push(this.#lines);
        break;
      case 'no-record':
        this.#refuse(
          'this is no log record of Chit Chat (no JSON object). The logs of other chats are read by chit-trace check --pattern.',
        );
    }
  }

  /** The file is at its end. */
  end(): void {
    for (const book of this.#books.values()) book.end();
  }

  /** What was found up to now. */
  found(): LogFile {
    const books = [...this.#books.values()];
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
    };
  }

  #record(record: BunyanRecord): void {
    try {
      if (record.event === 'records-dropped') this.#dropped += integer(record, 'count');
      if (record.component === 'client') {
        // Without the lost ones, what follows would contradict what the others saw.
        if (record.event === 'records-dropped') this.#readUpTo ??= this.#lines;
        if (this.#readUpTo === undefined) this.#ofClient(record);
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

  #ofClient(record: BunyanRecord): void {
    const writer = `${String(record.hostname)} ${String(record.pid)}`;
    const changed = writer !== this.#writer;
    const begins = record.event === 'begin';
    if (changed && !begins && this.#writers.has(writer)) {
      this.#refuse(
        `two clients wrote into this file at the same time (processes ${this.#writer} and ${writer}), ` +
          'so it tells nobody’s order. Give each client a log of its own (chit-client --log).',
      );
    }
    if (!this.#book || (changed && begins)) this.#book = this.#bookOf(record) ?? this.#book;
    this.#writer = writer;
    if (changed) this.#writers.add(writer);
    this.#book?.take(record, this.#lines);
  }

  /** Undefined of a record that does not say whose it is. */
  #bookOf({ event, participant }: BunyanRecord): ClientBook | undefined {
    // A receipt names the author of what was received.
    if (event === 'receive' || typeof participant !== 'string') return undefined;
    const book = this.#books.get(participant) ?? this.#parts.book(participant);
    this.#books.set(participant, book);
    return book;
  }

  #refuse(what: string): never {
    throw new UnreadableLog({ file: this.#parts.name, line: this.#lines }, what);
  }
}
