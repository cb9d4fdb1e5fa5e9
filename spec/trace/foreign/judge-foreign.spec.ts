import { expect } from 'chai';
import type { PromiseId } from '../../../lib/trace/check/verdict.js';
import {
  type ForeignLines,
  judged,
  notices,
  ownClock,
  prompt,
  type Shape,
  shapes,
  soundLines,
  typed,
} from './shapes.js';

/** The lines with those that contain `what` replaced; without them where nothing is given instead. */
function replaced(logs: ForeignLines, what: string, instead: string[] = [], files = Object.keys(logs)): ForeignLines {
  const edited = (lines: readonly string[]) => lines.flatMap((line) => (line.includes(what) ? instead : [line]));
  return Object.fromEntries(
    Object.entries(logs).map(([file, lines]) => [file, files.includes(file) ? edited(lines) : lines]),
  );
}

interface Fault {
  readonly title: string;
  readonly shape: Shape;
  readonly promise: PromiseId;
  /** Where it is to be reported. */
  readonly at: string;
  readonly edit: (logs: ForeignLines) => ForeignLines;
}

const carolJoined = (time: number) =>
  `2024/11/04 10:16:00 [Lamport: ${time}] SERVER: Participant carol joined Chit Chat at logical time ${time}`;

const faults: readonly Fault[] = [
  {
    title: 'a message that overtook another on its way to one of them',
    ...{ shape: typed, promise: 'P2', at: 'client-3.log:5' },
    edit: (logs) => {
      const [one, other] = ['MESSAGE client=1 time=16 "morning!"', 'MESSAGE client=2 time=19 "ok"'];
      return replaced(replaced(logs, one, [], ['client-3.log']), other, [other, one], ['client-3.log']);
    },
  },
  {
    title: 'own messages that overtook each other on their way to the server',
    ...{ shape: typed, promise: 'P6', at: 'client-1.log:4' },
    edit: () => ({
      'client-1.log': [
        'SEND time=1 "one"',
        'SEND time=2 "two"',
        'MESSAGE client=1 time=3 "two"',
        'MESSAGE client=1 time=4 "one"',
      ],
      'client-2.log': ['MESSAGE client=1 time=3 "two"', 'MESSAGE client=1 time=4 "one"'],
    }),
  },
  {
    title: 'a clock that does not take up what it receives',
    ...{ shape: prompt, promise: 'P7', at: 'alice.log:8' },
    edit: (logs) => replaced(logs, 'You (15) sending: morning!', ['You (6) sending: morning!']),
  },
  {
    title: 'a joining that does not tick the clock',
    ...{ shape: notices, promise: 'P7', at: 'alice.log:6' },
    edit: (logs) => replaced(logs, 'carol joined', [carolJoined(9)]),
  },
  {
    title: 'a message received at the time of its sending',
    ...{ shape: typed, promise: 'P7', at: 'client-1.log:5' },
    edit: (logs) =>
      replaced(logs, 'MESSAGE client=2 time=9', ['MESSAGE client=2 time=8 "hi alice, how are you?"'], ['client-1.log']),
  },
  {
    title: 'a participant who drops out and of whom no leaving is told',
    ...{ shape: notices, promise: 'P8', at: 'bob.log:8' },
    edit: (logs) => replaced(logs, 'bob left'),
  },
  {
    title: 'a leaving that one who remains is not told of',
    ...{ shape: notices, promise: 'P8', at: 'carol.log:6' },
    edit: (logs) => replaced(logs, 'bob left', [], ['carol.log']),
  },
  {
    title: 'a joining that the newcomer himself is not told of',
    ...{ shape: ownClock, promise: 'P8', at: 'carol.log:1' },
    edit: (logs) => replaced(logs, 'carol (lamport 11) connected', [], ['carol.log']),
  },
  {
    title: 'a message that one of them never received',
    ...{ shape: ownClock, promise: 'P3', at: 'bob.log:5' },
    edit: (logs) => replaced(logs, 'good morning', [], ['bob.log']),
  },
  {
    title: 'a message that comes twice with the same time',
    ...{ shape: notices, promise: 'P3', at: 'carol.log:4' },
    edit: (logs) => {
      const line = logs['carol.log']?.find((text) => text.includes('good morning')) ?? '';
      return replaced(logs, 'good morning', [line, line], ['carol.log']);
    },
  },
  {
    title: 'a message that comes twice, each time with the reader’s own clock',
    ...{ shape: ownClock, promise: 'P3', at: 'carol.log:4' },
    edit: (logs) => {
      const twice = ['INFO alice (lamport 17) >> morning!', 'INFO alice (lamport 18) >> morning!'];
      return replaced(logs, 'alice (lamport 17) >> morning!', twice, ['carol.log']);
    },
  },
  {
    title: 'a message that nobody sent',
    ...{ shape: typed, promise: 'P9', at: 'client-3.log:2' },
    edit: (logs) => replaced(logs, '"good morning"', ['MESSAGE client=3 time=13 "good evening"'], ['client-3.log']),
  },
  {
    title: 'a message by one who has left',
    ...{ shape: notices, promise: 'P8', at: 'alice.log:14' },
    edit: (logs) =>
      replaced(logs, 'Participant carol left', [
        '2024/11/04 10:16:01 [Lamport: 31] SERVER: Participant carol left Chit Chat at logical time 31',
        '2024/11/04 10:16:02 [Lamport: 32] carol: I am still here',
      ]),
  },
];

