import type { Entry, ForeignLog } from './foreign-log.js';

/** What was received in one log, each by a key that it has in all logs. */
export interface Receipts {
  readonly log: ForeignLog;
  /** In the order of the lines. */
  readonly keys: readonly string[];
  readonly at: ReadonlyMap<string, { readonly index: number; readonly entry: Entry }>;
}

/** The receipts of all logs, by keys that mean the same everywhere. */
export interface Happenings {
  readonly receipts: readonly Receipts[];
  /** How many texts were said several times, and not as often in each log: nobody can say which is which. */
  readonly ambiguous: number;
}

/**
 * What stands in several logs is the same if it is of the same kind, by the same participant and with the same text; of several
 * such in one log the first is the first in the others.
 */
export function happeningsIn(logs: readonly ForeignLog[]): Happenings {
  const counts = logs.map(({ entries }) => countsOf(entries));
  const ambiguous = new Set<string>();
  for (const ofLog of counts) {
    for (const [name, count] of ofLog) {
      if (count > 1 && counts.some((other) => other.has(name) && other.get(name) !== count)) ambiguous.add(name);
    }
  }
  return { receipts: logs.map((log) => receiptsOf(log, ambiguous)), ambiguous: ambiguous.size };
}

/** What is the same in all logs, but for repetitions. */
export function nameOf({ kind, participant, text }: Pick<Entry, 'kind' | 'participant' | 'text'>): string {
  return JSON.stringify([kind, participant, kind === 'message' ? text : '']);
}

/** In the words of a person: `“hello” by alice`, `alice’s joining`. */
export function inWords({ kind, participant, text }: Pick<Entry, 'kind' | 'participant' | 'text'>): string {
  if (kind === 'joined') return `${participant}'s joining`;
  if (kind === 'left') return `${participant}'s leaving`;
  return `“${text}” by ${participant}`;
}

export function countsOf(entries: readonly Entry[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind !== 'sent') counts.set(nameOf(entry), (counts.get(nameOf(entry)) ?? 0) + 1);
  }
  return counts;
}

function receiptsOf(log: ForeignLog, ambiguous: ReadonlySet<string>): Receipts {
  const keys: string[] = [];
  const at = new Map<string, { index: number; entry: Entry }>();
  const passed = new Map<string, number>();
  for (const entry of log.entries) {
    const name = nameOf(entry);
    if (entry.kind === 'sent' || ambiguous.has(name)) continue;
    const count = (passed.get(name) ?? 0) + 1;
    passed.set(name, count);
    const key = `${name} ${count}`;
    at.set(key, { index: keys.length, entry });
    keys.push(key);
  }
  return { log, keys, at };
}
