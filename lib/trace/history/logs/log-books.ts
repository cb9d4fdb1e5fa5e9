import type { ClientBook } from './client-book.js';
import type { BunyanRecord } from './log-line.js';
import type { Source } from './run.js';

/** The processes that wrote a log, each with the number of its last record, counted over all files of the log from 1. */
export type LastRecords = ReadonlyMap<string, number>;

/** Processes wrote into one log at the same time: to tell them apart it has to be known where each of them ends. */
export class WrittenAtOnce extends Error {
  override name = 'WrittenAtOnce';
}

/** Finds the last record of each process that wrote a log. */
export class LastRecordFinder {
  readonly last = new Map<string, number>();
  #records = 0;

  add(record: BunyanRecord): void {
    this.#records += 1;
    this.last.set(writerOf(record), this.#records);
  }
}

/**
 * The clients of one log, in however many files it is: as a rule one client, started as often as it was, one process after the other.
 * Processes that wrote at the same time are clients of their own, if `lastRecords` tells where they end.
 */
export class LogBooks {
  readonly #open: (participant: string, file: string) => ClientBook;
  readonly #lastRecords: LastRecords | undefined;
  readonly #books: ClientBook[] = [];
  /** The book of each process, and the process that each book is of now. */
  readonly #byWriter = new Map<string, ClientBook>();
  readonly #writers = new Map<ClientBook, string>();
  #book: ClientBook | undefined;
  #writer: string | undefined;
  #records = 0;

  /** `open` begins the book of one more client. */
  constructor(open: (participant: string, file: string) => ClientBook, lastRecords?: LastRecords) {
    this.#open = open;
    this.#lastRecords = lastRecords;
  }

  /** In the order in which they were begun. */
  get all(): readonly ClientBook[] {
    return this.#books;
  }

  /** A record that is to be left out of what is judged: of the log it is a part all the same. */
  skip(): void {
    this.#records += 1;
  }

  /** The log's next record. Throws `UnreadableRecord` as ClientBook does, and `WrittenAtOnce`. */
  add(record: BunyanRecord, source: Source): void {
    this.#records += 1;
    const writer = writerOf(record);
    if (writer !== this.#writer) {
      this.#book = this.#bookOf(writer, record, source.file);
      this.#writer = writer;
      if (this.#book) {
        this.#byWriter.set(writer, this.#book);
        this.#writers.set(this.#book, writer);
      }
    } else this.#book ??= this.#opened(record, source.file);
    this.#book?.take(record, source);
  }

  /** The log is at its end. */
  end(): void {
    for (const book of this.#books) book.end();
  }

  #bookOf(writer: string, record: BunyanRecord, file: string): ClientBook | undefined {
    const begins = record.event === 'begin';
    const known = begins ? undefined : this.#byWriter.get(writer);
    if (known && !this.#lastRecords) throw new WrittenAtOnce();
    if (known) return known;
    if (this.#lastRecords) {
      const { participant } = record;
      return (
        this.#books.find((book) => book.participant === participant && this.#hasEnded(book)) ??
        this.#opened(record, file, true)
      );
    }
    return begins ? (this.#opened(record, file) ?? this.#book) : (this.#book ?? this.#opened(record, file));
  }

  #hasEnded(book: ClientBook): boolean {
    return (this.#lastRecords?.get(this.#writers.get(book) ?? '') ?? 0) < this.#records;
  }

  /** Undefined of a record that does not say whose it is. */
  #opened({ event, participant }: BunyanRecord, file: string, anew = false): ClientBook | undefined {
    // A receipt names the author of what was received.
    if (event === 'receive' || typeof participant !== 'string') return undefined;
    const earlier = this.#books.find((book) => book.participant === participant);
    if (earlier && !anew) return earlier;
    const book = this.#open(participant, file);
    this.#books.push(book);
    return book;
  }
}

function writerOf({ hostname, pid }: BunyanRecord): string {
  return `${String(hostname)} ${String(pid)}`;
}
