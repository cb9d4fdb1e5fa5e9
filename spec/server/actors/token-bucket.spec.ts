import { expect } from 'chai';
import { TokenBucket } from '../../../lib/server/actors/token-bucket.js';

describe('TokenBucket', () => {
  it('gives a burst, and then says how long the next one takes', () => {
    const bucket = new TokenBucket(10, 3, 1_000);
    expect([1, 2, 3, 4, 5].map(() => bucket.take(1_000))).to.deep.equal([0, 0, 0, 100, 100]);
  });

  it('has one more after just as long as it said', () => {
    const bucket = new TokenBucket(3, 1, 0);
    expect(bucket.take(0)).to.equal(0);
    const waitMs = bucket.take(0);
    expect(waitMs).to.equal(334);
    expect(bucket.take(waitMs)).to.equal(0);
    expect(bucket.take(waitMs)).to.be.greaterThan(0);
  });

  it('earns in the long run what its rate says, and never more than a burst', () => {
    const bucket = new TokenBucket(200, 5, 0);
    let taken = 0;
    for (let ms = 0; ms < 10_000; ms += 1) if (bucket.take(ms) === 0) taken += 1;
    expect(taken).to.be.within(2_000, 2_005);
    expect(Array.from({ length: 10 }, () => bucket.take(1_000_000)).filter((wait) => wait === 0)).to.have.length(5);
  });

  it('gives nothing for a clock that was set back, and goes on from there', () => {
    const bucket = new TokenBucket(1, 1, 10_000);
    expect(bucket.take(10_000)).to.equal(0);
    expect(bucket.take(5_000)).to.equal(1_000);
    expect(bucket.take(6_000)).to.equal(0);
  });

  it('allows everything at a rate of 0', () => {
    const bucket = new TokenBucket(0, 1, 0);
    expect(Array.from({ length: 100 }, () => bucket.take(0)).every((wait) => wait === 0)).to.equal(true);
  });
});
