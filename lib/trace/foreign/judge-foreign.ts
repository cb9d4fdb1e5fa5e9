import type { Counterexample, Judgement, PromiseId, Seen, Unknown, Verdict } from '../check/verdict.js';
import { counted, listed } from '../history/sequences.js';
import { clocksRise, receiptsFollowSendings, sendingsOf } from './clock-rules.js';
import type { ForeignLog } from './foreign-log.js';
import { type Happenings, happeningsIn, silentOnOwn } from './happenings.js';
import { nothingTwice, sameOrder, sendingOrder } from './order-rules.js';
import { deliveredToAll, speaksInside } from './presence-rules.js';

/** Logs that are compared, each with each. */
export const foreignLogsMax = 40;

/** Counterexamples that are kept of each rule. */
const perRuleMax = 100;

/** What such logs tell something of. */
const judged: readonly PromiseId[] = ['P2', 'P3', 'P7', 'P8'];
/** And these where participants' logs tell what they sent. */
const judgedBySendings: readonly PromiseId[] = ['P6', 'P9'];

/** Names under which servers write notices: no participants. */
const server = /^(chat)?[-_ ]?server$|^system$/i;

/** Says what can be said of the logs of another chat, of at most `foreignLogsMax`. */
export function judgeForeign(logs: readonly ForeignLog[]): Verdict {
  const happenings = happeningsIn(logs);
  const found = [
    ...logs.map(clocksRise),
    receiptsFollowSendings(logs),
    sameOrder(happenings.receipts),
    sendingOrder(logs),
    nothingTwice(logs),
    deliveredToAll(happenings.receipts),
    ...logs.map(speaksInside),
  ].map((rule) => firstOf(rule, perRuleMax));
  const counterexamples = found.flat();
  const promises = logs.some((log) => sendingsOf(log).size > 0) ? [...judged, ...judgedBySendings].sort() : judged;
  const unknowns = unknownsOf(logs, promises);
  return {
    end: counterexamples.length > 0 ? 'violated' : unknowns.length > 0 ? 'incomplete' : 'done',
    seen: seenIn(logs),
    judgements: promises.map((promise) => judgementOf(promise, counterexamples, unknowns)),
    counterexamples,
    more: found.some(({ length }) => length === perRuleMax),
    unknowns,
    statements: statementsOf(happenings, counterexamples),
  };
}

function seenIn(logs: readonly ForeignLog[]): Seen {
  const owners = new Set(logs.map(({ owner }) => owner));
  const named = logs.flatMap(({ entries }) => entries.map(({ participant }) => participant));
  const participants = new Set([...owners, ...named.filter((name) => !server.test(name))]);
  const events = Math.max(0, ...logs.map(({ entries }) => entries.length));
  return { events, witnesses: owners.size, participants: participants.size };
}

function firstOf<T>(items: Iterable<T>, max: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    taken.push(item);
    if (taken.length === max) break;
  }
  return taken;
}

function judgementOf(
  promise: PromiseId,
  counterexamples: readonly Counterexample[],
  unknowns: readonly Unknown[],
): Judgement {
  const broken = counterexamples.some((one) => one.promise === promise);
  const open = unknowns.some((one) => one.promises.includes(promise));
  return { promise, state: broken ? 'broken' : open ? 'unknown' : 'kept' };
}

function unknownsOf(logs: readonly ForeignLog[], promises: readonly PromiseId[]): Unknown[] {
  const owners = new Set(logs.map(({ owner }) => owner));
  const named = new Set(logs.flatMap(({ entries }) => entries.map(({ participant }) => participant)));
  const missing = [...named].filter((name) => !owners.has(name) && !server.test(name));
  const unknowns: Unknown[] = missing.map((name) => ({
    message: `Missing is the log of ${name}: what ${name} received and sent is unknown.`,
    promises,
  }));
  const [only, another] = logs;
  if (!another) {
    const message = `There is only the log of ${only?.owner}: whether others received the same is unknown.`;
    unknowns.push({ message, promises });
  }
  return [...unknowns, ...untoldByAll(logs), ...ownUntold(logs)];
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
  return logs.flatMap((log): Unknown[] => {
    const { owner } = log;
    const spoke = logs.some(({ entries }) =>
      entries.some((one) => one.kind !== 'joined' && one.kind !== 'left' && one.participant === owner),
    );
    if (!spoke || !silentOnOwn(log)) return [];
    const message = `${owner}'s log has none of ${owner}'s own messages: whether these came back to ${owner} is unknown.`;
    return [{ message, promises: ['P3'] }];
  });
}

function statementsOf({ receipts, ambiguous }: Happenings, counterexamples: readonly Counterexample[]): string[] {
  const broken = counterexamples.some(({ promise }) => promise === 'P2' || promise === 'P3');
  const [first, ...others] = receipts;
  const shared = first?.keys.filter((key) => others.every(({ at }) => at.has(key))) ?? [];
  const owners = listed(receipts.map(({ log }) => log.owner));
  return [
    ...(!broken && others.length > 0 && shared.length > 0
      ? [`${owners} all received the same ${counted(shared.length, 'event')}, in the same order.`]
      : []),
    ...receipts.map(({ log }) => `${log.owner}'s log tells of ${told(log)}.`),
    ...ambiguous.map((what) => `Not as often in each log stands ${what}: which is which nobody can say.`),
    'Of what is not listed here such logs tell nothing.',
  ];
}

function told({ entries }: ForeignLog): string {
  const counts = (['message', 'joined', 'left', 'sent'] as const).map((kind) => {
    const count = entries.filter((entry) => entry.kind === kind).length;
    return count > 0 ? counted(count, words[kind]) : [];
  });
  return listed(counts.flat());
}

const words = { message: 'message', joined: 'joining', left: 'leaving', sent: 'sending' } as const;
