import { expect } from 'chai';
import { SiegeUsage, siegeOptions } from './siege-options.js';

const attacks = ['frames', 'abuse'];

describe('siegeOptions', () => {
  it('has a default for each, and takes what is given', () => {
    expect(siegeOptions([], attacks)).to.deep.equal({
      ...{ seed: 1, seconds: 60, storm: 2000, oneAddress: false, without: [], growthMax: 100, node: undefined },
    });
    const args = [
      '--seed',
      '3',
      '--seconds',
      '5',
      '--storm',
      '0',
      '--one-address',
      '--without',
      'abuse',
      '--growth-max',
      '90',
    ];
    expect(siegeOptions([...args, '--node', '/usr/bin/node'], attacks)).to.deep.equal({
      ...{ seed: 3, seconds: 5, storm: 0, oneAddress: true, without: ['abuse'], growthMax: 90, node: '/usr/bin/node' },
    });
  });

  it('says what would make sense', () => {
    expect(() => siegeOptions(['--storm', '2001'], attacks)).to.throw(SiegeUsage, '--storm is a whole number from 0');
    expect(() => siegeOptions(['--without', 'x'], attacks)).to.throw(SiegeUsage, '--without is one of frames, abuse');
    expect(() => siegeOptions(['--with', 'x'], attacks)).to.throw(SiegeUsage, "'--with'");
  });
});
