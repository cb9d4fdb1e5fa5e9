import { expect } from 'chai';
import fc from 'fast-check';
import { Pace } from '../../../lib/server/access/pace.js';

describe('a pace', () => {
  it('gives a burst at once, and then says how long the next one takes', () => {
    const pace = new Pace({ perSecond: 10, burst: 3 });
    for (const due of [0, 0, 0, 100, 200]) {
      expect(pace.dueInMs(1_000)).to.be.closeTo(due, 1e-6);
      pace.take(1_000);
    }
    expect(pace.dueInMs(1_050)).to.be.closeTo(250, 1e-6);
  });

  it('sets no rate at 0', () => {
    const pace = new Pace({ perSecond: 0, burst: 1 });
    for (let count = 0; count < 100; count += 1) pace.take(0);
    expect(pace.dueInMs(0)).to.equal(0);
    expect(pace.isFull(0)).to.equal(true);
  });

  it('gives nothing and takes nothing for a clock that was set back', () => {
    const pace = new Pace({ perSecond: 1, burst: 1 });
    pace.take(10_000);
    expect(pace.dueInMs(5_000)).to.equal(1_000);
    expect(pace.dueInMs(6_000)).to.equal(0);
  });

  const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 1_000 }), burst: fc.integer({ min: 1, max: 50 }) });
  const steps = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 });

  it('lets those who wait for what is there never have more than a burst and what its rate earns [P12]', () => {
    fc.assert(
      fc.property(rates, steps, (rate, pauses) => {
        const pace = new Pace(rate);
        let nowMs = 0;
        const takenAt: number[] = [];
        for (const pauseMs of pauses) {
          nowMs += pauseMs;
          if (pace.dueInMs(nowMs) > 0) continue;
          pace.take(nowMs);
          takenAt.push(nowMs);
        }
        for (const [from, fromMs] of takenAt.entries()) {
          for (const [to, toMs] of takenAt.entries()) {
            if (to < from) continue;
            const count = to - from + 1;
            expect(count).to.be.at.most(rate.burst + ((toMs - fromMs) * rate.perSecond) / 1000 + 1e-6);
          }
        }
      }),
    );
  });

  it('has as many turns for those who overdraw it as for those who do not, one after the other [P12]', () => {
    fc.assert(
      fc.property(rates, steps, (rate, pauses) => {
        const pace = new Pace(rate);
        let nowMs = 0;
        const turns = pauses.map((pauseMs) => {
          nowMs += pauseMs;
          const turn = nowMs + pace.dueInMs(nowMs);
          pace.take(nowMs);
          return turn;
        });
        for (const [index, turn] of turns.entries()) {
          const earlier = turns[index - rate.burst];
          if (earlier !== undefined) expect(turn).to.be.at.least(earlier + 1000 / rate.perSecond - 1e-3 - 0.5);
          if (index > 0) expect(turn).to.be.at.least((turns[index - 1] ?? 0) - 1e-6);
        }
      }),
    );
  });

  it('never owes anything for standing idle: it is full again after a burst’s time', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 0, max: 50 }), (rate, taken) => {
        const pace = new Pace(rate);
        const count = Math.min(taken, rate.burst);
        for (let index = 0; index < count; index += 1) pace.take(0);
        expect(pace.isFull((count * 1000) / rate.perSecond + 1e-3)).to.equal(true);
      }),
    );
  });
});

describe('a pace whose takers do not wait', () => {
  it('gives a burst, and then says how long the next one takes', () => {
    const pace = new Pace({ perSecond: 10, burst: 3 });
    expect([1, 2, 3, 4, 5].map(() => pace.takeDue(1_000))).to.deep.equal([0, 0, 0, 100, 100]);
  });

  it('has one more after just as long as it said', () => {
    const pace = new Pace({ perSecond: 3, burst: 1 });
    expect(pace.takeDue(0)).to.equal(0);
    const waitMs = pace.takeDue(0);
    expect(waitMs).to.equal(334);
    expect(pace.takeDue(waitMs)).to.equal(0);
    expect(pace.takeDue(waitMs)).to.be.greaterThan(0);
  });

  it('earns in the long run what its rate says, and never more than a burst', () => {
    const pace = new Pace({ perSecond: 200, burst: 5 });
    let taken = 0;
    for (let ms = 0; ms < 10_000; ms += 1) if (pace.takeDue(ms) === 0) taken += 1;
    expect(taken).to.be.within(2_000, 2_005);
    expect(Array.from({ length: 10 }, () => pace.takeDue(1_000_000)).filter((wait) => wait === 0)).to.have.length(5);
  });

  it('gives nothing for a clock that was set back, and goes on from there', () => {
    const pace = new Pace({ perSecond: 1, burst: 1 });
    expect(pace.takeDue(10_000)).to.equal(0);
    expect(pace.takeDue(5_000)).to.equal(1_000);
    expect(pace.takeDue(6_000)).to.equal(0);
  });

  it('allows everything at a rate of 0', () => {
    const pace = new Pace({ perSecond: 0, burst: 1 });
    expect(Array.from({ length: 100 }, () => pace.takeDue(0)).every((wait) => wait === 0)).to.equal(true);
  });
});
