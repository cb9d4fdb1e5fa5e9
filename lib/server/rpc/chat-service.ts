import type { ServerHttp2Stream } from 'node:http2';
import type {
  handleUnaryCall,
  ServerDuplexStream,
  ServerWritableStream,
  ServiceDefinition,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { chatService } from '../../codec/contract.js';
import {
  decodeLeaveRequest,
  decodeListParticipantsRequest,
  decodeListRoomsRequest,
  decodePublishRequest,
  decodeReadHistoryRequest,
} from '../../codec/requests.js';
import type { Limits } from '../../core/limits.js';
import { rejection } from '../../core/rejection.js';
import type { Journal } from '../../platform/journal.js';
import { passingBuffer } from '../../platform/small-heap.js';
import { principalOf } from '../access/principal.js';
import type { Actors, ServerRequest, SessionRequest } from '../actors/messages.js';
import type { Ending } from '../actors/peer.js';
import type { FastLane } from '../door/fast-lane.js';
import type { Sockets } from '../door/listener.js';
import type { Answer, CommandReply } from '../room/pending.js';
import { HistoryPage } from '../service/history-page.js';
import { ReadScheduler } from '../service/read-scheduler.js';
import { type RoomEncodings, RoomsPage } from '../service/rooms-page.js';
import { SharedFrame } from './grpc-js/framing.js';
import { dropMetadata, http2StreamOf } from './grpc-js/http2-streams.js';
import {
  chatMessage,
  historyReply,
  leaveReply,
  ParticipantsReplies,
  publishReply,
  type Reply,
  subscribeMessage,
} from './messages.js';
import { statusOf } from './status.js';
import { type ByteStream, StreamPeer } from './stream-peer.js';

/**
 * The contract's service with bytes for messages: the handlers decode requests, so that a fault in one gets an answer
 * of our own, and responses are encoded once for all their receivers.
 */
export const byteService: ServiceDefinition = Object.fromEntries(
  Object.entries(chatService).map(([name, method]) => {
    const requests = { requestDeserialize: asItIs, requestSerialize: asItIs };
    return [name, { ...method, ...requests, responseDeserialize: asItIs, responseSerialize: asItIs }];
  }),
);

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}

export interface ChatServiceParts {
  readonly actors: Actors;
  readonly sockets: Sockets;
  /** The way past an HTTP/2 stream, if there is one. */
  readonly laneOf: (stream: ServerHttp2Stream) => FastLane | undefined;
  readonly journal: Journal;
  readonly limits: Limits;
}

/**
 * The handlers of the contract's methods [S1]. Each hands its requests to the actors and knows no rule of the chat
 * itself. None throws: a fault is logged and ends its call alone, with INTERNAL.
 */