describe('chit-trace check, of the logs of other chats', () => {
  for (const shape of shapes) {
    it(`finds nothing against sound ones: ${shape.name}`, () => {
      const { end, counterexamples, unknowns, statements } = judged(shape, soundLines(shape));
      expect({ end, counterexamples, unknowns }).to.deep.equal({ end: 'done', counterexamples: [], unknowns: [] });
      expect(statements[0]).to.include('all received the same 5 events, in the same order');
    });
  }

  for (const { title, shape, promise, at, edit } of faults) {
    it(`reports ${title} by its line [${promise}]`, () => {
      const { end, counterexamples } = judged(shape, edit(soundLines(shape)));
      const told = counterexamples.map(
        (one) => `${one.promise} ${one.lines.map(({ file, line }) => `${file}:${line}`)[0]}`,
      );
      expect(told, counterexamples.map(({ message }) => message).join('\n')).to.include(`${promise} ${at}`);
      expect(end).to.equal('violated');
    });
  }

  it('says whose log is missing, and judges what it can', () => {
    const { 'bob.log': bob = [], ...others } = soundLines(notices);
    const { end, unknowns, counterexamples } = judged(notices, others);
    expect(bob).not.to.deep.equal([]);
    expect({ end, counterexamples }).to.deep.equal({ end: 'incomplete', counterexamples: [] });
    expect(unknowns.map(({ message }) => message)).to.deep.equal([
      'Missing is the log of bob: what bob received and sent is unknown.',
    ]);
  });

  it('cannot say of a single log whether others received the same', () => {
    const alice = soundLines(ownClock)['alice.log'] ?? [];
    const own = alice.filter((line) => line.includes('alice'));
    expect(judged(ownClock, { 'alice.log': own }).end).to.equal('incomplete');
  });

  it('takes nothing amiss that happened while somebody was away', () => {
    const logs: ForeignLines = {
      'alice.log': [
        'JOIN 1 alice',
        'JOIN 2 bob',
        'LEAVE 4 bob',
        'SAY 6 alice where is bob',
        'JOIN 8 bob',
        'SAY 9 bob here',
        'LEAVE 10 bob',
        'LEAVE 11 alice',
      ],
      'bob.log': ['JOIN 2 bob', 'LEAVE 4 bob', 'JOIN 8 bob', 'SAY 9 bob here', 'LEAVE 10 bob'],
    };
    const shape = {
      ...notices,
      patterns: ['(?<event>JOIN|LEAVE|SAY) (?<lamport>\\d+) (?<participant>\\w+) ?(?<text>.*)'],
    };
    expect(judged(shape, logs).counterexamples).to.deep.equal([]);
  });

  it('does not confuse texts that are said again and again, of which a latecomer knows the later ones only', () => {
    const line = (time: number, who: string, text: string) => `[Lamport: ${time}] ${who}: ${text}`;
    const [early, late] = [
      [line(2, 'alice', 'ok'), line(3, 'bob', 'ok'), line(4, 'alice', 'ok')],
      [line(7, 'bob', 'hm'), line(9, 'alice', 'ok'), line(11, 'bob', 'bye')],
    ];
    const logs = { 'alice.log': [...early, ...late], 'bob.log': [...early, ...late], 'carol.log': late };
    const { counterexamples, statements } = judged(notices, logs);
    expect(counterexamples).to.deep.equal([]);
    expect(statements.join('\n')).to.include('which is which nobody can say');
  });

  it('takes own messages that a log does not print for lost by nobody, and does not know of them [P3]', () => {
    const own = (who: string) => (line: string) => line.includes(` ${who} (`) && line.includes('>>');
    const silent = Object.fromEntries(
      Object.entries(soundLines(ownClock)).map(([file, lines]) => [
        file,
        lines.filter((line) => !own(file.replace('.log', ''))(line)),
      ]),
    );
    const { end, counterexamples, unknowns, judgements } = judged(ownClock, silent);
    expect({ end, counterexamples }).to.deep.equal({ end: 'incomplete', counterexamples: [] });
    expect(unknowns[0]?.message).to.equal(
      "alice's log has none of alice's own messages: whether these came back to alice is unknown.",
    );
    expect(judgements.filter(({ state }) => state === 'unknown').map(({ promise }) => promise)).to.deep.equal(['P3']);
  });

  for (const [what, text, promises] of [
    ['joinings', 'joined', ['P8']],
    ['leavings', 'left', ['P8']],
  ] as const) {
    it(`does not know of ${what} where no log tells of any`, () => {
      const { end, unknowns, counterexamples } = judged(notices, replaced(soundLines(notices), ` ${text} `));
      expect(counterexamples.filter(({ promise }) => promise !== 'P8')).to.deep.equal([]);
      expect(end).not.to.equal('done');
      expect(unknowns.map((unknown) => unknown.promises)).to.deep.equal([promises]);
    });
  }

  it('reads logs with other line ends and with a time of day before each line', () => {
    const dressed = Object.fromEntries(
      Object.entries(soundLines(ownClock)).map(([file, lines]) => [
        file,
        lines.map((line, index) => `2024-11-01T10:00:0${index % 10}.000Z ${line}\r`),
      ]),
    );
    expect(judged(ownClock, dressed)).to.deep.equal(judged(ownClock, soundLines(ownClock)));
  });

  it('keeps the first of many counterexamples of a kind', () => {
    const lines = Array.from({ length: 500 }, (_, index) => `[Lamport: 5] alice: ${index}`);
    const { counterexamples, more } = judged(notices, { 'alice.log': lines });
    expect(counterexamples.filter(({ promise }) => promise === 'P7')).to.have.length(100);
    expect(more).to.equal(true);
  });
});
