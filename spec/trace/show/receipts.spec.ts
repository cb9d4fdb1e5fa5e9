import { expect } from 'chai';
import fc from 'fast-check';
import { receiptsOf, receiptWords } from '../../../lib/trace/show/transcript.js';
import type { Moment, MomentKind } from '../../../lib/trace/space-time/space-time.js';
import { spaceTimeOf } from '../../../lib/trace/space-time/space-time-of.js';
import { courses, townAfter } from '../good-histories.js';
import { runOf } from '../space-time/run-of.js';

describe('The receipts of events', () => {
  const cuts = ['cut', 'kill', 'restart', 'grace over'];
  const calm = courses.map((course) => course.filter(({ what }) => !cuts.includes(what)));
  const spaceTimesOf = (some: typeof courses) => some.map((course) => spaceTimeOf(runOf(townAfter(course).history())));

  it('are those of all who were in the room, where nobody lost a connection', () => {
    let events = 0;
    fc.assert(
      fc.property(spaceTimesOf(calm), (spaceTime) => {
        for (const [stamp, { present, moments }] of receiptsOf(spaceTime)) {
          const receivers = new Set(moments.map(({ lifeline }) => lifeline));
          expect(present.filter((lifeline) => !receivers.has(lifeline))).to.deep.equal([]);
          expect(present).to.include(spaceTime.moments[spaceTime.moments[stamp]?.cause ?? -1]?.lifeline);
          events += 1;
        }
      }),
      { numRuns: 60 },
    );
    expect(events).to.be.above(0);
  });

  it('are all there, each with its own event, whatever is lost', () => {
    fc.assert(
      fc.property(spaceTimesOf(courses), (spaceTime) => {
        const receipts = receiptsOf(spaceTime);
        const all = [...receipts].flatMap(([stamp, { moments }]) => {
          for (const { cause } of moments) expect(cause).to.equal(stamp);
          return moments.map(({ index }) => index);
        });
        const received = spaceTime.moments.filter(({ kind }) => kind === 'receive' || kind === 'fill-in');
        expect(all.sort((a, b) => a - b)).to.deep.equal(received.map(({ index }) => index));
      }),
      { numRuns: 60 },
    );
  });

  const at = (lifeline: number, lamport: number, kind: MomentKind = 'receive'): Moment => ({
    ...{ index: 0, position: 1, level: lamport, room: 'lobby' },
    ...{ kind, lifeline, lamport },
  });
  const nameOf = (lifeline: number) => ['lobby', 'ada', 'bob', 'cyd'][lifeline] ?? `p${lifeline}`;
  const twelve = Array.from({ length: 12 }, (_, index) => index + 1);
  const cases: readonly [string, readonly number[], readonly Moment[]][] = [
    ['', [], []],
    ['received by nobody', [1, 2], []],
    ['received by ada at L 6', [1], [at(1, 6)]],
    ['received by all 3 at L 6, 7, 6', [1, 2, 3], [at(1, 6), at(3, 6), at(2, 7)]],
    ['received by ada at L 6; not by bob, cyd', [1, 2, 3], [at(1, 6)]],
    ['received by ada at L 6, bob at L 9 (filled in)', [1, 2], [at(1, 6), at(2, 9, 'fill-in')]],
    ['received by ada at L 6; as history by bob at L 3', [1], [at(1, 6), at(2, 3)]],
    ['received by all 2 at L 6, 7; again by bob at L 11', [1, 2], [at(1, 6), at(2, 7), at(2, 11)]],
    ['received by all 12 at L 2 to 13', twelve, twelve.map((lifeline) => at(lifeline, lifeline + 1))],
    ['received by all 12 at L 6', twelve, twelve.map((lifeline) => at(lifeline, 6))],
    ['received by ada at L 6; not by bob, cyd, p4, p5, p6, p7, p8, p9 and 3 others', twelve, [at(1, 6)]],
  ];
  for (const [words, present, moments] of cases) {
    it(`are told in words: ${words || 'nothing where there are none'}`, () => {
      expect(receiptWords({ present, moments }, nameOf)).to.equal(words);
    });
  }
});
