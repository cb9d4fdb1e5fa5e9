import { expect } from 'chai';
import { percentile, Samples } from './samples.js';

describe('percentile', () => {
  it('is the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0, 0.5, 0.99, 0.991, 1].map((rank) => percentile(hundred, rank))).to.deep.equal([1, 50, 99, 100, 100]);
    expect(percentile([7], 0.99)).to.equal(7);
    expect(percentile([], 0.5)).to.be.NaN;
  });
});

describe('Samples', () => {
  it('sorts what came in any order, and forgets what was before the measurement', () => {
    const samples = new Samples();
    for (let count = 0; count < 5000; count += 1) samples.add(1e6);
    samples.clear();
    for (const ms of [10, 9, 100]) samples.add(ms);
    expect(samples.count).to.equal(3);
    expect(samples.summary()).to.deep.equal({ p50Ms: 10, p99Ms: 100, maxMs: 100 });
  });
});
