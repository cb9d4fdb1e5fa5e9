import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeRemembered,
  encodeRemembered,
  Ordinals,
  type OrdinalsPart,
  pairsPerPart,
} from '../../lib/core/ordinals.js';

/** What may be accepted one after the other: ordinals that rise, mostly by 1, and sequences that rise. */
const accepted = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 31 })),
      fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 2 ** 31 })),
    ),
    { maxLength: 300, size: 'max' },
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
  const remembered = ordinals.remembered();
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

  it('remembers the newest ones, whatever was accepted, and goes on from its parts and its rest as if nothing had been [P5] [P12]', () => {
    fc.assert(
      fc.property(accepted, fc.integer({ min: 1, max: 200 }), fc.nat(300), (all, max, restart) => {
        const stored = new Map<number, OrdinalsPart>();
        let ordinals = new Ordinals();
        for (const [index, [ordinal, sequence]] of all.entries()) {
          if (index === restart) ordinals = restored(ordinals, [...stored.values()]);
          const change = ordinals.accept(ordinal, sequence, max);
          if (change?.filled) stored.set(change.filled.through, change.filled);
          for (const through of change?.forgotten ?? []) expect(stored.delete(through)).to.equal(true);
          expect([...stored.keys()]).to.deep.equal(ordinals.partsThrough());
          expect(ordinals.count).to.equal(Math.min(max, index + 1));
          expect(ordinals.newest).to.equal(ordinal);
          if (index % 29 !== 0 && index < all.length - 1) continue;
          expect(pairsOf(ordinals)).to.deep.equal(all.slice(Math.max(0, index + 1 - max), index + 1));
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

  it('gives each part once, when it is full, and has less than a part beside them', () => {
    const ordinals = new Ordinals();
    const filled: number[] = [];
    const forgotten: number[] = [];
    for (let ordinal = 1; ordinal <= 2_000; ordinal += 1) {
      const change = ordinals.accept(ordinal, ordinal * 3, 1_000);
      if (change?.filled) filled.push(change.filled.through);
      forgotten.push(...(change?.forgotten ?? []));
      expect(decodeRemembered(ordinals.rest(), 'base64').ordinals).to.have.length(ordinal % pairsPerPart);
    }
    expect(filled).to.deep.equal(Array.from({ length: 31 }, (_, part) => (part + 1) * pairsPerPart * 3));
    expect(forgotten).to.deep.equal(filled.slice(0, 15));
    expect(ordinals.partsRange()).to.deep.equal({ first: filled[15], last: filled[30], count: 16, forgotten: 40 });
  });

  for (const encoding of ['base64', 'latin1'] as const) {
    it(`come back from their text, up to the greatest there are, in ${encoding}`, () => {
      const all = { ordinals: [1, 2, 2 ** 40, 2 ** 53 - 1], sequences: [1, 2 ** 31, 2 ** 51, 2 ** 52 - 1] };
      expect(decodeRemembered(encodeRemembered(all, encoding), encoding)).to.deep.equal(all);
      const many = Array.from({ length: 5_000 }, (_, index) => 2 ** 40 + index * 2 ** 39);
      const large = { ordinals: many, sequences: many };
      expect(decodeRemembered(encodeRemembered(large, encoding), encoding)).to.deep.equal(large);
      expect(encodeRemembered({ ordinals: [], sequences: [] }, encoding)).to.equal('');
    });
  }

  it('take two bytes each in a room of thousands who all talk, so that a snapshot of them costs little', () => {
    const ordinals = Array.from({ length: 1024 }, (_, index) => index + 1);
    const sequences = ordinals.map((ordinal) => ordinal * 2000);
    expect(encodeRemembered({ ordinals, sequences }, 'latin1')).to.have.length(2048);
  });

  it('throw where their text breaks off, rather than to remember what was not', () => {
    const text = encodeRemembered({ ordinals: [1], sequences: [1_000] }, 'latin1');
    expect(() => decodeRemembered(text.slice(0, 1), 'latin1')).to.throw(RangeError);
  });
});

/** What a snapshot keeps of `ordinals`, taken from it. */
function restored(ordinals: Ordinals, parts: readonly OrdinalsPart[]): Ordinals {
  const again = new Ordinals(parts, ordinals.partsRange()?.forgotten);
  const rest = decodeRemembered(ordinals.rest(), 'base64');
  for (const [index, ordinal] of rest.ordinals.entries()) {
    again.accept(ordinal, rest.sequences[index] as number, Number.POSITIVE_INFINITY);
  }
  return again;
}
