import { expect } from 'chai';
import { judge } from '../../../../lib/trace/check/judge.js';
import type { PromiseId } from '../../../../lib/trace/check/verdict.js';
import { altered, type FileName, type Logs, lineOf, recorded, runOfLines, textOf, withLines } from './log-lines.js';

type Fields = Readonly<Record<string, unknown>>;

/** Where what was done to the logs is to be reported first: `file:line`. */
interface Mutated {
  readonly logs: Logs;
  readonly at: string;
}

interface Mutation {
  readonly title: string;
  readonly promise: PromiseId;
  readonly mutate: (logs: Logs) => Mutated;
}

/** Fields of one record are changed. */
function change(file: FileName, of: Fields, fields: Fields): (logs: Logs) => Mutated {
  return (logs) => {
    const line = lineOf(logs, file, of);
    return { logs: withLines(logs, file, line, altered(logs, file, line, fields)), at: `${file}:${line}` };
  };
}

/** A record is taken out, which shows in a line that stands `after` lines behind it. */
function drop(file: FileName, of: Fields, after = 0): (logs: Logs) => Mutated {
  return (logs) => {
    const line = lineOf(logs, file, of);
    return { logs: withLines(logs, file, line), at: `${file}:${line + after}` };
  };
}

/** A record stands twice. */
function repeat(file: FileName, of: Fields): (logs: Logs) => Mutated {
  return (logs) => {
    const line = lineOf(logs, file, of);
    const text = textOf(logs, file, line);
    return { logs: withLines(logs, file, line, text, text), at: `${file}:${line + 1}` };
  };
}

/** A record changes places with the one that follows it. */
function swap(file: FileName, of: Fields, shownBy: 'first' | 'second'): (logs: Logs) => Mutated {
  return (logs) => {
    const line = lineOf(logs, file, of);
    const [one, other] = [textOf(logs, file, line), textOf(logs, file, line + 1)];
    const swapped = withLines(withLines(logs, file, line, other), file, line + 1, one);
    return { logs: swapped, at: `${file}:${shownBy === 'first' ? line : line + 1}` };
  };
}

/** A record that never was, made from one of another. */
function forge(file: FileName, of: Fields, fields: Fields): (logs: Logs) => Mutated {
  return (logs) => {
    const line = lineOf(logs, file, of);
    const text = textOf(logs, file, line);
    return { logs: withLines(logs, file, line, text, altered(logs, file, line, fields)), at: `${file}:${line + 1}` };
  };
}

const receipt = (sequence: number) => ({ event: 'receive', sequence });

