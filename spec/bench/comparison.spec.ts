import { expect } from 'chai';
import type { Result } from './case.js';
import { comparisons, costRatio, ratio } from './comparison.js';

const result = (subject: Result['subject'], figures: Partial<Result>): Result => ({
  case: 'a case',
  setting: 'a setting',
  subject,
  ...figures,
});

describe('ratio', () => {
  const ratioOf = (...results: Result[]): number | undefined => {
    const [comparison] = comparisons(results);
    return comparison && ratio(comparison, 'node:http2');
  };

  it('is of deliveries a second, where the server sets the pace', () => {
    const figures = { deliveriesPerSecond: 50, p99Ms: 1 };
    expect(
      ratioOf(result('chit-server', figures), result('node:http2', { ...figures, deliveriesPerSecond: 200 })),
    ).to.equal(0.25);
  });

  it('is of times where the load does, and above 1 where ours is the shorter', () => {
    const figures = { deliveriesPerSecond: 50, paced: true };
    expect(
      ratioOf(result('chit-server', { ...figures, p99Ms: 10 }), result('node:http2', { ...figures, p99Ms: 30 })),
    ).to.equal(3);
  });

  it('is to ours of the same promise, for a server that stores and does not flush', () => {
    const results = [
      result('chit-server', { deliveriesPerSecond: 50 }),
      result('chit-server, process', { deliveriesPerSecond: 90 }),
      result('nats jetstream', { deliveriesPerSecond: 30 }),
    ];
    const [comparison] = comparisons(results);
    expect(comparison && ratio(comparison, 'nats jetstream')).to.equal(3);
    expect(comparison && ratio(comparison, 'chit-server, process')).to.equal(50 / 90);
  });

  it('is none where there is nothing to compare', () => {
    expect(ratioOf(result('chit-server', { p99Ms: 1 }))).to.equal(undefined);
    expect(ratioOf(result('chit-server', {}), result('node:http2', {}))).to.equal(undefined);
  });
});

describe('costRatio', () => {
  it('is of processor time, and above 1 where ours is the cheaper', () => {
    const results = [
      result('chit-server', { cpuMicrosPerDelivery: 2 }),
      result('node:http2', { cpuMicrosPerDelivery: 3 }),
    ];
    const [comparison] = comparisons(results);
    expect(comparison && costRatio(comparison, 'node:http2')).to.equal(1.5);
    expect(comparison && costRatio(comparison, 'nats-server')).to.equal(undefined);
  });
});
