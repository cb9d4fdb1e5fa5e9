import { type Source, UnreadableLog } from '../history/logs/source.js';
import type { ForeignLine, Patterns } from './pattern.js';

/** One line that a pattern matched. */
export interface Entry extends ForeignLine {
  readonly participant: string;
  readonly source: Source;
}

/** The log of one participant of another chat, or of its server, as far as it was read. */
export class ForeignLog {
  readonly file: string;
  /** Whose log it is. */
  readonly owner: string;
  readonly entries: Entry[] = [];
  lines = 0;
  readonly #patterns: Patterns;

  constructor(file: string, owner: string, patterns: Patterns) {
    this.file = file;
    this.owner = owner;
    this.#patterns = patterns;
  }

  /** Its next line. */
  add(text: string): void {
    this.lines += 1;
    const read = this.#patterns.read(text.trimEnd());
    const source = { file: this.file, line: this.lines };
    if (read) this.entries.push({ ...read, participant: read.participant ?? this.owner, source });
  }

  /** It is read. Throws UnreadableLog where no line was matched. */
  end(): void {
    if (this.entries.length > 0) return;
    throw new UnreadableLog({ file: this.file, line: 1 }, 'no line of this file matches any --pattern.');
  }
}

/** Whose log a file is, by its name: `logs/alice.log` is alice's. */
export function ownerByName(file: string): string {
  const name = file.split(/[/\\]/).at(-1) ?? file;
  return name.replace(/\.[^.]+$/, '') || name;
}

/** Whether it is received: a message, a joining or a leaving. */
export function isReceived({ kind }: Entry): boolean {
  return kind !== 'sent';
}

/** What each participant's log says that it sent, in its order, by text. */
export function sendingsOf({ owner, entries }: ForeignLog): Map<string, Entry[]> {
  const sendings = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (entry.kind !== 'sent' || entry.participant !== owner) continue;
    const sent = sendings.get(entry.text) ?? [];
    sendings.set(entry.text, sent);
    sent.push(entry);
  }
  return sendings;
}

/** Whether its owner's own messages are missing: many chats do not print them, and one log then shows no loss. */
export function silentOnOwn({ owner, entries }: ForeignLog): boolean {
  return !entries.some(({ kind, participant }) => kind === 'message' && participant === owner);
}

/** What is the same in all logs, but for repetitions. */
export function nameOf({ kind, participant, text }: Pick<Entry, 'kind' | 'participant' | 'text'>): string {
  return JSON.stringify([kind, participant, kind === 'message' ? text : '']);
}

/** In the words of a person: `“hello” by alice`, `alice’s joining`. */
export function inWords({ kind, participant, text }: Pick<Entry, 'kind' | 'participant' | 'text'>): string {
  if (kind === 'joined') return `${participant}'s joining`;
  return kind === 'left' ? `${participant}'s leaving` : `“${text}” by ${participant}`;
}

/** What was received in one log, each by a key that it has in all logs. */
export interface Receipts {
  readonly log: ForeignLog;
  /** In the order of the lines. */
  readonly keys: readonly string[];
  readonly at: ReadonlyMap<string, { readonly index: number; readonly entry: Entry }>;
}

/**
 * The receipts of all logs, by keys that mean the same everywhere. What stands in several logs is the same if kind,
 * participant and text are; of several such in one log the first is the first in the others. `ambiguous`: what was said
 * several times, and not as often in each log, in words, for nobody can say which is which.
 */
export function receiptsIn(logs: readonly ForeignLog[]): {
  readonly receipts: Receipts[];
  readonly ambiguous: string[];
} {
  const counts = logs.map(countsOf);
  const ambiguous = new Map<string, string>();
  for (const [name, { count, entry }] of counts.flatMap((ofLog) => [...ofLog])) {
    const differs = counts.some((other) => other.has(name) && other.get(name)?.count !== count);
    if (count > 1 && differs && !ambiguous.has(name)) ambiguous.set(name, inWords(entry));
  }
  const receipts = logs.map((log): Receipts => {
    const passed = new Map<string, number>();
    const certain = log.entries.filter((entry) => isReceived(entry) && !ambiguous.has(nameOf(entry)));
    const keys = certain.map((entry) => {
      const name = nameOf(entry);
      passed.set(name, (passed.get(name) ?? 0) + 1);
      return `${name} ${passed.get(name)}`;
    });
    return { log, keys, at: new Map(certain.map((entry, index) => [keys[index] ?? '', { index, entry }])) };
  });
  return { receipts, ambiguous: [...ambiguous.values()] };
}

/** How often each thing is received in a log. */
export function countsOf({ entries }: ForeignLog): Map<string, { readonly count: number; readonly entry: Entry }> {
  const counts = new Map<string, { count: number; entry: Entry }>();
  for (const entry of entries.filter(isReceived)) {
    const name = nameOf(entry);
    counts.set(name, { count: (counts.get(name)?.count ?? 0) + 1, entry });
  }
  return counts;
}
