import { expect } from 'chai';
import fc from 'fast-check';
import { decodeAnyEvent, decodeEvent, encodeAnyEvent, encodeEvent } from '../../lib/codec/event-codec.js';
import {
  decodeMessageEvent,
  decodePlainChatPublish,
  decodePlainPublish,
  encodeMessageEvent,
} from '../../lib/codec/plain-message.js';
import {
  decodeAnyChatRequest,
  decodeAnyPublishRequest,
  decodeChatRequest,
  decodePublishRequest,
  encodeChatRequest,
} from '../../lib/codec/requests.js';
import type { MessageEvent } from '../../lib/core/event.js';
import { event, publish, text, uint64 } from './arbitrary.js';
import { damaged, nearlyMessage } from './hostile.js';
import { encodePublishRequest } from './other-side.js';
import { rawField } from './wire.js';

const runs = { numRuns: 3_000 };

const chatPublish = fc
  .record({ lamport: uint64, action: publish.map((one) => ({ kind: 'publish' as const, ...one })) })
  .map(encodeChatRequest);
const publishRequest = fc
  .tuple(text, uint64, publish)
  .map(([session, lamport, one]) => encodePublishRequest({ session, lamport, ...one }));

/** What `decode` makes of the bytes: an error is as good as another, for all of them are answered alike. */
function outcome(decode: (bytes: Buffer) => unknown, bytes: Buffer): unknown {
  try {
    return decode(bytes);
  } catch {
    return 'an error';
  }
}

function alike(
  ours: (bytes: Buffer) => unknown,
  generic: (bytes: Buffer) => unknown,
  bytes: fc.Arbitrary<Buffer>,
): void {
  fc.assert(
    fc.property(bytes, (one) => {
      expect(outcome(ours, one)).to.deep.equal(outcome(generic, one));
    }),
    runs,
  );
}

describe('What is plain goes past the generic codec, with the same result:', () => {
  const message: MessageEvent = {
    kind: 'message',
    sequence: 7,
    lamport: 9,
    timeMs: 1_700_000_000_123,
    participant: 'Zoë',
    chain: 'ffee000000000001',
    text: '🎉 hi',
    ordinal: 3,
    seen: 6,
  };

  it('the bytes of an event', () => {
    fc.assert(
      fc.property(event, (one) => {
        expect(encodeEvent(one).equals(encodeAnyEvent(one))).to.equal(true);
      }),
      runs,
    );
  });

  it('the bytes of an event that no room makes', () => {
    const strange = [
      { text: 'a\ud800' },
      { text: `\udc00${'a'.repeat(50)}` },
      { participant: '\ud800' },
      { timeMs: -1 },
      { timeMs: 1.5 },
      { timeMs: 999.999_999_9 },
      { timeMs: Number.NaN },
      { sequence: -1 },
      { lamport: 0.5 },
      { ordinal: Number.POSITIVE_INFINITY },
      { seen: 2 ** 60 },
      { chain: 'ff' },
      { chain: 'FFEE000000000001' },
      { chain: 'no chain at all!' },
      { chain: 'ffee00000000000100' },
    ];
    for (const difference of strange) {
      const one = { ...message, ...difference };
      const bytes = outcome(() => encodeAnyEvent(one), Buffer.alloc(0));
      expect(
        outcome(() => encodeEvent(one), Buffer.alloc(0)),
        JSON.stringify(difference),
      ).to.deep.equal(bytes);
    }
  });

  it('an event, however its bytes are damaged', () =>
    alike(decodeEvent, decodeAnyEvent, damaged(event.map(encodeEvent))));

  it('an event in bytes that are nearly one', () => {
    alike(decodeEvent, decodeAnyEvent, nearlyMessage);
    alike(
      decodeEvent,
      decodeAnyEvent,
      nearlyMessage.map((bytes) => rawField(1, bytes)),
    );
  });

  it('a ChatRequest, however its bytes are damaged', () =>
    alike(decodeChatRequest, decodeAnyChatRequest, damaged(chatPublish)));

  it('a ChatRequest in bytes that are nearly one', () => {
    alike(decodeChatRequest, decodeAnyChatRequest, nearlyMessage);
    alike(
      decodeChatRequest,
      decodeAnyChatRequest,
      nearlyMessage.map((bytes) => rawField(3, bytes)),
    );
  });

  it('a PublishRequest, however its bytes are damaged', () =>
    alike(decodePublishRequest, decodeAnyPublishRequest, damaged(publishRequest)));

  it('a PublishRequest in bytes that are nearly one', () =>
    alike(decodePublishRequest, decodeAnyPublishRequest, nearlyMessage));

  it('numbers and lengths that are longer than need be, by however much', () => {
    const longer = (octet: number, by: number) => [octet | 128, ...Array.from({ length: by }, () => 128), 0];
    const field = (number: number, bytes: number[]) => [(number << 3) | 2, bytes.length, ...bytes];
    for (let by = 0; by < 12; by += 1) {
      const said = [0x0a, ...longer(2, by), 0x68, 0x69, 0x10, ...longer(3, by)];
      const requests = [field(3, said), [0x08, ...longer(9, by), ...field(3, said.slice(-2))]];
      // Bytes enough behind it for what the generic decoder skips of a length that is too long.
      requests.push([0x1a, ...longer(12, by), 0x0a, 10, ...Buffer.from('0123456789')]);
      for (const request of requests) {
        const bytes = Buffer.from(request);
        expect(outcome(decodeChatRequest, bytes)).to.deep.equal(outcome(decodeAnyChatRequest, bytes));
      }
      const nanos = field(3, [0x08, 1, 0x10, ...longer(64, by)]);
      for (const time of [nanos, field(3, [...nanos.slice(2), 1, 2, 3, 4, 5, 6])]) {
        const one = Buffer.from(field(1, [0x08, 1, ...time, ...field(6, [])]));
        expect(outcome(decodeEvent, one)).to.deep.equal(outcome(decodeAnyEvent, one));
      }
    }
  });

  it('and what everybody sends is plain', () => {
    expect(encodeMessageEvent(message)).to.deep.equal(encodeAnyEvent(message));
    expect(decodeMessageEvent(encodeAnyEvent(message))).to.deep.equal(message);
    const said = { text: '🎉 hi', ordinal: 3, seen: 6 };
    const chat = encodeChatRequest({ lamport: 2, action: { kind: 'publish', ...said } });
    expect(decodePlainChatPublish(chat)).to.deep.equal({ lamport: 2, message: said });
    const unary = encodePublishRequest({ session: 'lobby:s', lamport: 2, ...said });
    expect(decodePlainPublish(unary)).to.deep.equal({ session: 'lobby:s', lamport: 2, message: said });
  });
});
