import { displaySafe } from '../../lib/display/display-safe.js';
import type { JournalRecord } from '../system/journal-records.js';
import { block } from './markdown-text.js';
import type { RunLogs } from './run-logs.js';

/** Fields that are the same in every line of a file, or too long for paper; docs/report.md says which are left out. */
const leftOut: readonly string[] = [
  ...['name', 'component', 'hostname', 'pid', 'level', 'msg', 'v', 'time', 'event'],
  ...['logId', 'chain', 'room', 'timeMs', 'ordinal'],
];

/** The logs as they can be read on paper: each line's time, event and most telling fields. */
export function shortenedLogs({ files }: RunLogs): string {
  return [...files]
    .map(([name, records]) => `### [${name}](logs/${name})\n\n${block(records.map(shortened).join('\n'))}`)
    .join('\n\n');
}

function shortened(record: JournalRecord): string {
  const fields = Object.entries(record)
    .filter(([name, value]) => !leftOut.includes(name) && !(name === 'kind' && value === 'message'))
    .map(([name, value]) => `${name}=${typeof value === 'string' && /\s/.test(value) ? JSON.stringify(value) : value}`);
  return displaySafe([record.time.slice(11, 23), record.event.padEnd(16), ...fields].join(' '));
}
