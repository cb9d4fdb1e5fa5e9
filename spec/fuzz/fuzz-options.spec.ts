import { expect } from 'chai';
import { FuzzUsage, fuzzOptions } from './fuzz-options.js';

describe('fuzzOptions', () => {
  it('has a default for each, and takes what is given', () => {
    expect(fuzzOptions([])).to.deep.equal({
      ...{ seed: 1, seconds: 60, from: 0, connections: 2 ** 31, atOnce: 16 },
      ...{ node: undefined, nodes: false },
    });
    const args = ['--seed', '9', '--seconds', '5', '--from', '3', '--connections', '1', '--at-once', '1'];
    expect(fuzzOptions([...args, '--node', '/usr/bin/node'])).to.deep.equal({
      ...{ seed: 9, seconds: 5, from: 3, connections: 1, atOnce: 1 },
      ...{ node: '/usr/bin/node', nodes: false },
    });
  });

  it('says what would make sense', () => {
    expect(() => fuzzOptions(['--seconds', '0'])).to.throw(FuzzUsage, '--seconds is a whole number from 1 to 86400');
    expect(() => fuzzOptions(['--seed', 'x'])).to.throw(FuzzUsage, '--seed is a whole number');
    expect(() => fuzzOptions(['--node', 'x', '--nodes'])).to.throw(FuzzUsage, 'not both');
    expect(() => fuzzOptions(['--sed', '1'])).to.throw(FuzzUsage, "'--sed'");
  });
});
