import { expect } from 'chai';
import { BackOff } from '../../lib/client/back-off.js';

const limits = { backOffMsMin: 100, backOffMsMax: 1_000 };

describe('BackOff', () => {
  const pauses = (backOff: BackOff, count: number) => Array.from({ length: count }, () => backOff.next());

  it('doubles its ceiling from try to try, up to the limit', () => {
    const almostOne = new BackOff(limits, () => 0.9999);
    expect(pauses(almostOne, 6)).to.deep.equal([99, 199, 399, 799, 999, 999]);
  });

  it('spreads pauses over all from nothing to the ceiling', () => {
    expect(pauses(new BackOff(limits, () => 0), 3)).to.deep.equal([0, 0, 0]);
    expect(pauses(new BackOff(limits, () => 0.5), 3)).to.deep.equal([50, 100, 200]);
  });

  it('begins anew when it is told to', () => {
    const backOff = new BackOff(limits, () => 0.5);
    pauses(backOff, 4);
    backOff.reset();
    expect(pauses(backOff, 2)).to.deep.equal([50, 100]);
  });

  it('does not overflow, however often it is asked', () => {
    const backOff = new BackOff(limits, () => 0.5);
    expect(pauses(backOff, 5_000).at(-1)).to.equal(500);
  });
});
