import { type BunyanRecord, logLine } from '../../../codec/log-line.js';
import { NewerLog, serverLogRecord, UnreadableRecord, whole } from '../../../codec/log-records.js';
import { type LogFile, type ServerRecord, type Source, UnreadableLog } from './log-bundle.js';
import type { LogClients } from './log-clients.js';

/** Torn lines of one file whose numbers are kept. */
export const tornLinesMax = 10;

/** Reads one file's lines, in their order. */
export interface LogFileReader {
  /** The next line, without its end. Throws UnreadableLog where it tells what cannot be, and `WrittenAtOnce`. */
  add(text: string): void;
  /** The file is at its end. Throws UnreadableLog where nothing in it is a record. */
  end(): void;
  /** What was found up to now. */
  found(): LogFile;
}

/** `clients`: those of the log that the file is of. `server` is told what a server says of the order. */
export function logFileReader(
  name: string,
  clients: LogClients,
  server: (record: ServerRecord) => void,
): LogFileReader {
  const counts = { lines: 0, serverRecords: 0, ofServer: false, dropped: 0, passedOver: 0, noRecords: 0 };
  const torn: number[] = [];
  let readUpTo: number | undefined;
  let records = 0;

  const addRecord = (record: BunyanRecord) => {
    records += 1;
    const source = { file: name, line: counts.lines };
    const isDropped = record.event === 'records-dropped';
    try {
      if (isDropped) counts.dropped += whole(record, 'count');
      if (record.component === 'client') {
        // Without the lost ones, what follows would contradict what the others saw.
        if (isDropped) readUpTo ??= counts.lines;
        if (readUpTo === undefined) clients.add(record, source);
        else clients.skip();
        return;
      }
      counts.ofServer = true;
      const known = serverRecord(record, source);
      if (known) server(known);
      if (known) counts.serverRecords += 1;
    } catch (error) {
      if (error instanceof NewerLog) throw new UnreadableLog(source, error.message);
      if (!(error instanceof UnreadableRecord)) throw error;
      const what = `the record “${record.event}” cannot be read: ${error.message}. The line was altered or damaged.`;
      throw new UnreadableLog(source, what);
    }
  };
  return {
    add: (text) => {
      counts.lines += 1;
      const line = logLine(text);
      if (line.kind === 'record') addRecord(line.record);
      else if (line.kind === 'foreign') counts.passedOver += 1;
      // Such as what a program says of itself where standard error is its log.
      else if (line.kind === 'no-record') counts.noRecords += 1;
      else if (line.kind === 'torn' && torn.length < tornLinesMax) torn.push(counts.lines);
    },
    end: () => {
      if (records > 0 || counts.noRecords === 0) return;
      const what =
        'there is no log record of Chit Chat in this file. The logs of other chats are read by chit-trace check --pattern.';
      throw new UnreadableLog({ file: name, line: 1 }, what);
    },
    found: () => {
      const here = clients.all.filter(({ files }) => files.includes(name));
      const participants = here.map(({ participant }) => participant);
      return { name, clients: here.map(({ client }) => client), participants, torn, readUpTo, ...counts };
    },
  };
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
