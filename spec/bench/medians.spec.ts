import { expect } from 'chai';
import type { Result } from './case.js';
import { medians } from './medians.js';

describe('medians', () => {
  it('takes the median of each figure over the rounds, setting by setting', () => {
    const result = (setting: string, p50Ms: number, p99Ms: number): Result => ({
      case: 'a case',
      setting,
      subject: 'chit-server',
      p50Ms,
      p99Ms,
      paced: true,
    });
    const rounds = [result('one', 10, 3), result('two', 7, 7), result('one', 9, 100), result('one', 1, 20)];
    expect(medians(rounds)).to.deep.equal([result('one', 9, 20), result('two', 7, 7)]);
  });
});
