import fc from 'fast-check';
import type { JoinRequest, PublishAction } from '../../lib/codec/messages.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { type Rejection, type RejectionReason, rejectionDetails } from '../../lib/core/rejection.js';

/** Whatever the contract can carry: any well-formed text, and numbers up to where they stop being exact. */
export const text = fc.string({ unit: 'binary', maxLength: 40 });
export const uint64 = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 2 ** 32, Number.MAX_SAFE_INTEGER));
export const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
export const bigOrdinal = fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n });
export const chain = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => n.toString(16).padStart(16, '0'));

const stamped = {
  sequence: uint64,
  lamport: uint64,
  timeMs: fc.integer({ min: 0, max: 8_640_000_000_000_000 / 1000 }),
  participant: text,
  chain,
};

export const event: fc.Arbitrary<RoomEvent> = fc.oneof(
  fc.record({ kind: fc.constant('joined' as const), ...stamped }),
  fc.record({ kind: fc.constant('message' as const), ...stamped, text, ordinal: uint64, seen: uint64 }),
  fc.record({
    kind: fc.constant('left' as const),
    ...stamped,
    reason: fc.constantFrom('UNSPECIFIED', 'ASKED', 'CONNECTION_LOST', 'REMOVED', 'SERVER_RESTARTED'),
  }),
);

export const join: fc.Arbitrary<JoinRequest> = fc.record({
  room: text,
  name: text,
  history: uint32,
  resumable: fc.boolean(),
  resume: fc.option(fc.record({ session: text, logId: text, sequence: uint64, chain }), { nil: undefined }),
});

export const publish: fc.Arbitrary<PublishAction> = fc.record({
  text,
  ordinal: fc.oneof<fc.Arbitrary<number | bigint>[]>(uint64, bigOrdinal),
  seen: uint64,
});

export const rejection: fc.Arbitrary<Rejection> = fc.record({
  ordinal: fc.oneof<fc.Arbitrary<number | bigint>[]>(uint64, bigOrdinal),
  reason: fc.constantFrom(...(Object.keys(rejectionDetails) as RejectionReason[])),
  detail: text,
  retryAfterMs: uint32,
});
