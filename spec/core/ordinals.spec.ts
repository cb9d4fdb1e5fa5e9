import { expect } from 'chai';
import { Ordinals } from '../../lib/core/ordinals.js';

describe('Ordinals', () => {
  it('knows what each accepted ordinal became [P5]', () => {
    const ordinals = new Ordinals();
    expect(ordinals.newest).to.equal(0);
    ordinals.accept(3, 10, 100);
    ordinals.accept(7, 12, 100);
    expect(ordinals.newest).to.equal(7);
    expect([3, 5, 7, 8].map((ordinal) => ordinals.sequenceOf(ordinal))).to.deep.equal([10, undefined, 12, undefined]);
  });

  it('forgets the oldest over its limit, and still knows the newest [P5] [P12]', () => {
    const ordinals = new Ordinals();
    for (let ordinal = 1; ordinal <= 5; ordinal += 1) ordinals.accept(ordinal, ordinal * 10, 3);
    expect(ordinals.remembered()).to.deep.equal([
      [3, 30],
      [4, 40],
      [5, 50],
    ]);
    expect(ordinals.sequenceOf(2)).to.equal(undefined);
    expect(ordinals.newest).to.equal(5);
  });

  it('goes on from what it remembered', () => {
    const ordinals = new Ordinals([
      [3, 30],
      [5, 50],
    ]);
    expect(ordinals.newest).to.equal(5);
    ordinals.accept(6, 60, 2);
    expect(ordinals.remembered()).to.deep.equal([
      [5, 50],
      [6, 60],
    ]);
  });
});
