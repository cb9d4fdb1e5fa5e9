import type { Counterexample } from '../check/verdict.js';
import type { Entry, ForeignLog } from './foreign-log.js';
import { inWords, nameOf, type Receipts, silentOnOwn } from './happenings.js';

/** P3 and P8: whoever was there received what others received meanwhile: messages, joinings and leavings. */
export function* deliveredToAll(all: readonly Receipts[]): Generator<Counterexample> {
  const found = new Set<string>();
  for (const one of all) {
    for (const other of all) {
      if (one === other) continue;
      for (const [key, missed] of missedBy(one, other)) {
        if (!found.has(key)) yield missed;
        found.add(key);
      }
    }
  }
  yield* goneUnnoticed(all);
}

/**
 * What `other` tells of between two things that both have, or since the joining of one's owner, and `one` lacks; but for what happened
 * while he was away.
 */
function* missedBy(one: Receipts, other: Receipts): Generator<[key: string, missed: Counterexample]> {
  const { owner, file } = one.log;
  const shared = other.keys.flatMap((key, index) => (one.at.has(key) ? index : []));
  const [firstShared, last] = [shared[0], shared.at(-1)];
  if (firstShared === undefined || last === undefined) return;
  const joining = other.keys.findIndex((key) => isOwn(other, key, 'joined', owner));
  const first = joining >= 0 ? Math.min(joining, firstShared) : firstShared;
  const waiting: Entry[] = [];
  const silent = silentOnOwn(one.log);
  let there = true;
  for (const key of other.keys.slice(first, last + 1)) {
    const [own, theirs] = [one.at.get(key)?.entry, other.at.get(key)?.entry];
    if (isOwn(other, key, 'joined', owner)) there = true;
    if (isOwn(other, key, 'left', owner)) there = false;
    const untold = silent && theirs?.kind === 'message' && theirs.participant === owner;
    if (!own && theirs && there && !untold) waiting.push(theirs);
    if (!own) continue;
    for (const entry of waiting.splice(0)) {
      const promise = entry.kind === 'message' ? 'P3' : 'P8';
      const message = `${owner} never received ${inWords(entry)}, which ${other.log.owner} received before ${inWords(own)}.`;
      const lines = [
        { file, line: own.line },
        { file: other.log.file, line: entry.line },
      ];
      yield [`${owner} ${nameOf(entry)}`, { promise, message, lines }];
    }
  }
}

/** Logs that end while others go on, though nobody was told of a leaving: it was not told, or the rest was not delivered. */
function goneUnnoticed(all: readonly Receipts[]): Counterexample[] {
  return all.flatMap((one): Counterexample[] => {
    const { owner, file, entries } = one.log;
    if (all.some(({ log }) => log.entries.some(({ kind, participant }) => kind === 'left' && participant === owner)))
      return [];
    for (const other of all) {
      const last = other.keys.findLastIndex((key) => one.at.has(key));
      const entry = last < 0 || other === one ? undefined : other.at.get(other.keys[last + 1] ?? '')?.entry;
      const end = entries.at(-1);
      if (!entry || !end) continue;
      const message =
        `${owner}'s log ends, ${other.log.owner} goes on to receive ${inWords(entry)}, and no log tells that ${owner} left: ` +
        `either nobody was told, or ${owner} was still there and did not receive it.`;
      return [
        {
          promise: 'P8',
          message,
          lines: [
            { file, line: end.line },
            { file: other.log.file, line: entry.line },
          ],
        },
      ];
    }
    return [];
  });
}

function isOwn({ at }: Receipts, key: string, kind: Entry['kind'], owner: string): boolean {
  const entry = at.get(key)?.entry;
  return entry?.kind === kind && entry.participant === owner;
}

/** P8: nobody speaks before joining or after leaving, or comes or goes twice in a row. */
export function* speaksInside({ file, owner, entries }: ForeignLog): Generator<Counterexample> {
  const last = new Map<string, Entry>();
  const spoken = new Map<string, Entry>();
  for (const entry of entries) {
    const { kind, participant } = entry;
    if (kind === 'sent') continue;
    const before = last.get(participant);
    const early = kind === 'joined' && !before ? spoken.get(participant) : undefined;
    if (kind !== 'message') last.set(participant, entry);
    else if (!spoken.has(participant)) spoken.set(participant, entry);
    const told = (what: string, other: Entry): Counterexample => ({
      promise: 'P8',
      message: `In ${owner}'s log ${what}.`,
      lines: [entry, other].map(({ line }) => ({ file, line })),
    });
    if (early) yield told(`${participant} speaks before joining`, early);
    else if (kind === 'message' && before?.kind === 'left')
      yield told(`${participant} says “${entry.text}” after leaving`, before);
    // The same line again is told as coming twice.
    else if (kind !== 'message' && before?.kind === kind && before.lamport !== entry.lamport)
      yield told(`${participant} ${kind} twice in a row`, before);
  }
}
