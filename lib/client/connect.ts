import { Client, type ClientDuplexStream, credentials, Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { encodeChatRequest } from '../codec/requests.js';
import { type ChatResponse, decodeChatResponse, type Welcome } from '../codec/responses.js';
import { LamportClock } from '../core/clock.js';
import { defaultLimits } from '../core/limits.js';
import { rejection } from '../core/rejection.js';
import { codePoints } from '../core/text.js';
import { silent } from '../journal/journal.js';
import type { ChatClient, ConnectOptions } from './chat-client.js';
import { CannotConnect, Refused } from './errors.js';
import { clientLimits } from './limits.js';
import { asIs, methodPath } from './service-calls.js';
import { Visit } from './visit.js';

export const defaultServer = '127.0.0.1:4000';

/**
 * Joins a room and resolves with the visit once the server has let it in [S5]. Rejects with `Refused` where the server
 * did not, or cannot, and with `CannotConnect` where none answered within `joinMsMax`.
 */
export async function connect(options: ConnectOptions): Promise<ChatClient> {
  const { server = defaultServer, room = '', history = 0, journal = silent, clock = new LamportClock() } = options;
  const name = options.name.normalize('NFC');
  refuseTooLong(name, room);
  const client = open(server);
  const stream: ClientDuplexStream<Buffer, ChatResponse> = client.makeBidiStreamRequest(
    methodPath('Chat'),
    asIs,
    (bytes: Buffer) => decodeChatResponse(bytes),
    new Metadata(),
    {},
  );
  const lamport = clock.tick();
  journal.info('connect', { participant: name, room, server, lamport });
  const join = { kind: 'join', room, name, history, resumable: false } as const;
  stream.write(encodeChatRequest({ lamport, action: join }));
  try {
    const welcome = await answerOf(stream, server);
    journal.info('welcome', {
      participant: name,
      room: welcome.room,
      sequence: welcome.sequence,
      logId: welcome.logId,
    });
    return new Visit({ client, stream, welcome, name, clock, journal });
  } catch (error) {
    journal.warn('not-joined', { participant: name, room, server, err: error });
    client.close();
    throw error;
  }
}

/** Not left to the server, which refuses a request that is too large together with its stream, and without a reason. */
function refuseTooLong(name: string, room: string): void {
  const { nameCodePointsMax, roomNameLengthMax } = defaultLimits;
  if (codePoints(name, nameCodePointsMax) > nameCodePointsMax) throw new Refused(rejection('NAME_INVALID'));
  if (room.length > roomNameLengthMax) throw new Refused(rejection('ROOM_INVALID'));
}

function open(server: string): Client {
  try {
    return new Client(server, credentials.createInsecure(), {
      'grpc.keepalive_time_ms': clientLimits.keepaliveMs,
      'grpc.keepalive_timeout_ms': clientLimits.keepaliveTimeoutMs,
      'grpc.max_receive_message_length': clientLimits.responseBytesMax,
      // A connection of its own for each visit: one connection takes only so many streams.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
    });
  } catch (error) {
    throw new CannotConnect(`${server} is no server's address; write HOST:PORT`, { cause: error });
  }
}

/** The server's answer to the join. The stream is paused afterwards, until its next reader. */
function answerOf(stream: ClientDuplexStream<Buffer, ChatResponse>, server: string): Promise<Welcome> {
  return new Promise((resolve, reject) => {
    let refused: Refused | undefined;
    const impatience = setTimeout(() => stream.cancel(), clientLimits.joinMsMax);
    const done = () => {
      clearTimeout(impatience);
      stream.off('data', first);
      stream.off('status', ended);
      stream.pause();
    };
    const first = ({ welcome, rejection }: ChatResponse) => {
      if (rejection) refused = new Refused(rejection);
      if (!welcome) return;
      done();
      resolve(welcome);
    };
    const ended = ({ code, details }: StatusObject) => {
      done();
      reject(refused ?? new CannotConnect(`no chat server answers at ${server}: ${why(code, details)}`));
    };
    stream.on('data', first);
    stream.on('status', ended);
    stream.on('error', () => {});
  });
}

function why(code: number, details: string): string {
  switch (code) {
    case status.CANCELLED:
      return `not within ${clientLimits.joinMsMax / 1000} s`;
    case status.UNIMPLEMENTED:
      return 'what answers there is something else';
    default:
      return cause(details);
  }
}

/** The system's own words in what gRPC says, which wraps them: `connect ECONNREFUSED 127.0.0.1:4000`. */
function cause(details: string): string {
  const [, error] = /Last error: (?:Error: )?(.+?)\.? Resolution note:/.exec(details) ?? [];
  return error ?? details.replace(/\.$/, '');
}
