import { expect } from 'chai';
import fc from 'fast-check';
import type { History, Step } from '../../../lib/trace/history/history.js';
import type { DoubtKind } from '../../../lib/trace/space-time/space-time.js';
import { spaceTimeOf } from '../../../lib/trace/space-time/space-time-of.js';
import { courses, townAfter } from '../good-histories.js';
import { HistoryRecorder } from '../recorder.js';
import { CausalOrder } from './relatives.js';
import { runOf } from './run-of.js';

describe('spaceTimeOf, with logs that tell what cannot be,', () => {
  type Edit = (steps: readonly Step[], at: number, n: number) => Step[];

  const edits: readonly Edit[] = [
    (steps, at) => steps.toSpliced(at, 1),
    (steps, at) => steps.toSpliced(at, 0, ...steps.slice(at, at + 1)),
    (steps, at, n) => steps.toSpliced(at, 1).toSpliced(n % steps.length, 0, ...steps.slice(at, at + 1)),
    (steps, at, n) => steps.map((step, index) => (index === at && 'lamport' in step ? { ...step, lamport: n } : step)),
    (steps, at, n) => steps.map((step, index) => (index === at && 'clock' in step ? { ...step, clock: n } : step)),
    (steps, at, n) =>
      steps.map((step, index) =>
        index === at && 'event' in step ? { ...step, event: { ...step.event, lamport: n } } : step,
      ),
  ];

  const breakages = fc.array(
    fc.record({
      edit: fc.constantFrom(...edits),
      client: fc.nat(),
      at: fc.nat(),
      n: fc.oneof(fc.nat(99), fc.maxSafeNat()),
    }),
    { minLength: 1, maxLength: 20 },
  );

  it('still puts nothing before its cause, and leaves no moment out', () => {
    fc.assert(
      fc.property(courses, breakages, (course, broken) => {
        const good = townAfter(course).history();
        const clients = good.clients.map((record) => ({ ...record }));
        for (const { edit, client, at, n } of broken) {
          const record = clients[client % clients.length];
          if (record?.steps.length) record.steps = edit(record.steps, at % record.steps.length, n);
        }
        const spaceTime = spaceTimeOf(runOf({ ...good, clients }));
        const received = clients.flatMap(({ steps }) => steps).filter(({ kind }) => kind === 'receive');
        const told = spaceTime.moments.filter(({ kind }) => kind === 'receive' || kind === 'fill-in');
        expect(told.length).to.equal(received.length);
        const causality = new CausalOrder(spaceTime);
        for (const [index, { cause, position, lifeline }] of spaceTime.moments.entries()) {
          if (cause !== undefined) expect(cause).to.be.below(index);
          expect(causality.clockOf(index)[lifeline]).to.equal(position);
          expect(causality.happenedBefore(index, index)).to.equal(false);
        }
      }),
      { numRuns: 200 },
    );
  });

  const first = { sequence: 1, lamport: 2, timeMs: 1, participant: 'Ada', chain: 'a', kind: 'joined' } as const;
  const second = {
    ...first,
    sequence: 2,
    lamport: 4,
    chain: 'b',
    kind: 'message',
    text: 'hi',
    ordinal: 1,
    seen: 1,
  } as const;
  const session = { session: 's', room: 'lobby', logId: 'log', sequence: 0, chain: '0', newest: 0 };

  function historyOf(tell: (ada: ReturnType<HistoryRecorder['client']>) => void): History {
    const recorder = new HistoryRecorder();
    tell(recorder.client('Ada'));
    recorder.log({ room: 'lobby', logId: 'log', events: [first, second] });
    return recorder.history();
  }

  function joined(ada: ReturnType<HistoryRecorder['client']>): void {
    ada.join({ room: 'lobby', name: 'Ada', lamport: 1 });
    ada.welcome({ ...session, resumed: false, ordinal: 0 });
  }

  const cases: readonly [DoubtKind, string, Parameters<typeof historyOf>[0]][] = [
    [
      'no-stamp',
      'Ada received event 3 of lobby, which is in no log of the room (Ada.log:3).',
      (ada) => {
        joined(ada);
        ada.receive('lobby', { ...first, sequence: 3, lamport: 9 });
      },
    ],
    [
      'other-event',
      'Ada received another event 1 of lobby than the others (Ada.log:3).',
      (ada) => {
        joined(ada);
        ada.receive('lobby', { ...first, participant: 'Bob' });
      },
    ],
    [
      'time-goes-back',
      'The Lamport time of Ada is 2 at event 1 of lobby, which is not later than what was before it (Ada.log:3).',
      (ada) => {
        joined(ada);
        ada.receive('lobby', first, 2);
      },
    ],
    [
      'circle',
      'The logs make event 2 of lobby at Ada its own cause (Ada.log:3).',
      (ada) => {
        joined(ada);
        ada.receive('lobby', second);
        ada.send({ room: 'lobby', ordinal: 1, text: 'hi', lamport: 3, seen: 1 });
      },
    ],
  ];
  for (const [kind, message, tell] of cases) {
    it(`says once of each kind what it doubts: ${kind}`, () => {
      const { doubts, moments } = spaceTimeOf(runOf(historyOf(tell)));
      const doubt = doubts.find((one) => one.kind === kind);
      expect(doubt).to.deep.include({ message, count: 1 });
      expect(moments[doubt?.moment ?? -1]?.source?.line).to.equal(3);
    });
  }
});
