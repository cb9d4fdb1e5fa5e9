import { type BunyanRecord, logLine } from '../../../codec/log-line.js';
import { NewerLog, serverLogRecord, UnreadableRecord, whole } from '../../../codec/log-records.js';
import type { LogClients } from './log-clients.js';
import { type ServerRecord, type Source, UnreadableLog } from './source.js';

/** Torn lines of one file whose numbers are kept. */
export const tornLinesMax = 10;

/** One file of a log, read line by line, and what was found in it up to now. */
export class LogFile {
  readonly name: string;
  /** Blank ones counted. */
  lines = 0;
  /** Records of a server that bear on the order. */
  serverRecords = 0;
  /** Whether a server wrote into it at all. */
  ofServer = false;
  /** Lines that break off because their writer was killed or its disk full: the first ones, at most `tornLinesMax`. */
  readonly torn: number[] = [];
  /** Records that their writer could not write, as it says itself. */
  dropped = 0;
  /** The line up to which a client's records are read, where some after it could not be written. */
  readUpTo: number | undefined;
  /** Records of other programs, which say nothing here. */
  passedOver = 0;
  /** Lines that are no records at all, which say nothing either. */
  noRecords = 0;
  readonly #logClients: LogClients;
  readonly #server: (record: ServerRecord) => void;
  #records = 0;

  /** `clients`: those of the log that the file is of. `server` is told what a server says of the order. */
  constructor(name: string, clients: LogClients, server: (record: ServerRecord) => void) {
    this.name = name;
    this.#logClients = clients;
    this.#server = server;
  }

  /** The clients whose records it has, by the names they have in the history; usually one. */
  get clients(): string[] {
    return this.#logClients.all.flatMap(({ files, client }) => (files.includes(this.name) ? client : []));
  }

  /** The next line, without its end. Throws UnreadableLog where it tells what cannot be, and `WrittenAtOnce`. */
  add(text: string): void {
    this.lines += 1;
    const line = logLine(text);
    if (line.kind === 'record') this.#addRecord(line.record);
    else if (line.kind === 'foreign') this.passedOver += 1;
    // Such as what a program says of itself where standard error is its log.
    else if (line.kind === 'no-record') this.noRecords += 1;
    else if (line.kind === 'torn' && this.torn.length < tornLinesMax) this.torn.push(this.lines);
  }

  /** The file is at its end. Throws UnreadableLog where nothing in it is a record. */
  end(): void {
    if (this.#records > 0 || this.noRecords === 0) return;
    const what =
      'there is no log record of Chit Chat in this file. The logs of other chats are read by chit-trace check --pattern.';
    throw new UnreadableLog({ file: this.name, line: 1 }, what);
  }

  #addRecord(record: BunyanRecord): void {
    this.#records += 1;
    const source = { file: this.name, line: this.lines };
    const isDropped = record.event === 'records-dropped';
    try {
      if (isDropped) this.dropped += whole(record, 'count');
      if (record.component === 'client') {
        // Without the lost ones, what follows would contradict what the others saw.
        if (isDropped) this.readUpTo ??= this.lines;
        if (this.readUpTo === undefined) this.#logClients.add(record, source);
        else this.#logClients.skip();
        return;
      }
      this.ofServer = true;
      const known = serverRecord(record, source);
      if (known) this.#server(known);
      if (known) this.serverRecords += 1;
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
  const common = { room, sequence, last: sequence, lamport, logId, chain, source };
  if (record.event === 'delivery')
    return { kind: 'delivery', ...common, last: record.last, participants: record.participants };
  const { event, participant, session } = record;
  return { kind: event === 'broadcast-join' ? 'joined' : 'left', ...common, participant, session };
}
