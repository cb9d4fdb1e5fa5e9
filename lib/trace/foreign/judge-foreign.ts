import { counted, listed } from '../../display/spans.js';
import {
  type Counterexample,
  type PromiseId,
  type Seen,
  type Unknown,
  type Verdict,
  verdictOf,
} from '../check/verdict.js';
import { type Entry, type ForeignLog, type Receipts, receiptsIn, sendingsOf, silentOnOwn } from './foreign-log.js';
import * as rules from './rules.js';

/** Logs that are compared, each with each. */
export const foreignLogsMax = 40;

/** Counterexamples that are kept of each rule. */
const perRuleMax = 100;

/** What such logs tell something of, and what where participants' logs tell what they sent. */
const judged: readonly PromiseId[] = ['P2', 'P3', 'P7', 'P8'];
const judgedBySendings: readonly PromiseId[] = ['P6', 'P9'];

/** Names under which servers write notices: no participants. */
const server = /^(chat)?[-_ ]?server$|^system$/i;

/** Says what can be said of the logs of another chat, of at most `foreignLogsMax`. */
export function judgeForeign(logs: readonly ForeignLog[]): Verdict {
  const { receipts, ambiguous } = receiptsIn(logs);
  const found = [
    ...logs.map(rules.clocksRise),
    rules.receiptsFollowSendings(logs),
    rules.sameOrder(receipts),
    rules.sendingOrder(logs),
    rules.nothingTwice(logs),
    rules.deliveredToAll(receipts),
    ...logs.map(rules.speaksInside),
  ].map((rule) => firstOf(rule, perRuleMax));
  const counterexamples = found.flat();
  const promises = logs.some((log) => sendingsOf(log).size > 0) ? [...judged, ...judgedBySendings].sort() : judged;
  const owners = new Set(logs.map(({ owner }) => owner));
  const named = new Set(logs.flatMap(({ entries }) => entries.map(({ participant }) => participant)));
  const others = [...named].filter((name) => !owners.has(name) && !server.test(name));
  const events = Math.max(0, ...logs.map(({ entries }) => entries.length));
  const seen: Seen = { events, witnesses: owners.size, participants: owners.size + others.length };
  const more = found.some(({ length }) => length === perRuleMax);
  const unknowns = [...missing(logs, others, promises), ...untoldByAll(logs), ...ownUntold(logs)];
  const statements = [
    ...sameForAll(receipts, counterexamples),
    ...logs.map((log) => `${log.owner}'s log tells of ${contentOf(log)}.`),
    ...ambiguous.map((what) => `Not as often in each log stands ${what}: which is which nobody can say.`),
    'Of what is not listed here such logs tell nothing.',
  ];
  return verdictOf({ seen, counterexamples, more, unknowns, statements }, promises);
}

function firstOf<T>(items: Iterable<T>, max: number): T[] {
  const first: T[] = [];
  for (const item of items) if (first.push(item) === max) break;
  return first;
}

function missing(logs: readonly ForeignLog[], others: readonly string[], promises: readonly PromiseId[]): Unknown[] {
  const messages = others.map((name) => `Missing is the log of ${name}: what ${name} received and sent is unknown.`);
  const [only, another] = logs;
  if (!another) messages.push(`There is only the log of ${only?.owner}: whether others received the same is unknown.`);
  return messages.map((message) => ({ message, promises }));
}

/** What no log tells of, and cannot be said to be as it should be therefore. */
function untoldByAll(logs: readonly ForeignLog[]): Unknown[] {
  const told = new Set(logs.flatMap(({ entries }) => entries.map(({ kind }) => kind)));
  const kinds = [
    ['message', 'a message that was received', ['P2', 'P3']],
    ['joined', 'a joining', ['P8']],
    ['left', 'a leaving', ['P8']],
  ] as const;
  return kinds.flatMap(([kind, what, promises]) =>
    told.has(kind) ? [] : [{ message: `No line that a --pattern matches tells of ${what}.`, promises }],
  );
}

function ownUntold(logs: readonly ForeignLog[]): Unknown[] {
  return logs.filter(silentOnOwn).flatMap(({ owner }): Unknown[] => {
    const speaks = ({ kind, participant }: Entry) => kind !== 'joined' && kind !== 'left' && participant === owner;
    if (!logs.some(({ entries }) => entries.some(speaks))) return [];
    const message = `${owner}'s log has none of ${owner}'s own messages: whether these came back to ${owner} is unknown.`;
    return [{ message, promises: ['P3'] }];
  });
}

function sameForAll(receipts: readonly Receipts[], counterexamples: readonly Counterexample[]): string[] {
  const [first, ...others] = receipts;
  const shared = first?.keys.filter((key) => others.every(({ at }) => at.has(key))) ?? [];
  const broken = counterexamples.some(({ promise }) => promise === 'P2' || promise === 'P3');
  if (broken || others.length === 0 || shared.length === 0) return [];
  const owners = listed(receipts.map(({ log }) => log.owner));
  return [`${owners} all received the same ${counted(shared.length, 'event')}, in the same order.`];
}

const words = { message: 'message', joined: 'joining', left: 'leaving', sent: 'sending' } as const;

function contentOf({ entries }: ForeignLog): string {
  const counts = (['message', 'joined', 'left', 'sent'] as const).map((kind) => {
    const count = entries.filter((entry) => entry.kind === kind).length;
    return count > 0 ? counted(count, words[kind]) : [];
  });
  return listed(counts.flat());
}
