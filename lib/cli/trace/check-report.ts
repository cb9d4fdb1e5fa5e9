import { displaySafe } from '../../display/display-safe.js';
import { counted, inWords, listed, spansOf } from '../../display/spans.js';
import { type Judgement, promiseIds, promises, type Seen, type Verdict } from '../../trace/check/verdict.js';
import type { LogFile } from '../../trace/history/logs/log-file.js';
import type { Source } from '../../trace/history/logs/source.js';

export const reportLimits = {
  /** Counterexamples that are told; the others are counted. */
  counterexamplesMax: 10,
  /** Sentences of what was received, and of what is unknown. */
  sentencesMax: 20,
  /** Files that are listed. */
  filesMax: 50,
} as const;

/** The verdict for people, as lines that a terminal may show. `read`: the lines that say what was read. */
export function checkReport(read: readonly string[], verdict: Verdict): string[] {
  const { statements, judgements, counterexamples, unknowns } = verdict;
  const open = unknowns.map(({ message }) => [message]);
  const parts = [
    read,
    limited(statements, reportLimits.sentencesMax, 'sentences'),
    judgements.map((judgement) => judged(judgement, verdict)),
    counterexamples.length === 0 ? [] : ['Counterexamples, the first one first:', ...told(verdict)],
    unknowns.length === 0 ? [] : ['Open, for these logs do not tell it:', ...numbered(open, reportLimits.sentencesMax)],
    [conclusion(verdict)],
  ];
  const paragraphs = parts.filter((part) => part.length > 0).map((part) => part.map(displaySafe));
  return paragraphs.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

/** What was read, and what each file is. */
export function filesRead(files: readonly Readonly<Record<'name' | 'content', string> & { lines: number }>[]) {
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  const width = Math.max(...files.map(({ name }) => name.length));
  const each = files.map((file) => `  ${file.name.padEnd(width)}  ${file.content}`);
  return [
    `Read ${counted(lines, 'line')} of ${counted(files.length, 'file')}:`,
    ...limited(each, reportLimits.filesMax, 'files'),
  ];
}

/** What a file of Chit Chat is. */
export function contentOf(file: Omit<LogFile, 'name' | 'add' | 'end'>): string {
  const { clients, ofServer, lines, torn, passedOver, noRecords, dropped, readUpTo } = file;
  if (lines === 0) return 'empty';
  const writers = [...clients.map((client) => `client ${client}`), ...(ofServer ? ['server'] : [])];
  return [
    `${listed(writers) || 'nothing of Chit Chat'}, ${counted(lines, 'line')}`,
    ...(ofServer ? [`${counted(file.serverRecords, 'record')} of the order`] : []),
    ...(torn.length > 0 ? [`torn where its writer was stopped: line ${listed(torn.map(String))}`] : []),
    ...(dropped > 0 ? [`${counted(dropped, 'record')} lost in writing`] : []),
    ...(readUpTo !== undefined ? [`read up to line ${readUpTo}`] : []),
    ...(noRecords > 0 ? [`${counted(noRecords, 'line')} of other text passed over`] : []),
    ...(passedOver > 0 ? [`${counted(passedOver, 'record')} of other programs passed over`] : []),
  ].join('; ');
}

/** Of one that nothing in the logs is against, and about which they do not tell all. */
const asSeen = 'as seen';

function judged({ promise, state }: Judgement, { unknowns, seen }: Verdict): string {
  const numbers = unknowns.flatMap((unknown, index) => (unknown.promises.includes(promise) ? index + 1 : []));
  const why = state === 'unknown' ? ` (open: see ${inWords(spansOf(numbers))})` : '';
  const states = { kept: 'kept', broken: 'BROKEN', unknown: seen.events > 0 ? asSeen : 'unknown' } as const;
  return `${promise}  ${states[state].padEnd(asSeen.length)}  ${promises[promise]}${why}`;
}

function told({ counterexamples, more }: Verdict): string[] {
  const items = counterexamples.map(({ promise, message, lines }) => [
    `${promise}: ${message}`,
    ...(lines.length > 0 ? [placesIn(lines)] : []),
  ]);
  return numbered(items, reportLimits.counterexamplesMax, more);
}

function placesIn(lines: readonly Source[]): string {
  const [first, ...others] = lines.map(({ file, line }) => `${file}:${line}`);
  return `${first}${others.length > 0 ? `  (held against ${listed(others)})` : ''}`;
}

/** `more`: there may be others than these. */
function numbered(items: readonly (readonly string[])[], max: number, more = false): string[] {
  const shown = items
    .slice(0, max)
    .flatMap(([head = '', ...more], index) => [
      `${String(index + 1).padStart(3)}. ${head}`,
      ...more.map((line) => `     ${line}`),
    ]);
  return items.length > max ? [...shown, `     and ${more ? 'at least ' : ''}${items.length - max} more`] : shown;
}

function limited(items: readonly string[], max: number, what: string): string[] {
  return items.length > max ? [...items.slice(0, max), `and ${items.length - max} more ${what}`] : [...items];
}

function conclusion({ end, counterexamples, more, judgements, seen }: Verdict): string {
  switch (end) {
    case 'done':
      return judgements.length === promiseIds.length
        ? 'All promises were kept.'
        : 'Nothing in these logs is against a promise.';
    case 'violated':
      return `Promises were broken: ${more ? 'at least ' : ''}${counted(counterexamples.length, 'counterexample')}.`;
    case 'incomplete':
      if (seen.events === 0) return 'These logs tell of no event that anybody received: nothing could be judged.';
      return `As far as these logs tell, every promise was kept: for ${counted(seen.events, 'event')}, as ${witnesses(seen)} saw them.`;
  }
}

function witnesses({ witnesses, participants }: Seen): string {
  if (witnesses === participants) return witnesses === 1 ? 'the one participant' : `all ${witnesses} participants`;
  return `${witnesses} of ${participants} participants`;
}
