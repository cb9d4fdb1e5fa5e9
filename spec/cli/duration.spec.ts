import { expect } from 'chai';
import { durationMs, secondsMs } from '../../lib/cli/arguments.js';

describe('durationMs', () => {
  it('reads durations as people write them', () => {
    expect(['0', '500ms', '10s', '1.5s', '2m', '1h'].map(durationMs)).to.deep.equal([
      0, 500, 10_000, 1_500, 120_000, 3_600_000,
    ]);
  });

  it('says what to write instead of anything else', () => {
    for (const text of ['', '10', 's', '-1s', '1e3s', '10 s', '1d', '999h99', '100000h']) {
      expect(() => durationMs(text), text).to.throw('such as 500ms');
    }
  });
});

describe('secondsMs', () => {
  it('reads seconds, and durations as people write them', () => {
    expect(['45', '0', '0.5', '2m', '250ms'].map(secondsMs)).to.deep.equal([45_000, 0, 500, 120_000, 250]);
    expect(() => secondsMs('soon')).to.throw('a duration such as');
  });
});
