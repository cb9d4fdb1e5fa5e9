import { expect } from 'chai';
import fc from 'fast-check';
import { chainOfFixed64, exactInteger, exactNumber, fixed64OfChain } from '../../lib/codec/wire-types.js';
import { chain } from './arbitrary.js';

const any = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe('uint64', () => {
  it('becomes a number where that is exact, and Infinity where it is not', () => {
    expect(exactNumber('0')).to.equal(0);
    expect(exactNumber('9007199254740991')).to.equal(Number.MAX_SAFE_INTEGER);
    expect(exactNumber('9007199254740992')).to.equal(Number.POSITIVE_INFINITY);
    fc.assert(
      fc.property(any, (value) => {
        const number = exactNumber(value.toString());
        expect(number === Number.POSITIVE_INFINITY || BigInt(number) === value).to.equal(true);
      }),
    );
  });

  it('becomes an exact integer whatever its size', () => {
    expect(exactInteger('7')).to.equal(7);
    expect(exactInteger('9007199254740992')).to.equal(2n ** 53n);
    fc.assert(
      fc.property(any, (value) => {
        expect(BigInt(exactInteger(value.toString()))).to.equal(value);
      }),
    );
  });

  it('becomes a chain and is made of one without loss, leading zeros too', () => {
    expect(fixed64OfChain('00000000000000ff')).to.equal('255');
    expect(chainOfFixed64('255')).to.equal('00000000000000ff');
    expect(chainOfFixed64('18446744073709551615')).to.equal('ffffffffffffffff');
    fc.assert(
      fc.property(chain, (one) => {
        expect(chainOfFixed64(fixed64OfChain(one))).to.equal(one);
      }),
    );
  });
});
