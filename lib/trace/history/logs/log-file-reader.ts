import { type BunyanRecord, logLine } from '../../../codec/log-line.js';
import { NewerLog, serverLogRecord, UnreadableRecord, whole } from '../../../codec/log-records.js';
import { type LogFile, type ServerRecord, type Source, UnreadableLog } from './log-bundle.js';
import type { LogClients } from './log-clients.js';

/** Torn lines of one file whose numbers are kept. */
export const tornLinesMax = 10;

/** Reads one file's lines, in their order. */
export class LogFileReader {
  readonly #name: string;
  readonly #clients: LogClients;
  readonly #server: (record: ServerRecord) => void;
  readonly #found = {
    lines: 0,
    serverRecords: 0,
    ofServer: false,
    torn: [] as number[],
    dropped: 0,
    readUpTo: undefined as number | undefined,
    passedOver: 0,
    noRecords: 0,
  };
  #records = 0;

  /** `clients`: those of the log that it is of. `server` is told what a server says of the order. */
  constructor(name: string, clients: LogClients, server: (record: ServerRecord) => void) {
    this.#name = name;
    this.#clients = clients;
    this.#server = server;
  }

  /** The next line, without its end. Throws UnreadableLog where it tells what cannot be, and `WrittenAtOnce`. */
  add(text: string): void {
    const found = this.#found;
    found.lines += 1;
    const line = logLine(text);
    switch (line.kind) {
      case 'record':
        this.#records += 1;
        this.#record(line.record);
        break;
      case 'foreign':
        found.passedOver += 1;
        break;
      case 'torn':
        if (found.torn.length < tornLinesMax) found.torn.push(found.lines);
        break;
      case 'no-record':
        // Such as what a program says of itself where standard error is its log.
        found.noRecords += 1;
    }
  }

  /** The file is at its end. Throws UnreadableLog where nothing in it is a record. */
  end(): void {
    if (this.#records > 0 || this.#found.noRecords === 0) return;
    const what =
      'there is no log record of Chit Chat in this file. The logs of other chats are read by chit-trace check --pattern.';
    throw new UnreadableLog({ file: this.#name, line: 1 }, what);
  }

  /** What was found up to now. */
  found(): LogFile {
    const clients = this.#clients.all.filter(({ files }) => files.includes(this.#name));
    const participants = clients.map(({ participant }) => participant);
    return { name: this.#name, clients: clients.map(({ client }) => client), participants, ...this.#found };
  }

  #record(record: BunyanRecord): void {
    const found = this.#found;
    const source = { file: this.#name, line: found.lines };
    try {
      if (record.event === 'records-dropped') found.dropped += whole(record, 'count');
      if (record.component === 'client') {
        // Without the lost ones, what follows would contradict what the others saw.
        if (record.event === 'records-dropped') found.readUpTo ??= found.lines;
        if (found.readUpTo === undefined) this.#clients.add(record, source);
        else this.#clients.skip();
      } else {
        found.ofServer = true;
        const told = serverRecord(record, source);
        if (!told) return;
        found.serverRecords += 1;
        this.#server(told);
      }
    } catch (error) {
      if (error instanceof NewerLog) throw new UnreadableLog(source, error.message);
      if (!(error instanceof UnreadableRecord)) throw error;
      const what = `the record “${record.event}” cannot be read: ${error.message}. The line was altered or damaged.`;
      throw new UnreadableLog(source, what);
    }
  }
}

function serverRecord(line: BunyanRecord, source: Source): ServerRecord | undefined {
  const record = serverLogRecord(line);
  if (!record) return undefined;
  const { room, sequence, lamport, logId, chain } = record;
  const common = { room, sequence, lamport, logId, chain, source };
  if (record.event === 'delivery') {
    return { kind: 'delivery', ...common, last: record.last, participants: record.participants };
  }
  const { participant, session } = record;
  return {
    kind: record.event === 'broadcast-join' ? 'joined' : 'left',
    ...common,
    last: sequence,
    participant,
    session,
  };
}