export function chatHandlers(parts: ChatServiceParts): UntypedServiceImplementation {
  const { actors, sockets, laneOf, journal, limits } = parts;
  const frame = new SharedFrame();

  /** Runs `work` on behalf of one call; `fail` ends that call. */
  const guarded = (work: () => void, fail: (ending: Ending) => void): void => {
    try {
      work();
    } catch (err) {
      journal.error('call-failed', { err });
      fail({ kind: 'failed' });
    }
  };

  const connected = (stream: ByteStream, begin: (peer: StreamPeer, tell: ReturnType<Actors['connect']>) => void) => {
    const wire = http2StreamOf(stream);
    dropMetadata(stream);
    const { writeBytesMax } = limits;
    const peer = new StreamPeer({ stream, wire, lane: wire && laneOf(wire), sockets, frame, writeBytesMax });
    guarded(
      () => {
        const connection = actors.connect(peer);
        // Also on a normal end, and only when the transport has let the stream go: 'close' may come before that.
        stream.on('cancelled', () => connection.tell({ kind: 'gone' }));
        begin(peer, connection);
      },
      (ending) => peer.end(ending),
    );
  };

  const chat = (stream: ServerDuplexStream<Buffer, Buffer>): void =>
    connected(stream, (peer, connection) => {
      stream.on('data', (bytes: Buffer) => {
        if (!peer.ended) connection.tell(chatMessage(bytes));
      });
      stream.on('end', () => connection.tell({ kind: 'half-closed' }));
    });

  const subscribe = (stream: ServerWritableStream<Buffer, Buffer>): void =>
    connected(stream, (_peer, connection) => connection.tell(subscribeMessage(stream.request)));

  const reads = new ReadScheduler(limits, setImmediate);
  const roomEncodings: RoomEncodings = new WeakMap();
  const participantsReplies = new ParticipantsReplies();

  /** Answers a unary call; what fails in `made` is logged and answered with INTERNAL. */
  const respond = (callback: sendUnaryData<Buffer>, made: () => Reply): number => {
    let bytes = 0;
    guarded(
      () => {
        const reply = made();
        if (Buffer.isBuffer(reply)) {
          bytes = reply.length;
          callback(null, reply);
        } else callback(statusOf(reply));
      },
      (ending) => callback(statusOf(ending)),
    );
    return bytes;
  };

  /**
   * A unary method that only reads: when it is its turn, `begin` makes what reads on until it hands over the reply.
   * `bytesMax`: of the reply.
   */
  const reading =
    <Request>(
      decode: (bytes: Buffer) => Request,
      bytesMax: number,
      begin: (request: Request) => ReadOn,
    ): handleUnaryCall<Buffer, Buffer> =>
    (call, callback) => {
      const readOn = decoded(() => begin(decode(call.request)), callback);
      if (!readOn) return;
      const connection = http2StreamOf(call)?.session ?? call.getPeer();
      const over = reads.add({
        connection,
        address: principalOf(call.getPeer()),
        bytesMax,
        step: ({ more, replied }) => {
          const reply = (made: () => Reply): void => {
            const bytes = respond(callback, made);
            passingBuffer(bytes);
            replied(bytes);
          };
          guarded(
            () => readOn(more, reply),
            (ending) => reply(() => ending),
          );
        },
      });
      if (!over) {
        callback(statusOf({ kind: 'refused', rejection: rejection('OVERLOADED', 0, limits.overloadedRetryMs) }));
        return;
      }
      // Also on a normal end: then the system has taken all of the reply.
      call.on('cancelled', over);
    };

  const ask = (request: ServerRequest): void => actors.tell(request);

  /** A unary method of a session: `asked` is what the request wants, `reply` says what its room answers. */
  const unary =
    <Request>(
      decode: (bytes: Buffer) => Request,
      asked: (request: Request) => SessionRequest,
      reply: (answer: Answer) => Reply,
    ): handleUnaryCall<Buffer, Buffer> =>
    (call, callback) => {
      const request = decoded(() => asked(decode(call.request)), callback);
      if (!request) return;
      // The answer comes from within an actor's turn, which a fault here is not to disturb.
      const replyTo = {
        tell: ({ answer }: CommandReply): void => {
          respond(callback, () => reply(answer));
        },
      };
      guarded(
        () => actors.tell({ kind: 'request', request, replyTo }),
        (ending) => callback(statusOf(ending)),
      );
    };

  return {
    Chat: chat,
    Subscribe: subscribe,
    Publish: unary(
      decodePublishRequest,
      ({ session, lamport, ...publish }) => ({ kind: 'publish', session, lamport, publish }),
      publishReply,
    ),
    Leave: unary(decodeLeaveRequest, (leave) => ({ kind: 'leave', ...leave }), leaveReply),
    ReadHistory: reading(decodeReadHistoryRequest, limits.pageBytesMax, (request) => {
      const page = new HistoryPage({ request, limits, ask });
      return (more, reply) => page.readOn(more, (answer) => reply(() => historyReply(answer)));
    }),
    ListRooms: reading(decodeListRoomsRequest, limits.pageBytesMax, (request) => {
      const page = new RoomsPage({ request, limits, encodings: roomEncodings, ask });
      return (more, reply) => page.readOn(more, (rooms) => reply(() => rooms));
    }),
    ListParticipants: reading(
      decodeListParticipantsRequest,
      participantsBytesMax(limits),
      ({ room }) =>
        (_more, reply) =>
          ask({
            kind: 'list-participants',
            room,
            replyTo: { tell: (answer) => reply(() => participantsReplies.of(answer)) },
          }),
    ),
  };
}

/** What `made` makes of a request; undefined where its bytes are no request, and the call is ended. */
function decoded<Made>(made: () => Made, callback: sendUnaryData<Buffer>): Made | undefined {
  try {
    return made();
  } catch {
    callback(statusOf({ kind: 'malformed' }));
    return undefined;
  }
}

/** Does the next part of a read; then either asks to go on, or hands over what makes the reply. */
type ReadOn = (more: () => void, reply: (made: () => Reply) => void) => void;

/** A list of participants, in bytes, at most: a name's code points have up to 4 bytes, and 3 go before them. */
function participantsBytesMax(limits: Pick<Limits, 'participantsPerRoomMax' | 'nameCodePointsMax'>): number {
  return limits.participantsPerRoomMax * (4 * limits.nameCodePointsMax + 3);
}
