import { expect } from 'chai';
import fc from 'fast-check';
import { NothingSelected, select } from '../../../lib/trace/space-time/selection.js';
import { spaceTimeOf } from '../../../lib/trace/space-time/space-time-of.js';
import { courses, townAfter } from '../good-histories.js';
import { runOf } from './run-of.js';

describe('select', () => {
  const spaceTimes = courses.map((course) => spaceTimeOf(runOf(townAfter(course).history())));

  it('selects everything where nothing is asked for', () => {
    fc.assert(
      fc.property(spaceTimes, (spaceTime) => {
        const { lifelines, moments } = select(spaceTime);
        expect(moments).to.deep.equal(spaceTime.moments);
        expect(lifelines).to.deep.equal([...spaceTime.lifelines.keys()]);
      }),
      { numRuns: 20 },
    );
  });

  it('selects the events in question, who received them, what asked for them, and what happened meanwhile', () => {
    fc.assert(
      fc.property(spaceTimes, fc.nat({ max: 30 }), fc.nat({ max: 10 }), (spaceTime, from, more) => {
        fc.pre(spaceTime.moments.some(({ event }) => event && event.sequence >= from && event.sequence <= from + more));
        const selected = select(spaceTime, { from, to: from + more }).moments;
        const inRange = spaceTime.moments.filter(
          ({ event }) => event && event.sequence >= from && event.sequence <= from + more,
        );
        expect(selected.filter(({ event }) => event)).to.deep.equal(inRange);
        const indices = new Set(selected.map(({ index }) => index));
        for (const { cause } of inRange) if (cause !== undefined) expect(indices.has(cause)).to.equal(true);
        const stamps = spaceTime.moments.filter(({ kind, index }) => kind === 'stamp' && !indices.has(index));
        for (const { cause } of stamps) if (cause !== undefined) expect(indices.has(cause)).to.equal(false);
        expect([...indices]).to.deep.equal([...indices].sort((a, b) => a - b));
      }),
      { numRuns: 100 },
    );
  });

  it('keeps to the participants that are named, and to the rooms', () => {
    fc.assert(
      fc.property(spaceTimes, (spaceTime) => {
        const { lifelines, moments } = select(spaceTime, { participants: ['Cyd', 'Ada', 'Cyd'] });
        const names = lifelines.map((index) => spaceTime.lifelines[index]);
        expect(names.filter((one) => one?.kind === 'client').map((one) => one?.name)).to.deep.equal(['Cyd', 'Ada']);
        const own = spaceTime.moments.filter(({ lifeline }) => lifelines.includes(lifeline));
        expect(moments).to.deep.equal(own);
      }),
      { numRuns: 20 },
    );
  });

  it('says what there is where it finds nothing', () => {
    const spaceTime = spaceTimeOf(runOf(townAfter([{ what: 'join', who: 0, n: 0 }]).history()));
    const refused = (selection: Parameters<typeof select>[1], words: string) =>
      expect(() => select(spaceTime, selection)).to.throw(NothingSelected, words);
    refused({ participants: ['Zoe'] }, 'no participant "Zoe", but of ');
    refused({ from: 5, to: 3 }, 'From event 5 to event 3 there is none');
    refused({ from: 500 }, 'the logs tell of the events 1 to ');
  });
});
