import { expect } from 'chai';
import { backOffMs } from '../../../lib/client/session/reconnector.js';

const limits = { backOffMsMin: 100, backOffMsMax: 1_000 };

describe('backOffMs', () => {
  const pauses = (random: number, count: number) =>
    Array.from({ length: count }, (_, tries) => backOffMs(tries, random, limits));

  it('doubles its ceiling from try to try, up to the limit', () => {
    expect(pauses(0.9999, 6)).to.deep.equal([99, 199, 399, 799, 999, 999]);
  });

  it('spreads pauses over all from nothing to the ceiling', () => {
    expect(pauses(0, 3)).to.deep.equal([0, 0, 0]);
    expect(pauses(0.5, 3)).to.deep.equal([50, 100, 200]);
  });

  it('does not overflow, however often it was tried', () => {
    expect(pauses(0.5, 5_000).at(-1)).to.equal(500);
  });
});
