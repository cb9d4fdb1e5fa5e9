import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';

/** A number as a varint of any length, some longer than need be, or longer than any number is, or without an end. */
const varint: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.oneof(fc.nat(300), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 2n ** 52n, max: 2n ** 54n })),
    fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(11) }),
    fc.oneof({ weight: 12, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  )
  .map(([number, padding, ends]) => {
    const octets: number[] = [];
    for (let rest = BigInt(number); octets.length === 0 || rest > 0n; rest >>= 7n)
      octets.push(Number(rest & 127n) | 128);
    octets.push(...Array.from({ length: padding }, () => 128));
    if (ends) octets.push((octets.pop() as number) & 127);
    return Uint8Array.from(octets);
  });

const someText: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => Buffer.from(text)),
  fc.constantFrom('\ufffd', '\ufeff').map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 6 }),
);

/** Bytes with their length before them, which is not always right, nor always as short as it can be. */
function content(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Buffer> {
  const often = { weight: 12, arbitrary: fc.constant(0) };
  return fc
    .tuple(
      bytes,
      fc.oneof(often, { weight: 1, arbitrary: fc.integer({ min: -2, max: 2 }) }),
      fc.oneof(often, { weight: 1, arbitrary: varint }),
    )
    .map(([octets, error, instead]) => {
      const length = protobuf.Writer.create()
        .uint32(Math.max(0, octets.length + error))
        .finish();
      return Buffer.concat([instead === 0 ? length : (instead as Uint8Array), octets]);
    });
}

/**
 * Bytes near to a message: fields of any number and wire type in any order, again and again, within each other, with numbers
 * of any length, text of any bytes, groups, and what it takes to be cut short.
 */
export const nearlyMessage: fc.Arbitrary<Buffer> = fc.letrec<{ message: Buffer; field: Buffer }>((tie) => ({
  message: fc.array(tie('field'), { maxLength: 6, depthIdentifier: 'nesting' }).map((fields) => Buffer.concat(fields)),
  field: fc
    .tuple(
      // Field numbers that the contract has, one that it has not, and 0.
      fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 1, max: 9 }) }, { weight: 1, arbitrary: fc.constant(0) }),
      fc.oneof(
        { depthIdentifier: 'nesting', maxDepth: 3, depthSize: 'small' },
        varint.map((bytes) => [0, bytes] as const),
        fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => [1, bytes] as const),
        content(someText).map((bytes) => [2, bytes] as const),
        fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => [5, bytes] as const),
        fc.constantFrom([4, Buffer.alloc(0)] as const, [6, Buffer.alloc(0)] as const, [7, Buffer.alloc(0)] as const),
        content(tie('message')).map((bytes) => [2, bytes] as const),
        tie('message').map((bytes) => [3, Buffer.concat([bytes, Buffer.from([(1 << 3) | 4])])] as const),
      ),
    )
    .map(([number, [wireType, bytes]]) => Buffer.concat([Buffer.from([(number << 3) | wireType]), bytes])),
})).message;

/** `whole` as it is or damaged at one place: a byte changed, put in or taken out, its end cut off, a part twice, its halves swapped. */
export function damaged(whole: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  const place = fc.nat(200);
  return fc
    .tuple(whole, place, place, fc.nat(255), fc.constantFrom(...damages))
    .map(([bytes, one, other, octet, damage]) => {
      const [from, to] = [one % (bytes.length + 1), other % (bytes.length + 1)].sort((a, b) => a - b) as [
        number,
        number,
      ];
      return damage({ before: bytes.subarray(0, from), after: bytes.subarray(from), to: to - from, octet });
    });
}

interface Place {
  readonly before: Buffer;
  readonly after: Buffer;
  /** How far into `after` the damage may reach. */
  readonly to: number;
  readonly octet: number;
}

const damages: ((place: Place) => Buffer)[] = [
  ({ before, after }) => Buffer.concat([before, after]),
  ({ before, after, octet }) => Buffer.concat([before, Buffer.of(octet), after.subarray(1)]),
  ({ before, after, octet }) => Buffer.concat([before, Buffer.of(octet), after]),
  ({ before, after }) => Buffer.concat([before, after.subarray(1)]),
  ({ before }) => Buffer.from(before),
  ({ before, after, to }) => Buffer.concat([before, after.subarray(0, to), after]),
  ({ before, after, to }) => Buffer.concat([before, after, after.subarray(0, to)]),
  ({ before, after }) => Buffer.concat([after, before]),
];
