import { listed } from '../verdict/sequences.js';
import type { Counterexample, Judgement, PromiseId, Unknown, Verdict } from '../verdict/verdict.js';
import { clocksRise, receiptsFollowSendings, sendingsOf } from './clock-rules.js';
import type { ForeignLog } from './foreign-log.js';
import { type Happenings, happeningsIn } from './happenings.js';
import { nothingTwice, sameOrder, sendingOrder } from './order-rules.js';
import { deliveredToAll, speaksInside } from './presence-rules.js';

/** Logs that are compared, each with each. */
export const foreignLogsMax = 40;

/** What such logs tell something of. */
const judged: readonly PromiseId[] = ['P2', 'P3', 'P7', 'P8'];
/** And these where participants' logs tell what they sent. */
const judgedBySendings: readonly PromiseId[] = ['P6', 'P9'];

/** Names under which servers write notices: no participants. */
const server = /^(chat)?[-_ ]?server$|^system$/i;

/** Says what can be said of the logs of another chat, of at most `foreignLogsMax`. */
export function judgeForeign(logs: readonly ForeignLog[]): Verdict {
  const happenings = happeningsIn(logs);
  const counterexamples: Counterexample[] = [
    ...logs.flatMap(clocksRise),
    ...receiptsFollowSendings(logs),
    ...sameOrder(happenings.receipts),
    ...sendingOrder(logs),
    ...nothingTwice(logs),
    ...deliveredToAll(happenings.receipts),
    ...logs.flatMap(speaksInside),
  ];
  const promises = logs.some((log) => sendingsOf(log).size > 0) ? [...judged, ...judgedBySendings].sort() : judged;
  const unknowns = unknownsOf(logs, promises);
  return {
    end: counterexamples.length > 0 ? 'violated' : unknowns.length > 0 ? 'incomplete' : 'done',
    judgements: promises.map((promise) => judgementOf(promise, counterexamples, unknowns)),
    counterexamples,
    unknowns,
    statements: statementsOf(happenings, counterexamples),
  };
}

function judgementOf(
  promise: PromiseId,
  counterexamples: readonly Counterexample[],
  unknowns: readonly Unknown[],
): Judgement {
  const broken = counterexamples.some((one) => one.promise === promise);
  return { promise, state: broken ? 'broken' : unknowns.length > 0 ? 'unknown' : 'kept' };
}

function unknownsOf(logs: readonly ForeignLog[], promises: readonly PromiseId[]): Unknown[] {
  const owners = new Set(logs.map(({ owner }) => owner));
  const named = new Set(logs.flatMap(({ entries }) => entries.map(({ participant }) => participant)));
  const missing = [...named].filter((name) => !owners.has(name) && !server.test(name));
  const unknowns = missing.map((name) => ({
    message: `Missing is the log of ${name}: what ${name} received and sent is unknown.`,
    promises,
  }));
  if (logs.length > 1) return unknowns;
  const [only] = logs;
  const alone = `There is only the log of ${only?.owner}: whether others received the same is unknown.`;
  return [...unknowns, { message: alone, promises }];
}

function statementsOf({ receipts, ambiguous }: Happenings, counterexamples: readonly Counterexample[]): string[] {
  const broken = counterexamples.some(({ promise }) => promise === 'P2' || promise === 'P3');
  const [first, ...others] = receipts;
  const shared = first?.keys.filter((key) => others.every(({ at }) => at.has(key))) ?? [];
  const owners = listed(receipts.map(({ log }) => log.owner));
  return [
    ...(!broken && others.length > 0 && shared.length > 0
      ? [`${owners} all received the same ${shared.length} events, in the same order.`]
      : []),
    ...receipts.map(({ log }) => `${log.owner}'s log tells of ${told(log)}.`),
    ...(ambiguous > 0
      ? [`${ambiguous} texts were said several times and not received as often by all: which is which nobody can say.`]
      : []),
    'Of what is not listed here such logs tell nothing.',
  ];
}

function told({ entries }: ForeignLog): string {
  const counts = (['message', 'joined', 'left', 'sent'] as const).map((kind) => {
    const count = entries.filter((entry) => entry.kind === kind).length;
    return [count, words[kind][count === 1 ? 0 : 1]] as const;
  });
  return listed(counts.flatMap(([count, word]) => (count > 0 ? `${count} ${word}` : [])));
}

const words = {
  message: ['message', 'messages'],
  joined: ['joining', 'joinings'],
  left: ['leaving', 'leavings'],
  sent: ['sending', 'sendings'],
} as const;
