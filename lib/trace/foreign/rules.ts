import type { Counterexample, PromiseId } from '../check/verdict.js';
import {
  countsOf,
  type Entry,
  type ForeignLog,
  inWords,
  isReceived,
  nameOf,
  type Receipts,
  sendingsOf,
  silentOnOwn,
} from './foreign-log.js';

/** What a rule finds in such logs. */
type Found = Generator<Counterexample, void, undefined>;

function broken(promise: PromiseId, message: string, ...entries: readonly Entry[]): Counterexample {
  return { promise, message, lines: entries.map(({ source }) => source) };
}

/**
 * P7, as far as another chat's log tells: times of what is received rise along each log, whether it prints the event's
 * time or its writer's clock; and who sends has a time above all that he had received.
 */
export function* clocksRise(log: ForeignLog): Found {
  let received: Entry | undefined;
  let greatest: Entry | undefined;
  for (const entry of log.entries) {
    const { kind, lamport, text } = entry;
    const before = kind === 'sent' ? greatest : received;
    if (before && lamport <= before.lamport) {
      const message =
        kind === 'sent'
          ? `${log.owner} sent “${text}” at Lamport time ${lamport}, after ${before.lamport}: a clock takes up what it receives, and ticks.`
          : `In ${log.owner}'s log ${inWords(entry)} has Lamport time ${lamport}, after ${before.lamport} of ${inWords(before)}: times only rise.`;
      yield broken('P7', message, entry, before);
    }
    if (kind !== 'sent') received = entry;
    if (!greatest || lamport > greatest.lamport) greatest = entry;
  }
}

/** P7 and P9: what is received is later than its sending, and was sent at all, where its author's log has sendings. */
export function* receiptsFollowSendings(logs: readonly ForeignLog[]): Found {
  const byAuthor = new Map(logs.map((log) => [log.owner, sendingsOf(log)]));
  for (const log of logs) {
    const passed = new Map<string, number>();
    for (const entry of log.entries) {
      const sendings = byAuthor.get(entry.participant);
      if (entry.kind !== 'message' || !sendings?.size) continue;
      const sent = sendings.get(entry.text);
      const receipt = `${log.owner} received ${inWords(entry)}`;
      if (!sent) {
        yield broken('P9', `${receipt}, whose log has no such sending.`, entry);
        continue;
      }
      // Of a text said several times whoever came later may have missed the first ones.
      const key = `${entry.participant} ${entry.text}`;
      const sending = sent[passed.get(key) ?? 0] ?? sent[0];
      passed.set(key, (passed.get(key) ?? 0) + 1);
      if (!sending || entry.lamport > sending.lamport) continue;
      const message = `${receipt} at Lamport time ${entry.lamport}, and it was sent at ${sending.lamport}.`;
      yield broken('P7', message, entry, sending);
    }
  }
}

/** P2: what stands in several logs stands in all of them in the same order. The one that differs from most is told. */
export function* sameOrder(all: readonly Receipts[]): Found {
  const found = new Set<string>();
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1)) {
      const pair = firstInversion(one, other);
      if (!pair || found.has(pair.join(' '))) continue;
      found.add(pair.join(' '));
      yield inversion(pair, all);
    }
  }
}

/** Two keys next to each other among those that both logs have, which stand the other way round in the other log. */
function firstInversion(one: Receipts, other: Receipts): readonly [string, string] | undefined {
  let before: { readonly key: string; readonly index: number } | undefined;
  for (const key of one.keys) {
    const index = other.at.get(key)?.index;
    if (index === undefined) continue;
    if (before && index < before.index) return before.key < key ? [before.key, key] : [key, before.key];
    before = { key, index };
  }
  return undefined;
}

function inversion([a, b]: readonly [string, string], all: readonly Receipts[]): Counterexample {
  const having = all.flatMap(({ log, at }) => {
    const [one, other] = [at.get(a), at.get(b)];
    return one && other ? [{ log, one: one.entry, other: other.entry, forward: one.index < other.index }] : [];
  });
  const [forward, backward] = [having.filter((log) => log.forward), having.filter((log) => !log.forward)];
  const [odd, rest] = forward.length < backward.length ? [forward, backward] : [backward, forward];
  const [wrong, right] = [odd[0], rest[0]];
  if (!wrong || !right) return broken('P2', '');
  const [first, second] = wrong.forward ? [wrong.one, wrong.other] : [wrong.other, wrong.one];
  const message = `${wrong.log.owner} received ${inWords(first)} before ${inWords(second)}, and ${right.log.owner} the other way round.`;
  return broken('P2', message, second, first, right.one, right.other);
}

/** P6: one participant's texts are received in the order of sending. Of texts sent several times nobody can say. */
export function* sendingOrder(logs: readonly ForeignLog[]): Found {
  for (const author of logs) {
    const once = [...sendingsOf(author).values()].flatMap((sendings) => (sendings.length === 1 ? sendings : []));
    const order = new Map(once.map((entry) => [entry.text, entry]));
    const sent = (entry: Entry) => order.get(entry.text) ?? entry;
    const at = (entry: Entry) => sent(entry).source.line;
    for (const log of logs) {
      const own = log.entries.filter(
        ({ kind, participant, text }) => kind === 'message' && participant === author.owner && order.has(text),
      );
      const index = own.findIndex((entry, index) => index > 0 && at(own[index - 1] ?? entry) > at(entry));
      const [before, late] = [own[index - 1], own[index]];
      if (!before || !late) continue;
      const message = `${log.owner} received ${inWords(before)} before “${late.text}”, and ${author.owner} sent them the other way round.`;
      yield broken('P6', message, late, before, sent(before), sent(late));
    }
  }
}

