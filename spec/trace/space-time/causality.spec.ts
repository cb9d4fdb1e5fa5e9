import { expect } from 'chai';
import fc from 'fast-check';
import { crossed } from '../../../lib/core/event.js';
import { Causality, clockEntriesMax, TooManyClocks } from '../../../lib/trace/space-time/causality.js';
import { crossedInFlight } from '../../../lib/trace/space-time/crossings.js';
import type { Moment, SpaceTime } from '../../../lib/trace/space-time/space-time.js';
import { spaceTimeOf } from '../../../lib/trace/space-time/space-time-of.js';
import { courses, townAfter } from '../good-histories.js';
import type { Happening } from '../simulated-town.js';
import { CausalOrder, relativesOf } from './relatives.js';
import { runOf } from './run-of.js';

describe('Causality', () => {
  const spaceTimes = courses.map((course) => spaceTimeOf(runOf(townAfter(course.slice(0, 120)).history())));

  /** For each moment all that can be reached backwards, by the lifelines' orders and the causes alone. */
  function reachable({ moments }: SpaceTime): Set<number>[] {
    const latest = new Map<number, number>();
    const pasts: Set<number>[] = [];
    for (const { index, lifeline, cause } of moments) {
      const past = new Set<number>();
      for (const before of [latest.get(lifeline), cause]) {
        if (before === undefined) continue;
        past.add(before);
        for (const earlier of pasts[before] ?? []) past.add(earlier);
      }
      pasts.push(past);
      latest.set(lifeline, index);
    }
    return pasts;
  }

  it('says that a happened before b exactly where a way leads from a to b over lifelines and messages', () => {
    fc.assert(
      fc.property(spaceTimes, (spaceTime) => {
        const causality = new CausalOrder(spaceTime);
        const pasts = reachable(spaceTime);
        for (const [b, past] of pasts.entries()) {
          expect(relativesOf(spaceTime, causality, b).past).to.deep.equal([...past].sort((x, y) => x - y));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('divides all other moments into past, future and what is concurrent', () => {
    fc.assert(
      fc.property(spaceTimes, fc.nat(), (spaceTime, pick) => {
        const causality = new CausalOrder(spaceTime);
        const { index } = spaceTime.moments[pick % spaceTime.moments.length] ?? {};
        fc.pre(index !== undefined);
        const { past, future, besides } = relativesOf(spaceTime, causality, index);
        const all = [past, [index], future, besides].flat();
        expect(all.sort((x, y) => x - y)).to.deep.equal(spaceTime.moments.map((moment) => moment.index));
        for (const other of besides) expect(causality.concurrent(other, index)).to.equal(true);
        for (const other of future) expect(causality.happenedBefore(index, other)).to.equal(true);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses what would need more memory than it may take', () => {
    const lifelines = Array.from({ length: 4096 }, (_, at) => ({ kind: 'client' as const, name: `${at}` }));
    const moment: Moment = { index: 0, kind: 'send', lifeline: 0, position: 1, lamport: 1, level: 1, room: 'lobby' };
    const moments = new Array<Moment>(clockEntriesMax / lifelines.length + 1).fill(moment);
    expect(() => new Causality({ lifelines, moments, doubts: [] })).to.throw(TooManyClocks, 'fewer participants');
  });

  it('tells of each message which messages by others crossed it in flight', () => {
    const [ada, bob] = [0, 2];
    /** Ada and Bob join and speak at once. */
    const atOnce = [ada, bob, ada, bob].flatMap((who, index): Happening[] => [
      { what: index < 2 ? 'join' : 'say', who, n: 0 },
      { what: 'up', who, n: 1 },
      { what: 'down', who, n: index < 2 ? 11 : 0 },
    ]);
    let found = 0;
    fc.assert(
      fc.property(courses, (course) => {
        const spaceTime = spaceTimeOf(runOf(townAfter([...atOnce, ...course]).history()));
        const { moments } = spaceTime;
        const crossings = crossedInFlight(spaceTime);
        const messages = moments.flatMap(({ kind, index, lifeline, event }) =>
          kind === 'stamp' && event?.kind === 'message' ? [{ index, lifeline, event }] : [],
        );
        for (const { index, lifeline, event } of messages) {
          const expected = messages.filter((other) => other.lifeline === lifeline && crossed(other.event, event));
          expect(crossings.get(index)?.crossed ?? []).to.deep.equal(expected.map((other) => other.index));
          found += expected.length;
        }
      }),
      { numRuns: 60 },
    );
    expect(found).to.be.above(0);
  });
});
