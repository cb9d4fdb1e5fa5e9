import type { JoinRequest } from '../../lib/codec/messages.js';
import { encodeChatRequest, encodeListRoomsRequest, encodeReadHistoryRequest } from '../../lib/codec/requests.js';
import {
  encodeLeaveRequest,
  encodeListParticipantsRequest,
  encodePublishRequest,
  encodeSubscribeRequest,
} from '../codec/other-side.js';
import { grpcMessage } from '../server/rpc/http2-frames.js';
import type { Random } from '../simulation/random.js';

/** Few, so that a long run does not end by the limit on rooms; and none in which anybody else is judged, as in the torture. */
const rooms = ['fuzz', 'fuzz-1', 'fuzz-2', 'fuzz-3'] as const;

/** A call by its path, and what may be said on it, right or nearly so. */
export interface CallKind {
  readonly path: string;
  readonly message: (random: Random) => Buffer;
  /** The server holds it open when its caller has ended its side. */
  readonly lasts: boolean;
}

const service = (method: string): string => `/chit.v1.ChatService/${method}`;

const session = (random: Random): string => `${random.pick(['lobby', 'fuzz-1', 'x'])}:${'A'.repeat(22)}`;

const join = (random: Random): JoinRequest => ({
  room: random.pick(rooms),
  name: `Fuzz ${random.between(0, 99_999)}`,
  history: random.pick([0, 0, 3, 1000, 4_000_000]),
  resumable: random.chance(0.2),
});

const text = (random: Random): string => random.pick(['hello', 'é\u00ff', '🎉'.repeat(100), ' ', 'x'.repeat(600)]);

function chatRequest(random: Random): Buffer {
  const lamport = random.pick([0, 1, 5, 2 ** 20, 2 ** 40]);
  switch (random.weighted({ join: 4, publish: 6, leave: 1 })) {
    case 'join':
      return encodeChatRequest({ lamport, action: { kind: 'join', ...join(random) } });
    case 'publish':
      return encodeChatRequest({
        lamport,
        action: { kind: 'publish', text: text(random), ordinal: random.between(0, 9), seen: random.between(0, 9) },
      });
    case 'leave':
      return encodeChatRequest({ lamport, action: { kind: 'leave' } });
  }
}

const calls: readonly CallKind[] = [
  { path: service('Chat'), message: chatRequest, lasts: true },
  {
    path: service('Subscribe'),
    message: (random) => encodeSubscribeRequest({ lamport: 1, join: join(random) }),
    lasts: true,
  },
  {
    path: service('Publish'),
    message: (random) =>
      encodePublishRequest({ session: session(random), lamport: 1, text: text(random), ordinal: 1, seen: 0 }),
    lasts: false,
  },
  {
    path: service('Leave'),
    message: (random) => encodeLeaveRequest({ session: session(random), lamport: 1 }),
    lasts: false,
  },
  {
    path: service('ReadHistory'),
    message: (random) =>
      encodeReadHistoryRequest({
        room: random.pick(rooms),
        after: random.pick([0, 3, 2 ** 40]),
        limit: random.pick([0, 1, 1000]),
      }),
    lasts: false,
  },
  { path: service('ListRooms'), message: () => encodeListRoomsRequest(), lasts: false },
  {
    path: service('ListParticipants'),
    message: (random) => encodeListParticipantsRequest({ room: random.pick(rooms) }),
    lasts: false,
  },
  { path: service('NoSuchMethod'), message: () => Buffer.from([8, 1]), lasts: false },
  { path: '/grpc.health.v1.Health/Watch', message: () => Buffer.alloc(0), lasts: true },
  { path: '/grpc.health.v1.Health/Check', message: () => Buffer.from([0x0a, 1, 0x78]), lasts: false },
  {
    path: '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    message: (random) => random.pick([Buffer.from([0x3a, 0]), Buffer.from([0x22, 1, 0x78])]),
    lasts: true,
  },
];

export const someCall = (random: Random): CallKind => random.pick(calls);

/** Bytes near to `bytes`: some changed, cut off, put in, or said twice. */
export function nearly(random: Random, bytes: Buffer): Buffer {
  const at = random.between(0, Math.max(0, bytes.length - 1));
  switch (random.weighted({ flip: 4, cut: 2, insert: 2, twice: 1, noise: 1 })) {
    case 'flip': {
      const flipped = Buffer.from(bytes);
      if (flipped.length > 0) flipped[at] = (flipped[at] as number) ^ (1 << random.between(0, 7));
      return flipped;
    }
    case 'cut':
      return Buffer.from(bytes.subarray(0, at));
    case 'insert':
      return Buffer.concat([bytes.subarray(0, at), noise(random, random.between(1, 9)), bytes.subarray(at)]);
    case 'twice':
      return Buffer.concat([bytes, bytes]);
    case 'noise':
      return noise(random, random.between(0, 60));
  }
}

/** One message as gRPC frames it, or nearly. */
export function hostileMessage(random: Random, kind: CallKind, wildness: number): Buffer {
  const message = kind.message(random);
  if (!random.chance(wildness)) return grpcMessage(message);
  switch (random.weighted({ content: 6, compressed: 1, length: 2, prefix: 2, huge: 1 })) {
    case 'content':
      return grpcMessage(nearly(random, message));
    case 'compressed':
      return grpcMessage(message, random.between(1, 255));
    case 'length': {
      const wrong = grpcMessage(message);
      wrong.writeUInt32BE(random.pick([0, message.length + 1, 16_385, 2 ** 31, 2 ** 32 - 1]), 1);
      return wrong;
    }
    case 'prefix':
      return nearly(random, grpcMessage(message));
    case 'huge':
      return grpcMessage(Buffer.alloc(random.pick([16_384, 16_385, 40_000]), 0x0a));
  }
}

export function noise(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.between(0, 255)));
}
