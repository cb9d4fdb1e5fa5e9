import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JournalRecord, journalRecords } from '../system/journal-records.js';
import { logNames } from './run.js';
import { cast, logName } from './scene.js';

/** The logs of the report's run. */
export interface RunLogs {
  /** By file name, in the order of `logNames`. */
  readonly files: ReadonlyMap<string, readonly JournalRecord[]>;
  /** Every event that somebody received, in the room's order. */
  readonly events: readonly ReceivedEvent[];
  /** By participant. */
  readonly clients: ReadonlyMap<string, readonly JournalRecord[]>;
}

/** A `receive` record. */
export type ReceivedEvent = JournalRecord &
  Required<Pick<JournalRecord, 'sequence' | 'lamport' | 'clock' | 'participant' | 'chain' | 'kind'>>;

export function readRunLogs(folder: string): RunLogs {
  const read = (name: string) => journalRecords(readFileSync(join(folder, name), 'utf8').split('\n'));
  const files = new Map(logNames.map((name) => [name as string, read(name)]));
  const clients = new Map(cast.map((participant) => [participant as string, files.get(logName(participant)) ?? []]));
  const events = new Map<number, ReceivedEvent>();
  for (const records of clients.values()) {
    for (const record of records.filter(isReceipt)) events.set(record.sequence, record);
  }
  return { files, clients, events: [...events.values()].sort((a, b) => a.sequence - b.sequence) };
}

export function isReceipt(record: JournalRecord): record is ReceivedEvent {
  return record.event === 'receive';
}
