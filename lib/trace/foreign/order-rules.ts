import type { Counterexample } from '../check/verdict.js';
import { sendingsOf } from './clock-rules.js';
import type { ForeignLog } from './foreign-log.js';
import { countsOf, inWords, nameOf, type Receipts } from './happenings.js';

/** P2: what stands in several logs stands in all of them in the same order. The one that differs from most is told. */
export function* sameOrder(all: readonly Receipts[]): Generator<Counterexample> {
  const found = new Set<string>();
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1)) {
      const pair = firstInversion(one, other);
      if (!pair || found.has(pair.join(' '))) continue;
      found.add(pair.join(' '));
      yield explained(pair, all);
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

function explained([a, b]: readonly [string, string], all: readonly Receipts[]): Counterexample {
  const having = all.flatMap(({ log, at }) => {
    const [one, other] = [at.get(a), at.get(b)];
    return one && other ? [{ log, one: one.entry, other: other.entry, forward: one.index < other.index }] : [];
  });
  const forward = having.filter((log) => log.forward);
  const backward = having.filter((log) => !log.forward);
  const [odd, rest] = forward.length < backward.length ? [forward, backward] : [backward, forward];
  const [wrong, right] = [odd[0], rest[0]];
  if (!wrong || !right) return { promise: 'P2', message: '', lines: [] };
  const [first, second] = wrong.forward ? [wrong.one, wrong.other] : [wrong.other, wrong.one];
  const message = `${wrong.log.owner} received ${inWords(first)} before ${inWords(second)}, and ${right.log.owner} the other way round.`;
  const lines = [
    ...[second, first].map(({ line }) => ({ file: wrong.log.file, line })),
    ...[right.one, right.other].map(({ line }) => ({ file: right.log.file, line })),
  ];
  return { promise: 'P2', message, lines };
}

/** P6: what one participant sent is received in the order in which it was sent. Of texts sent several times nobody can say. */
export function sendingOrder(logs: readonly ForeignLog[]): Counterexample[] {
  return logs.flatMap((author) => {
    const once = [...sendingsOf(author).values()].flatMap((sendings) => (sendings.length === 1 ? sendings : []));
    const order = new Map(once.map((entry) => [entry.text, entry]));
    return logs.flatMap(({ file, owner, entries }): Counterexample[] => {
      const own = entries.filter(
        ({ kind, participant, text }) => kind === 'message' && participant === author.owner && order.has(text),
      );
      const index = own.findIndex(
        (entry, at) => at > 0 && lineOf(order, own[at - 1]?.text) > lineOf(order, entry.text),
      );
      const [before, late] = [own[index - 1], own[index]];
      if (!before || !late) return [];
      const message = `${owner} received ${inWords(before)} before “${late.text}”, and ${author.owner} sent them the other way round.`;
      const sendings = [before, late].map(({ text }) => ({ file: author.file, line: lineOf(order, text) }));
      return [{ promise: 'P6', message, lines: [{ file, line: late.line }, { file, line: before.line }, ...sendings] }];
    });
  });
}

function lineOf(order: ReadonlyMap<string, { readonly line: number }>, text: string | undefined): number {
  return order.get(text ?? '')?.line ?? 0;
}

/** P3: nothing comes twice: not with the same time, and not more often than its author has it. */
export function* nothingTwice(logs: readonly ForeignLog[]): Generator<Counterexample> {
  const known = new Map(logs.map((log) => [log.owner, countsOf(log.entries)]));
  for (const { file, owner, entries } of logs) {
    const first = new Map<string, number>();
    const passed = new Map<string, number>();
    for (const entry of entries) {
      if (entry.kind === 'sent') continue;
      const name = nameOf(entry);
      const count = (passed.get(name) ?? 0) + 1;
      passed.set(name, count);
      const timed = `${name} ${entry.lamport}`;
      const before = first.get(timed) ?? first.get(name) ?? entry.line;
      const sameTime = first.has(timed);
      if (!first.has(name)) first.set(name, entry.line);
      first.set(timed, entry.line);
      const ofAuthor = known.get(entry.participant)?.get(name);
      const tooMany = entry.participant !== owner && ofAuthor !== undefined && count > ofAuthor;
      if (!sameTime && !tooMany) continue;
      const message = `${owner} received ${inWords(entry)} again: each comes once.`;
      yield { promise: 'P3', message, lines: [entry.line, before].map((line) => ({ file, line })) };
    }
  }
}
