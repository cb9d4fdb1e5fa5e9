import { randomBytes } from 'node:crypto';
import { messageCodec } from '../../lib/codec/contract.js';
import { encodeChatRequest } from '../../lib/codec/requests.js';
import { encodePublishRequest } from '../codec/other-side.js';
import type { RudeScene } from './rude-scene.js';

/** Something that no client should send. */
export interface BadInput {
  readonly name: string;
  /** A rejection's reason, a gRPC status's name, or what comes back over the bare connection. */
  readonly expected: string;
  /** Sends it and resolves with the answer. Rejects where none came in time. */
  readonly send: (scene: RudeScene) => Promise<string>;
}

const rawChat = messageCodec('ChatRequest');
const rawPublish = messageCodec('PublishRequest');

/** The same bytes with the place holder replaced by some that are no UTF-8. */
function notUtf8(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replace('@@', '\xff\xfe'), 'latin1');
}

const texts: readonly (readonly [expected: string, name: string, text: string])[] = [
  ['TEXT_EMPTY', 'an empty text', ''],
  ['TEXT_EMPTY', 'a blank text', ' \t\u3000 '],
  ['TEXT_TOO_LONG', 'a text of 129 code points', '🎉'.repeat(129)],
  ['TEXT_INVALID', 'an escape character', 'a\u001b[2Jb'],
  ['TEXT_INVALID', 'a line feed', 'a\nb'],
  ['TEXT_INVALID', 'a C1 control character', 'a\u009bb'],
  ['TEXT_INVALID', 'DEL', 'a\u007fb'],
];

const names: readonly (readonly [name: string, participant: string])[] = [
  ['an empty name', ''],
  ['a name of 33 code points', 'a'.repeat(33)],
  ['a reserved name', 'SERVER'],
  ['a name with a bidirectional override', 'a\u202eb'],
  ['a name with a zero-width space', 'a\u200bb'],
  ['a name with a zero-width joiner', 'a\u200db'],
  ['a name with a line feed', 'a\nb'],
  ['a name that is not NFC', 'e\u0301'],
];

/** All of the bad input that the server promises an answer to, each with its answer. */
export const badInputs: readonly BadInput[] = [
  ...texts.map(([expected, name, text]) => ({
    name: `${name}, on a stream`,
    expected,
    send: (scene: RudeScene) => scene.refusedOnStream({ text }),
  })),
  ...texts.map(([expected, name, text]) => ({
    name: `${name}, by a call`,
    expected,
    send: (scene: RudeScene) => scene.refusedByCall({ text }),
  })),
  ...names.map(([name, participant]) => ({
    name,
    expected: 'NAME_INVALID',
    send: (scene: RudeScene) => scene.refusedJoin({ name: participant }),
  })),
  {
    name: 'a room of another form',
    expected: 'ROOM_INVALID',
    send: (scene) => scene.refusedJoin({ name: 'Rude', room: 'Tea/Two' }),
  },
  {
    name: 'a text that is no UTF-8, on a stream',
    expected: 'TEXT_INVALID',
    send: (scene) =>
      scene.refusedOnStream({
        text: 'a\ufffd\ufffdb',
        bytes: (publish) => notUtf8(encodeChatRequest({ ...publish, action: { ...publish.action, text: 'a@@b' } })),
      }),
  },
  {
    name: 'a text that is no UTF-8, by a call',
    expected: 'TEXT_INVALID',
    send: (scene) =>
      scene.refusedByCall({
        text: 'a\ufffd\ufffdb',
        bytes: (publish) => notUtf8(encodePublishRequest({ ...publish, text: 'a@@b' })),
      }),
  },
  {
    name: 'a name that is no UTF-8',
    expected: 'NAME_INVALID',
    send: (scene) => scene.endedStream(notUtf8(rawChat.encode({ lamport: 1, join: { name: 'A@@a' } }))),
  },
  {
    name: 'a truncated request, on a stream',
    expected: 'INVALID_ARGUMENT',
    send: (scene) =>
      scene.endedVisit(
        encodeChatRequest({
          lamport: 1,
          action: { kind: 'publish', text: 'cut off', ordinal: 1, seen: 0 },
        }).subarray(0, -2),
      ),
  },
  {
    name: 'a truncated request, by a call',
    expected: 'INVALID_ARGUMENT',
    send: (scene) => scene.failedCall('Publish', Buffer.from([0x0a, 0x7f, 0x41])),
  },
  {
    name: 'a message of 20 KB, on a stream',
    expected: 'RESOURCE_EXHAUSTED',
    send: (scene) =>
      scene.endedVisit(
        encodeChatRequest({
          lamport: 1,
          action: { kind: 'publish', text: 'x'.repeat(20_000), ordinal: 1, seen: 0 },
        }),
      ),
  },
  {
    name: 'a message of 20 KB, by a call',
    expected: 'RESOURCE_EXHAUSTED',
    send: (scene) => scene.failedCall('Publish', Buffer.alloc(20_000)),
  },
  {
    name: 'a publish before the join',
    expected: 'NOT_JOINED',
    send: (scene) =>
      scene.refusedRequest(
        encodeChatRequest({ lamport: 1, action: { kind: 'publish', text: 'too early', ordinal: 7, seen: 0 } }),
      ),
  },
  {
    name: 'a second join',
    expected: 'ALREADY_JOINED',
    send: (scene) =>
      scene.refusedInVisit(
        encodeChatRequest({
          lamport: 1,
          action: { kind: 'join', name: 'Eve', room: '', history: 0, resumable: false },
        }),
      ),
  },
  {
    name: 'an action that the contract does not have',
    expected: 'NOT_ALLOWED',
    send: (scene) => scene.refusedInVisit(Buffer.from([0x08, 0x05, 0x4a, 0x00])),
  },
  {
    name: 'an unknown session',
    expected: 'SESSION_UNKNOWN',
    send: (scene) =>
      scene.failedCall(
        'Publish',
        encodePublishRequest({
          session: 'lobby:AAAAAAAAAAAAAAAAAAAAAA',
          lamport: 1,
          text: 'hello',
          ordinal: 1,
          seen: 0,
        }),
      ),
  },
  {
    name: 'an ordinal of 0',
    expected: 'ORDINAL_INVALID',
    send: (scene) => scene.refusedOnStream({ text: 'number zero', ordinal: 0 }),
  },
  {
    name: 'an ordinal that goes back to one that was never accepted',
    expected: 'ORDINAL_INVALID',
    send: (scene) => scene.refusedOnStream({ text: 'back to three', ordinal: 3, after: 5 }),
  },
  {
    name: 'a Lamport time of 2^64 - 1',
    expected: 'LAMPORT_TOO_FAR_AHEAD',
    send: (scene) =>
      scene.refusedByCall({
        text: 'from afar',
        bytes: ({ session, text, ordinal }) =>
          rawPublish.encode({ session, lamport: '18446744073709551615', message: { text, ordinal, seen: 0 } }),
      }),
  },
  {
    name: 'HTTP/1.1',
    expected: 'HTTP/1.1 505',
    send: async (scene) => (await scene.bare('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')).slice(0, 12),
  },
  {
    name: 'garbage',
    expected: '',
    send: (scene) => scene.bare(Buffer.concat([Buffer.from([0x16, 0x03, 0x01]), randomBytes(1000)])),
  },
  {
    name: 'half a preface, then silence',
    expected: '',
    send: (scene) => scene.bare('PRI * HTTP/2.0\r\n'),
  },
];