const mutations: readonly Mutation[] = [
  { title: 'two receipts that changed places', promise: 'P2', mutate: swap('bob.log', receipt(2), 'second') },
  { title: 'an acceptance before its event', promise: 'P2', mutate: swap('ada.log', receipt(5), 'first') },
  { title: 'a receipt taken out', promise: 'P3', mutate: drop('bob.log', receipt(11)) },
  { title: 'the receipt of an own message taken out', promise: 'P3', mutate: drop('ada.log', receipt(6)) },
  { title: 'the last receipt, of the own Left, taken out', promise: 'P3', mutate: drop('ada.log', receipt(15)) },
  { title: 'the last Left of all taken out', promise: 'P3', mutate: drop('cyd.log', receipt(16)) },
  { title: 'a Left in the middle taken out', promise: 'P3', mutate: drop('ada.log', receipt(12)) },
  { title: 'a receipt that stands twice', promise: 'P3', mutate: repeat('cyd.log', receipt(7)) },
  { title: 'another text', promise: 'P1', mutate: change('cyd.log', receipt(6), { text: 'is this off?' }) },
  { title: 'another text in the first log', promise: 'P1', mutate: change('ada.log', receipt(4), { text: 'it was' }) },
  { title: 'another Lamport time', promise: 'P1', mutate: change('bob.log', receipt(6), { lamport: 12 }) },
  { title: 'another author', promise: 'P1', mutate: change('bob.log', receipt(7), { participant: 'ada' }) },
  { title: 'another chain', promise: 'P1', mutate: change('ada.log', receipt(9), { chain: '0123456789abcdef' }) },
  { title: 'another time of day', promise: 'P1', mutate: change('dan.log', receipt(10), { timeMs: 1 }) },
  { title: 'another ordinal', promise: 'P1', mutate: change('cyd.log', receipt(8), { ordinal: 7 }) },
  { title: 'another reason to leave', promise: 'P1', mutate: change('bob.log', receipt(12), { reason: 'REMOVED' }) },
  { title: 'a later sequence', promise: 'P3', mutate: change('bob.log', receipt(6), { sequence: 9 }) },
  { title: 'an earlier sequence', promise: 'P3', mutate: change('bob.log', receipt(9), { sequence: 6 }) },
  { title: 'a clock that did not advance', promise: 'P7', mutate: change('bob.log', receipt(7), { clock: 3 }) },
  {
    title: 'a clock that did not tick before sending',
    promise: 'P7',
    mutate: change('cyd.log', { event: 'send', ordinal: 2 }, { lamport: 24 }),
  },
  {
    title: 'a Lamport time of sending that is above the event’s',
    promise: 'P7',
    mutate: change('ada.log', { event: 'send', ordinal: 2 }, { lamport: 99 }),
  },
  {
    title: 'another text in what was sent',
    promise: 'P9',
    mutate: change('cyd.log', { event: 'send', ordinal: 1 }, { text: 'not fine' }),
  },
  {
    title: 'something else that its author had seen',
    promise: 'P9',
    mutate: change('dan.log', { event: 'send' }, { seen: 1 }),
  },
  ...(
    [
      ['the message of another that came before', 1, 4],
      ['an own message that came before', 2, 5],
      ['a joining', 3, 9],
    ] as const
  ).map(
    ([whose, ordinal, sequence]): Mutation => ({
      title: `an acceptance that names ${whose}`,
      promise: 'P9',
      mutate: change('ada.log', { event: 'accepted', ordinal }, { sequence }),
    }),
  ),
  {
    title: 'an acceptance that names what came after',
    promise: 'P2',
    mutate: change('ada.log', { event: 'accepted', ordinal: 3 }, { sequence: 11 }),
  },
  {
    title: 'a message that nobody sent',
    promise: 'P3',
    mutate: forge('bob.log', receipt(13), { sequence: 14, participant: 'ada', text: 'I owe bob 100', ordinal: 4 }),
  },
  {
    title: 'a message put after everything',
    promise: 'P1',
    mutate: forge('cyd.log', receipt(16), {
      ...{
        sequence: 17,
        kind: 'message',
        participant: 'ada',
        text: 'one more',
        ordinal: 5,
        seen: 1,
        reason: undefined,
      },
      ...{ lamport: 99, clock: 100 },
    }),
  },
  {
    title: 'a sending taken out, of which the message is told',
    promise: 'P9',
    mutate: (logs) => ({
      ...drop('ada.log', { event: 'send', ordinal: 2 })(logs),
      at: `ada.log:${lineOf(logs, 'ada.log', receipt(6)) - 1}`,
    }),
  },
  {
    title: 'a request to leave taken out',
    promise: 'P9',
    mutate: drop('bob.log', { event: 'send-leave' }),
  },
  {
    title: 'a resume that went on elsewhere',
    promise: 'P3',
    mutate: change('ada.log', { event: 'welcome', resumed: true }, { sequence: 8 }),
  },
  {
    title: 'a welcome that calls a resume a new visit',
    promise: 'P9',
    mutate: change('ada.log', { event: 'welcome', resumed: true }, { resumed: false }),
  },
  {
    title: 'a welcome that calls a new visit a resume',
    promise: 'P9',
    mutate: change('bob.log', { event: 'welcome' }, { resumed: true }),
  },
  {
    title: 'a resume after which nothing is said to go on',
    promise: 'P9',
    mutate: change('ada.log', { event: 'welcome', resumed: true }, { continues: false }),
  },
  {
    title: 'a resume of another session',
    promise: 'P9',
    mutate: change('ada.log', { event: 'welcome', resumed: true }, { session: '0123456789ab' }),
  },
  {
    title: 'a resume that tells of fewer publishes than were accepted',
    promise: 'P5',
    mutate: change('ada.log', { event: 'welcome', resumed: true }, { ordinal: 1 }),
  },
  {
    title: 'a resume that tells of more publishes than were sent',
    promise: 'P9',
    mutate: change('ada.log', { event: 'welcome', resumed: true }, { ordinal: 7 }),
  },
  {
    title: 'a resume that tells of a publish that was sent only afterwards',
    promise: 'P9',
    mutate: change('ada.log', { event: 'welcome', resumed: true }, { ordinal: 3 }),
  },
  {
    title: 'a new visit that goes on from nothing',
    promise: 'P9',
    mutate: change('bob.log', { event: 'welcome' }, { continues: true }),
  },
  {
    title: 'another session in the server’s log',
    promise: 'P1',
    mutate: change('server.log', { event: 'broadcast-join', participant: 'cyd' }, { session: '0123456789ab' }),
  },
  {
    title: 'a new visit that has published already',
    promise: 'P9',
    mutate: change('cyd.log', { event: 'welcome' }, { ordinal: 1 }),
  },
  {
    title: 'the welcome after a resume taken out, by the receipt that follows,',
    promise: 'P9',
    mutate: drop('ada.log', { event: 'welcome', resumed: true }),
  },
  {
    title: 'the welcome of a new visit taken out, by the receipt that follows,',
    promise: 'P9',
    mutate: drop('cyd.log', { event: 'welcome' }),
  },
  { title: 'another room', promise: 'P9', mutate: change('bob.log', receipt(7), { room: 'tea' }) },
  {
    title: 'another session of what was sent',
    promise: 'P9',
    mutate: change('cyd.log', { event: 'send', ordinal: 1 }, { session: '0123456789ab' }),
  },
  {
    title: 'another ordinal of what was sent',
    promise: 'P9',
    mutate: change('ada.log', { event: 'send', ordinal: 2 }, { ordinal: 9 }),
  },
  {
    title: 'an ordinal of what was sent that another message has',
    promise: 'P9',
    mutate: change('ada.log', { event: 'send', ordinal: 2 }, { ordinal: 1 }),
  },
  {
    title: 'a place at the end that is not the last event’s',
    promise: 'P1',
    mutate: change('bob.log', { event: 'disconnect' }, { chain: 'aaaaaaaaaaaaaaaa' }),
  },
  {
    title: 'another Lamport time in the server’s log',
    promise: 'P1',
    mutate: change('server.log', { event: 'delivery', sequence: 7 }, { lamport: 15 }),
  },
  {
    title: 'another participant in the server’s log',
    promise: 'P1',
    mutate: change('server.log', { event: 'broadcast-leave', participant: 'dan' }, { participant: 'bob' }),
  },
  {
    title: 'another chain in the server’s log',
    promise: 'P1',
    mutate: change('server.log', { event: 'broadcast-join', participant: 'cyd' }, { chain: 'aaaaaaaaaaaaaaaa' }),
  },
  {
    title: 'another log id in the server’s log',
    promise: 'P1',
    mutate: change('server.log', { event: 'delivery', sequence: 9 }, { logId: 'another' }),
  },
  {
    title: 'a delivery to more than were there',
    promise: 'P1',
    mutate: change('server.log', { event: 'delivery', sequence: 9 }, { participants: 5 }),
  },
  {
    title: 'a delivery that stands twice in the server’s log',
    promise: 'P3',
    mutate: repeat('server.log', { event: 'delivery', sequence: 9 }),
  },
];

describe('chit-trace check, of the logs of a real run with one line changed', () => {
  it('finds the logs as they are sound', () => {
    const { end, counterexamples, unknowns } = judge(runOfLines(recorded));
    expect({ end, counterexamples, unknowns }).to.deep.equal({ end: 'done', counterexamples: [], unknowns: [] });
  });

  for (const { title, promise, mutate } of mutations) {
    it(`reports ${title} by its line [${promise}]`, () => {
      const { logs, at } = mutate(recorded);
      const { end, counterexamples } = judge(runOfLines(logs));
      expect(end).to.equal('violated');
      const [first] = counterexamples;
      const told = counterexamples.map(
        ({ promise: broken, message, lines }) => `${broken} ${message} ${places(lines)}`,
      );
      expect([first?.promise, places(first?.lines ?? []).at(0)], told.join('\n')).to.deep.equal([promise, at]);
    });
  }
});

function places(lines: readonly { readonly file: string; readonly line: number }[]): string[] {
  return lines.map(({ file, line }) => `${file}:${line}`);
}
