import { expect } from 'chai';
import fc from 'fast-check';
import { Ordinals } from '../../lib/core/ordinals.js';
import { decodeRemembered, encodeRemembered } from '../../lib/core/remembered-ordinals.js';

/** What may be accepted one after the other: ordinals that rise, mostly by 1, and sequences that rise. */
const accepted = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 31 })),
      fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 2 ** 31 })),
    ),
    { maxLength: 60 },
  )
  .map((rises) => {
    let [ordinal, sequence] = [0, 0];
    return rises.map(([rise, later]): [number, number] => {
      ordinal += rise;
      sequence += later;
      return [ordinal, sequence];
    });
  });

const pairsOf = (ordinals: Ordinals): [number, number][] => {
  const remembered = decodeRemembered(ordinals.remembered());
  return remembered.ordinals.map((ordinal, index) => [ordinal, remembered.sequences[index] as number]);
};

describe('Ordinals', () => {
  it('knows what each accepted ordinal became [P5]', () => {
    const ordinals = new Ordinals();
    expect(ordinals.newest).to.equal(0);
    expect(ordinals.sequenceOf(1)).to.equal(undefined);
    ordinals.accept(3, 10, 100);
    ordinals.accept(7, 12, 100);
    expect(ordinals.newest).to.equal(7);
    expect([3, 5, 7, 8].map((ordinal) => ordinals.sequenceOf(ordinal))).to.deep.equal([10, undefined, 12, undefined]);
  });

  it('forgets the oldest over its limit, and still knows the newest [P5] [P12]', () => {
    const ordinals = new Ordinals();
    for (let ordinal = 1; ordinal <= 5; ordinal += 1) ordinals.accept(ordinal, ordinal * 10, 3);
    expect(pairsOf(ordinals)).to.deep.equal([
      [3, 30],
      [4, 40],
      [5, 50],
    ]);
    expect(ordinals.count).to.equal(3);
    expect(ordinals.sequenceOf(2)).to.equal(undefined);
    expect(ordinals.newest).to.equal(5);
  });

  it('remembers the newest ones, whatever was accepted, and goes on from them as if nothing had been [P5] [P12]', () => {
    fc.assert(
      fc.property(accepted, fc.integer({ min: 1, max: 20 }), fc.nat(60), (all, max, restart) => {
        let ordinals = new Ordinals();
        for (const [index, [ordinal, sequence]] of all.entries()) {
          if (index === restart) ordinals = new Ordinals(ordinals.remembered());
          ordinals.accept(ordinal, sequence, max);
          const kept = all.slice(Math.max(0, index + 1 - max), index + 1);
          expect(pairsOf(ordinals)).to.deep.equal(kept);
          expect(ordinals.count).to.equal(kept.length);
          expect(ordinals.newest).to.equal(ordinal);
        }
        const known = new Map(all.slice(-max));
        for (const [ordinal] of all) {
          for (const one of [ordinal - 1, ordinal, ordinal + 1]) {
            expect(ordinals.sequenceOf(one)).to.equal(known.get(one));
          }
        }
      }),
    );
  });

  it('come back from their text, up to the greatest there are', () => {
    const all = { ordinals: [1, 2, 2 ** 40, 2 ** 53 - 1], sequences: [1, 2 ** 31, 2 ** 51, 2 ** 52 - 1] };
    expect(decodeRemembered(encodeRemembered(all))).to.deep.equal(all);
    expect(decodeRemembered(encodeRemembered(all, 2))).to.deep.equal({
      ordinals: all.ordinals.slice(2),
      sequences: all.sequences.slice(2),
    });
    expect(encodeRemembered({ ordinals: [], sequences: [] })).to.equal('');
  });

  it('take two bytes each in a room of thousands who all talk, so that a snapshot of them costs little', () => {
    const ordinals = Array.from({ length: 1024 }, (_, index) => index + 1);
    const sequences = ordinals.map((ordinal) => ordinal * 2000);
    expect(Buffer.from(encodeRemembered({ ordinals, sequences }), 'base64')).to.have.length(2048);
  });

  it('throw where their text breaks off, rather than to remember what was not', () => {
    const text = encodeRemembered({ ordinals: [1], sequences: [1_000] });
    const broken = Buffer.from(text, 'base64').subarray(0, 1).toString('base64');
    expect(() => decodeRemembered(broken)).to.throw(RangeError);
  });
});