/** P3: nothing comes twice: not with the same time, and not more often than its author has it. */
export function* nothingTwice(logs: readonly ForeignLog[]): Found {
  const known = new Map(logs.map((log) => [log.owner, countsOf(log)]));
  for (const log of logs) {
    const first = new Map<string, Entry>();
    const passed = new Map<string, number>();
    for (const entry of log.entries.filter(isReceived)) {
      const name = nameOf(entry);
      const count = (passed.get(name) ?? 0) + 1;
      passed.set(name, count);
      const timed = `${name} ${entry.lamport}`;
      const before = first.get(timed) ?? first.get(name) ?? entry;
      const sameTime = first.has(timed);
      if (!first.has(name)) first.set(name, entry);
      first.set(timed, entry);
      const ofAuthor = known.get(entry.participant)?.get(name)?.count;
      const tooMany = entry.participant !== log.owner && ofAuthor !== undefined && count > ofAuthor;
      if (!sameTime && !tooMany) continue;
      const message = `${log.owner} received ${inWords(entry)} again: each comes once.`;
      yield broken('P3', message, entry, before);
    }
  }
}

/** P3 and P8: whoever was there received what others received meanwhile: messages, joinings and leavings. */
export function* deliveredToAll(all: readonly Receipts[]): Found {
  const found = new Set<string>();
  for (const [one, other] of all.flatMap((one) => all.map((other) => [one, other] as const))) {
    for (const [key, missed] of one === other ? [] : missedBy(one, other)) {
      if (!found.has(key)) yield missed;
      found.add(key);
    }
  }
  yield* goneUnnoticed(all);
}

/**
 * What `other` tells of between two things that both have, or since the joining of one's owner, and `one` lacks; but
 * for what happened while he was away.
 */
function* missedBy(one: Receipts, other: Receipts): Generator<[key: string, missed: Counterexample]> {
  const { owner } = one.log;
  const isOwn = (entry: Entry | undefined, what: Entry['kind']) => entry?.kind === what && entry.participant === owner;
  const shared = other.keys.flatMap((key, index) => (one.at.has(key) ? index : []));
  const [firstShared, last] = [shared[0], shared.at(-1)];
  if (firstShared === undefined || last === undefined) return;
  const joining = other.keys.findIndex((key) => isOwn(other.at.get(key)?.entry, 'joined'));
  const first = joining >= 0 ? Math.min(joining, firstShared) : firstShared;
  const waiting: Entry[] = [];
  const silent = silentOnOwn(one.log);
  let there = true;
  for (const key of other.keys.slice(first, last + 1)) {
    const [own, theirs] = [one.at.get(key)?.entry, other.at.get(key)?.entry];
    if (isOwn(theirs, 'joined')) there = true;
    if (isOwn(theirs, 'left')) there = false;
    const untold = silent && isOwn(theirs, 'message');
    if (!own && theirs && there && !untold) waiting.push(theirs);
    if (!own) continue;
    for (const entry of waiting.splice(0)) {
      const promise = entry.kind === 'message' ? 'P3' : 'P8';
      const message = `${owner} never received ${inWords(entry)}, which ${other.log.owner} received before ${inWords(own)}.`;
      yield [`${owner} ${nameOf(entry)}`, broken(promise, message, own, entry)];
    }
  }
}

/** Logs that end while others go on, though none told of a leaving: it was not told, or the rest not delivered. */
function* goneUnnoticed(all: readonly Receipts[]): Found {
  for (const one of all) {
    const { owner, entries } = one.log;
    if (all.some(({ log }) => log.entries.some(({ kind, participant }) => kind === 'left' && participant === owner)))
      continue;
    for (const other of all) {
      const last = other.keys.findLastIndex((key) => one.at.has(key));
      const entry = last < 0 || other === one ? undefined : other.at.get(other.keys[last + 1] ?? '')?.entry;
      const end = entries.at(-1);
      if (!entry || !end) continue;
      const message =
        `${owner}'s log ends, ${other.log.owner} goes on to receive ${inWords(entry)}, and no log tells that ${owner} left: ` +
        `either nobody was told, or ${owner} was still there and did not receive it.`;
      yield broken('P8', message, end, entry);
      break;
    }
  }
}

/** P8: nobody speaks before joining or after leaving, or comes or goes twice in a row. */
export function* speaksInside(log: ForeignLog): Found {
  const last = new Map<string, Entry>();
  const spoken = new Map<string, Entry>();
  for (const entry of log.entries.filter(isReceived)) {
    const { kind, participant, text } = entry;
    const before = last.get(participant);
    const early = kind === 'joined' && !before ? spoken.get(participant) : undefined;
    if (kind !== 'message') last.set(participant, entry);
    else if (!spoken.has(participant)) spoken.set(participant, entry);
    const told = (what: string, other: Entry) =>
      broken('P8', `In ${log.owner}'s log ${participant} ${what}.`, entry, other);
    if (early) yield told('speaks before joining', early);
    else if (kind === 'message' && before?.kind === 'left') yield told(`says “${text}” after leaving`, before);
    // The same line again is told as coming twice.
    else if (kind !== 'message' && before?.kind === kind && before.lamport !== entry.lamport)
      yield told(`${kind} twice in a row`, before);
  }
}
