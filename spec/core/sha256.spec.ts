import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { sha256 as chosen } from '#sha256';
import { sha256 } from '../../lib/core/sha256.js';
import { sha256 as sha256OfNode } from '../../lib/platform/sha256.js';

const reference = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');

describe('sha256', () => {
  it('is that of FIPS 180-4, by its own examples', () => {
    expect(sha256('abc')).to.equal('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    const twoBlocks = 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq';
    expect(sha256(twoBlocks)).to.equal('248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1');
  });

  it('is the same in a browser as in Node, for all that there is to hash', () => {
    for (let length = 0; length < 200; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, index) => index * 7 + length);
      expect(sha256(bytes), `${length} bytes`).to.equal(reference(bytes));
    }
    const data = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(data, (some) => {
        expect(sha256(some)).to.equal(reference(some));
        expect(sha256OfNode(some)).to.equal(reference(some));
      }),
    );
  });

  it('is Node’s own here: what is hashed for each message is hashed fast', () => {
    expect(chosen).to.equal(sha256OfNode);
  });
});
