import { evidenceOf } from '../../../lib/trace/history/evidence.js';
import type { History } from '../../../lib/trace/history/history.js';
import type { LogBundle } from '../../../lib/trace/history/logs/log-bundle-reader.js';

/** A run with this history, as if each client's steps were the lines of its log. */
export function runOf(history: History): LogBundle {
  return {
    evidence: evidenceOf(history),
    server: [],
    files: [],
    source: (client, step) => ({ file: `${client}.log`, line: step + 1 }),
    writtenAt: (_client, step) => 1_000 + step,
  };
}
