import { type BunyanRecord, logLine } from '../../../codec/log-line.js';
import type { ClientLog } from './client-log.js';
import type { Source } from './source.js';

/** The processes that wrote a log, with the number of each one's last record, counted over all its files from 1. */
export type LastRecords = ReadonlyMap<string, number>;

/** Processes wrote into one log at the same time: to tell them apart it has to be known where each of them ends. */
export class WrittenAtOnce extends Error {
  override name = 'WrittenAtOnce';
}

/** Finds the last record of each process that wrote a log. */
export class LastRecordFinder {
  readonly last = new Map<string, number>();
  #records = 0;

  /** The log's next line. */
  add(text: string): void {
    const line = logLine(text);
    if (line.kind !== 'record' || line.record.component !== 'client') return;
    this.#records += 1;
    this.last.set(writerOf(line.record), this.#records);
  }

  end(): void {}
}

/** When the line's record was written, in milliseconds since 1970; undefined: it is none; NaN: it does not say. */
export function writtenAtMs(text: string): number | undefined {
  const line = logLine(text);
  return line.kind === 'record' ? Date.parse(String(line.record.time)) : undefined;
}

/**
 * The clients of one log, in however many files: as a rule one client, started as often as it was, one process after
 * the other. Processes that wrote at the same time are clients of their own, if `lastRecords` tells where they end.
 */
export class LogClients {
  /** In the order in which they were begun. */
  readonly all: ClientLog[] = [];
  readonly #begin: (participant: string, file: string) => ClientLog;
  readonly #lastRecords: LastRecords | undefined;
  /** The client of each process, and the process that each client is now. */
  readonly #byWriter = new Map<string, ClientLog>();
  readonly #writers = new Map<ClientLog, string>();
  #client: ClientLog | undefined;
  #writer: string | undefined;
  #records = 0;

  /** `begin` begins one more client. */
  constructor(begin: (participant: string, file: string) => ClientLog, lastRecords?: LastRecords) {
    this.#begin = begin;
    this.#lastRecords = lastRecords;
  }

  /** A record that is to be left out of what is judged: of the log it is a part all the same. */
  skip(): void {
    this.#records += 1;
  }

  /** The log's next record. Throws as ClientLog does, and `WrittenAtOnce`. */
  add(record: BunyanRecord, source: Source): void {
    this.#records += 1;
    const writer = writerOf(record);
    if (writer !== this.#writer) {
      this.#client = this.#clientOf(writer, record, source.file);
      this.#writer = writer;
      if (this.#client) {
        this.#byWriter.set(writer, this.#client);
        this.#writers.set(this.#client, writer);
      }
    } else this.#client ??= this.#named(record, source.file);
    this.#client?.add(record, source);
  }

  /** The log is at its end. */
  end(): void {
    for (const client of this.all) client.end();
  }

  #clientOf(writer: string, record: BunyanRecord, file: string): ClientLog | undefined {
    const begins = record.event === 'begin';
    const known = begins ? undefined : this.#byWriter.get(writer);
    if (known && !this.#lastRecords) throw new WrittenAtOnce();
    if (known) return known;
    if (this.#lastRecords) {
      const hasEnded = (client: ClientLog) =>
        (this.#lastRecords?.get(this.#writers.get(client) ?? '') ?? 0) < this.#records;
      const earlier = this.all.find((client) => client.participant === record.participant && hasEnded(client));
      return earlier ?? this.#named(record, file, true);
    }
    return begins ? (this.#named(record, file) ?? this.#client) : (this.#client ?? this.#named(record, file));
  }

  /** The client that a record names; undefined of a record that does not say whose it is. */
  #named({ event, participant }: BunyanRecord, file: string, anew = false): ClientLog | undefined {
    // A receipt names the author of what was received.
    if (event === 'receive' || typeof participant !== 'string') return undefined;
    const earlier = this.all.find((client) => client.participant === participant);
    if (earlier && !anew) return earlier;
    const client = this.#begin(participant, file);
    this.all.push(client);
    return client;
  }
}

function writerOf({ hostname, pid }: BunyanRecord): string {
  return `${String(hostname)} ${String(pid)}`;
}
