import { eventTable } from './event-table.js';
import { block } from './markdown-text.js';
import type { RunLogs } from './run-logs.js';
import { shortenedLogs } from './shortened-logs.js';
import { workedExample } from './worked-example.js';

/** What docs/report.md has from the run: so it cannot say anything else than the logs. `verdict` is what chit-trace check printed. */
export function partsFrom(logs: RunLogs, verdict: string): Map<string, string> {
  return new Map([
    ['events', eventTable(logs)],
    ['worked example', workedExample(logs)],
    ['verdict', block(verdict.trim())],
    ['logs', shortenedLogs(logs)],
  ]);
}
