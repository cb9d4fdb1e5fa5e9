import { Server, ServerCredentials, type ServerDuplexStream, type sendUnaryData, status } from '@grpc/grpc-js';
import { chatService } from '../../lib/codec/contract.js';
import type { ChatRequest, Farewell, Welcome } from '../../lib/codec/messages.js';
import { decodeChatRequest } from '../../lib/codec/requests.js';
import { encodeFarewell, encodeRejectionResponse } from '../../lib/codec/responses.js';
import { chainStart } from '../../lib/core/chain.js';
import type { RoomEvent } from '../../lib/core/event.js';
import type { Rejection } from '../../lib/core/rejection.js';
import { encodeWelcome } from '../codec/other-side.js';
import { encodeNewerEvent } from './newer-event.js';

const asIs = (bytes: Buffer): Buffer => bytes;

/** The contract's service with bytes for messages: a test may send what no codec would encode. */
const byteService = Object.fromEntries(
  Object.entries(chatService).map(([name, method]) => [
    name,
    { ...method, requestDeserialize: asIs, requestSerialize: asIs, responseDeserialize: asIs, responseSerialize: asIs },
  ]),
);

/** What comes to the scripted server may take this long; nothing is right by waiting. */
const patienceMs = 5_000;

/** The server's end of one Chat stream, played by a test. */
export class ScriptedStream {
  readonly requests: ChatRequest[] = [];
  cancelled = false;
  readonly #stream: ServerDuplexStream<Buffer, Buffer>;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  readonly #cancelled: Promise<void>;
  readonly #halfClosed: Promise<void>;

  constructor(stream: ServerDuplexStream<Buffer, Buffer>, requested: () => void) {
    this.#stream = stream;
    stream.on('data', (bytes: Buffer) => {
      this.requests.push(decodeChatRequest(bytes));
      for (const { count, resolve } of this.#waiting) if (this.requests.length >= count) resolve();
      requested();
    });
    stream.on('error', () => {});
    this.#halfClosed = new Promise((resolve) => stream.on('end', resolve));
    this.#cancelled = new Promise((resolve) => {
      stream.on('cancelled', () => {
        this.cancelled = true;
        resolve();
      });
    });
  }

  /** The request of that number, 1 for the join; waits for it. */
  async request(number: number): Promise<ChatRequest> {
    await inTime(
      `request ${number}`,
      new Promise<void>((resolve) => {
        if (this.requests.length >= number) resolve();
        else this.#waiting.push({ count: number, resolve });
      }),
    );
    return this.requests[number - 1] as ChatRequest;
  }

  /** Resolves when the client has cancelled. */
  ended(): Promise<void> {
    return inTime('the stream’s end', this.#cancelled);
  }

  /** Resolves when the client has said that it sends no more. */
  halfClosed(): Promise<void> {
    return inTime('the end of the requests', this.#halfClosed);
  }

  send(...bytes: readonly Buffer[]): void {
    this.#stream.write(Buffer.concat(bytes));
  }

  welcome(welcome: Partial<Welcome> = {}): void {
    this.send(encodeWelcome({ ...plainWelcome, ...welcome }));
  }

  /** As one message. */
  events(...events: readonly RoomEvent[]): void {
    this.send(...events.map(encodeNewerEvent));
  }

  reject(rejection: Rejection): void {
    this.send(encodeRejectionResponse(rejection));
  }

  farewell(farewell: Farewell): void {
    this.send(encodeFarewell(farewell));
  }

  end(): void {
    this.#stream.end();
  }

  /** Ends the stream with a status other than OK. */
  fail(code: status, details = 'scripted'): void {
    this.#stream.emit('error', { code, details });
  }
}

export const plainWelcome: Welcome = {
  session: 'lobby:AAAAAAAAAAAAAAAAAAAAAA',
  room: 'lobby',
  logId: 'log',
  sequence: 0,
  lamport: 0,
  chain: chainStart,
  participants: [],
  resumed: false,
  textLengthMax: 128,
  ordinal: 0,
  newest: 0,
};

type Unary = (
  request: Buffer,
) => Buffer | { readonly code: status; readonly details: string; readonly metadata?: unknown };

/** A real gRPC server on a free port, whose answers are the test's. */
export class ScriptedServer {
  readonly streams: ScriptedStream[] = [];
  /** Called with each new stream as soon as its first request is there. */
  onJoin: (stream: ScriptedStream) => void = () => {};
  /** The unary methods that the script answers, by name. */
  readonly unary: Record<string, Unary> = {};
  address = '';
  readonly #server = new Server();
  readonly #waiting: (() => void)[] = [];

  /** `address`: where an earlier one has stopped. */
  static async start(address = '127.0.0.1:0'): Promise<ScriptedServer> {
    const scripted = new ScriptedServer();
    scripted.#server.addService(byteService, scripted.#handlers());
    const port = await new Promise<number>((resolve, reject) =>
      scripted.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      }),
    );
    scripted.address = `127.0.0.1:${port}`;
    return scripted;
  }

  /** The stream of the next client, with its join. */
  async stream(): Promise<ScriptedStream> {
    const number = this.streams.length;
    await inTime('a stream', new Promise<void>((resolve) => this.#waiting.push(resolve)));
    return this.streams[number] as ScriptedStream;
  }

  /** Ends it with all its connections. */
  stop(): void {
    this.#server.forceShutdown();
  }

  #handlers(): Parameters<Server['addService']>[1] {
    const answering = Object.keys(chatService).map((name) => [
      name,
      ({ request }: { request: Buffer }, callback: sendUnaryData<Buffer>) => {
        const answer = this.unary[name]?.(request) ?? { code: status.UNIMPLEMENTED, details: 'not in the script' };
        if (Buffer.isBuffer(answer)) callback(null, answer);
        else callback(answer as Parameters<typeof callback>[0]);
      },
    ]);
    return {
      ...Object.fromEntries(answering),
      Chat: (stream: ServerDuplexStream<Buffer, Buffer>) => {
        const scripted: ScriptedStream = new ScriptedStream(stream, () => {
          if (scripted.requests.length > 1) return;
          this.streams.push(scripted);
          for (const resolve of this.#waiting.splice(0)) resolve();
          this.onJoin(scripted);
        });
      },
    };
  }
}

async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  let impatience: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    impatience = setTimeout(() => reject(new Error(`did not come: ${what}`)), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(impatience);
  }
}
