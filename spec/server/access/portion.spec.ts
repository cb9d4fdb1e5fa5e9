import { expect } from 'chai';
import fc from 'fast-check';
import { excessOf } from '../../../lib/server/access/holdings.js';

describe('what one more would be too much of', () => {
  const limits = { totalMax: 100, ownMax: 95, reservedPercent: 10 };

  it('is the total, the own share, or what is kept for others', () => {
    expect(excessOf({ total: 100, own: 0 }, limits)).to.equal('total');
    expect(excessOf({ total: 95, own: 95 }, { ...limits, reservedPercent: 0 })).to.equal('own');
    expect(excessOf({ total: 89, own: 89 }, limits)).to.equal(undefined);
    expect(excessOf({ total: 90, own: 90 }, limits)).to.equal('reserved');
    expect(excessOf({ total: 90, own: 46 }, limits)).to.equal('reserved');
    expect(excessOf({ total: 90, own: 45 }, limits), 'it would be most').to.equal('reserved');
    expect(excessOf({ total: 90, own: 44 }, limits)).to.equal(undefined);
    expect(excessOf({ total: 9, own: 9 }, { totalMax: 9, ownMax: 10, reservedPercent: 10 })).to.equal('total');
    expect(excessOf({ total: 8, own: 8 }, { totalMax: 9, ownMax: 9, reservedPercent: 10 })).to.equal(undefined);
  });

  it('lets others in after whatever one address has taken, as long as it keeps a tenth [P12]', () => {
    const sizes = fc.record({
      totalMax: fc.integer({ min: 10, max: 500 }),
      ownMax: fc.integer({ min: 1, max: 500 }),
      others: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(sizes, ({ totalMax, ownMax, others }) => {
        const kept = { totalMax, ownMax, reservedPercent: 10 };
        let own = 0;
        const total = () => own + others;
        while (!excessOf({ total: total(), own }, kept)) own += 1;
        // Whoever is new, and has nothing, finds a place unless others who are no majority have it.
        if (own * 2 > total()) expect(excessOf({ total: total(), own: 0 }, kept)).to.equal(undefined);
        expect(total()).to.be.at.most(Math.max(totalMax, others));
      }),
    );
  });
});
