import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  checksumSeed,
  eventSeed,
  isSound,
  seal,
  sealAsDamaged,
  sealed,
  unsealed,
} from '../../../lib/server/log/checksum.js';

describe('A checksum', () => {
  const seed = checksumSeed('event', 'lobby');
  const value = Buffer.from('some value');

  it('gives back what was sealed', () => {
    expect(unsealed(sealed(value, seed), seed)?.equals(value)).to.equal(true);
    expect(unsealed(sealed(Buffer.alloc(0), seed), seed)).to.have.length(0);
  });

  it('is CRC-32, as zlib has it', () => {
    expect(sealed(Buffer.from('123456789'), 0).readUInt32BE(0)).to.equal(0xcbf43926);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }), (bytes, begin) => {
        expect(sealed(bytes, begin).readUInt32BE(0)).to.equal(crc32(bytes, begin));
      }),
    );
  });

  it('notices every flipped bit, in the value and in itself', () => {
    const stored = sealed(value, seed);
    for (let bit = 0; bit < stored.length * 8; bit += 1) {
      const flipped = Buffer.from(stored);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(unsealed(flipped, seed), `bit ${bit}`).to.equal(undefined);
    }
  });

  it('notices what is too short to have one, cut off or longer', () => {
    const stored = sealed(value, seed);
    for (let length = 0; length < stored.length; length += 1) {
      expect(isSound(stored.subarray(0, length), seed)).to.equal(false);
    }
    expect(isSound(Buffer.concat([stored, Buffer.alloc(1)]), seed)).to.equal(false);
  });

  it('notices a value under a key that it was not written under', () => {
    const at = (room: string, sequence: number) => eventSeed(checksumSeed('event', room), sequence);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), fc.integer({ min: 1, max: 2 ** 31 }), (one, other) => {
        fc.pre(one !== other);
        return !isSound(sealed(value, at('lobby', one)), at('lobby', other));
      }),
    );
    expect(isSound(sealed(value, at('lobby', 1)), at('annex', 1))).to.equal(false);
    for (const kind of ['head', 'snapshot', 'id'] as const) {
      expect(isSound(sealed(value, checksumSeed(kind, 'lobby')), seed)).to.equal(false);
    }
  });

  it('can say that a value is damaged', () => {
    const stored = Buffer.concat([Buffer.alloc(4), value]);
    expect(isSound(sealAsDamaged(stored, seed), seed)).to.equal(false);
    expect(isSound(seal(stored, seed), seed)).to.equal(true);
  });
});
