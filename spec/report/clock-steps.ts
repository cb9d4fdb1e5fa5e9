import { receive, tick } from '../../lib/core/clock.js';
import type { JournalRecord } from '../system/journal-records.js';
import { isReceipt, type RunLogs } from './run-logs.js';

/** One move of a client's Lamport clock, as its log has it. */
export interface ClockStep {
  readonly record: JournalRecord;
  readonly before: number;
  readonly after: number;
}

const sends: readonly string[] = ['connect', 'send', 'send-leave'];

/** The moves of a client's clock, in their order. Throws where the log has another time than Lamport's rules give [S8]. */
export function clockSteps(records: readonly JournalRecord[]): ClockStep[] {
  let clock = 0;
  const steps: ClockStep[] = [];
  for (const record of records) {
    const { lamport = 0 } = record;
    if (!isReceipt(record) && !sends.includes(record.event)) continue;
    const [rule, told] = isReceipt(record) ? [receive(clock, lamport), record.clock] : [tick(clock), lamport];
    if (rule !== told) throw new Error(`${record.participant}'s log says ${told} where Lamport's rules give ${rule}`);
    steps.push({ record, before: clock, after: told });
    clock = told;
  }
  return steps;
}

/** The moves of a participant's clock in the report's run. */
export function stepsOf({ clients }: RunLogs, participant: string): ClockStep[] {
  return clockSteps(clients.get(participant) ?? []);
}
