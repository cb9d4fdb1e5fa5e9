import type { Counterexample } from '../check/verdict.js';
import type { Entry, ForeignLog } from './foreign-log.js';
import { inWords } from './happenings.js';

/**
 * P7, as far as another chat's log tells: times of what is received rise along each log, whether it prints the event's time or its
 * writer's clock; and who sends has a time above all that he had received.
 */
export function* clocksRise({ file, owner, entries }: ForeignLog): Generator<Counterexample> {
  let received: Entry | undefined;
  let greatest: Entry | undefined;
  for (const entry of entries) {
    const before = entry.kind === 'sent' ? greatest : received;
    if (before && entry.lamport <= before.lamport) {
      const message =
        entry.kind === 'sent'
          ? `${owner} sent “${entry.text}” at Lamport time ${entry.lamport}, after ${before.lamport}: a clock takes up what it receives, and ticks.`
          : `In ${owner}'s log ${inWords(entry)} has Lamport time ${entry.lamport}, after ${before.lamport} of ${inWords(before)}: times only rise.`;
      yield { promise: 'P7', message, lines: [entry, before].map(({ line }) => ({ file, line })) };
    }
    if (entry.kind !== 'sent') received = entry;
    if (!greatest || entry.lamport > greatest.lamport) greatest = entry;
  }
}

/** What each participant's log says that it sent, in its order, by text. */
export function sendingsOf(log: ForeignLog): Map<string, Entry[]> {
  const sendings = new Map<string, Entry[]>();
  for (const entry of log.entries) {
    if (entry.kind !== 'sent' || entry.participant !== log.owner) continue;
    const sent = sendings.get(entry.text) ?? [];
    sent.push(entry);
    sendings.set(entry.text, sent);
  }
  return sendings;
}

/**
 * P7 and P9: what is received has a later time than its sending, and was sent at all, where its author's log tells of
 * sendings.
 */
export function* receiptsFollowSendings(logs: readonly ForeignLog[]): Generator<Counterexample> {
  const byAuthor = new Map(logs.map((log) => [log.owner, { file: log.file, sendings: sendingsOf(log) }] as const));
  for (const { file, owner, entries } of logs) {
    const passed = new Map<string, number>();
    for (const entry of entries) {
      const author = byAuthor.get(entry.participant);
      if (entry.kind !== 'message' || !author || author.sendings.size === 0) continue;
      const sent = author.sendings.get(entry.text);
      const line = { file, line: entry.line };
      if (!sent) {
        const message = `${owner} received ${inWords(entry)}, whose log has no such sending.`;
        yield { promise: 'P9', message, lines: [line] };
        continue;
      }
      // Of a text said several times whoever came later may have missed the first ones.
      const key = `${entry.participant} ${entry.text}`;
      const sending = sent[passed.get(key) ?? 0] ?? sent[0];
      passed.set(key, (passed.get(key) ?? 0) + 1);
      if (!sending || entry.lamport > sending.lamport) continue;
      const message = `${owner} received ${inWords(entry)} at Lamport time ${entry.lamport}, and it was sent at ${sending.lamport}.`;
      yield { promise: 'P7', message, lines: [line, { file: author.file, line: sending.line }] };
    }
  }
}
