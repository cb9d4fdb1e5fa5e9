import { expect } from 'chai';
import { Progress } from '../../../lib/server/access/progress.js';

describe('the progress of a far end', () => {
  const of = (waiting = 1_000_000) => {
    const far = { taken: 0 };
    const limits = { stallBytesPerSecondMin: 100 };
    const progress = new Progress({ limits, taken: () => far.taken, waiting });
    return (took: number, ms = 1_000) => {
      far.taken += took;
      return progress.goesOn(ms);
    };
  };

  it('is what it took in a period: the least rate is enough, less is none', () => {
    const period = of();
    expect([period(100), period(99), period(0), period(500), period(99)]).to.deep.equal([
      ...[true, false, false, true, false],
    ]);
    expect(period(250, 2_500)).to.equal(true);
    expect(period(249, 2_500)).to.equal(false);
  });

  it('is at least a byte, however short the period', () => {
    const period = of();
    expect([period(0, 1), period(1, 1)]).to.deep.equal([false, true]);
  });

  it('is not told of where what is counted has changed, and is in the next period', () => {
    const period = of();
    period(1_000);
    expect([period(-500), period(99), period(100)]).to.deep.equal([true, false, true]);
  });

  it('ends where what waited ought to have been taken by now at the least rate', () => {
    const period = of(300);
    expect([period(1_000), period(1_000), period(1_000)]).to.deep.equal([true, true, false]);
  });
});
