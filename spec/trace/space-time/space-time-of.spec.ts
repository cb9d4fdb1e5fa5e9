import { expect } from 'chai';
import fc from 'fast-check';
import type { Moment, SpaceTime } from '../../../lib/trace/space-time/space-time.js';
import { spaceTimeOf } from '../../../lib/trace/space-time/space-time-of.js';
import { courses, townAfter } from '../good-histories.js';
import { runOf } from './run-of.js';

describe('spaceTimeOf', () => {
  function everySpaceTime(holds: (spaceTime: SpaceTime) => void): void {
    fc.assert(
      fc.property(courses, (course) => holds(spaceTimeOf(runOf(townAfter(course).history())))),
      { numRuns: 150 },
    );
  }

  const causeOf = ({ moments }: SpaceTime, { cause }: Moment) => (cause === undefined ? undefined : moments[cause]);

  it('puts nothing before its cause, and what happens on a lifeline in its own order', () => {
    everySpaceTime((spaceTime) => {
      const positions = spaceTime.lifelines.map(() => 0);
      for (const [index, moment] of spaceTime.moments.entries()) {
        expect(moment.index).to.equal(index);
        const before = positions[moment.lifeline] ?? 0;
        expect(moment.position).to.equal(before + 1);
        positions[moment.lifeline] = moment.position;
        const cause = causeOf(spaceTime, moment);
        if (cause) expect(cause.index).to.be.below(index);
        if (cause) expect(cause.level).to.be.below(moment.level);
        const previous = spaceTime.moments[index - 1];
        if (previous) expect(previous.level).to.be.at.most(moment.level);
      }
    });
  });

  it('gives Lamport times that rise from each cause to what it caused, but for what is read and not received [P7]', () => {
    everySpaceTime((spaceTime) => {
      for (const moment of spaceTime.moments) {
        const cause = causeOf(spaceTime, moment);
        if (cause && moment.kind !== 'fill-in') expect(moment.lamport).to.be.above(cause.lamport);
      }
    });
  });

  it('tells of each receipt the stamp of its event, and finds nothing to doubt in what was kept as promised', () => {
    everySpaceTime((spaceTime) => {
      expect(spaceTime.doubts).to.deep.equal([]);
      for (const moment of spaceTime.moments) {
        if (moment.kind !== 'receive' && moment.kind !== 'fill-in') continue;
        const cause = causeOf(spaceTime, moment);
        expect(cause?.kind).to.equal('stamp');
        expect(cause?.event).to.equal(moment.event);
      }
    });
  });

  it('tells of each stamp what it was asked by, but for what the server made by itself and joins that nobody heard of', () => {
    everySpaceTime((spaceTime) => {
      for (const moment of spaceTime.moments) {
        if (moment.kind !== 'stamp') continue;
        const { event } = moment;
        const cause = causeOf(spaceTime, moment);
        const asker = cause && spaceTime.lifelines[cause.lifeline]?.name;
        if (cause) expect(asker).to.equal(event?.participant);
        if (event?.kind === 'joined') expect(cause?.kind ?? 'ask-join').to.equal('ask-join');
        if (event?.kind === 'left') expect(cause?.kind).to.equal(event.reason === 'ASKED' ? 'ask-leave' : undefined);
        if (event?.kind === 'message') expect(cause).to.deep.include({ text: event.text, ordinal: event.ordinal });
      }
    });
  });
});
