import { type ClientDuplexStream, Metadata, type StatusObject, status } from '@grpc/grpc-js';
import type { ChatRequest, ChatResponse, Farewell } from '../../codec/messages.js';
import { encodeChatRequest } from '../../codec/requests.js';
import { decodeChatResponse } from '../../codec/responses.js';
import { CannotConnect, HistoryDamaged, ProxyFailed, Refused } from '../errors.js';
import { clientLimits } from '../limits.js';
import type { StreamEnd } from '../session/protocol.js';
import type { ChatStream, StreamListener } from '../transport.js';
import type { GrpcClient } from './open-client.js';
import { asIs, methodPath } from './service-calls.js';

/** A Chat stream over gRPC. */
export class GrpcStream implements ChatStream {
  readonly #client: GrpcClient;
  readonly #listener: StreamListener;
  readonly #stream: ClientDuplexStream<Buffer, ChatResponse>;
  /** What came before `listen`. */
  readonly #early: ChatResponse[] = [];
  readonly #joinTimer: NodeJS.Timeout;
  #state: 'joining' | 'welcomed' | 'listening' = 'joining';
  #refused: Refused | undefined;
  #farewell: Farewell | undefined;
  #status: StatusObject | undefined;
  #read = false;

  /** Sends `request`, a join. */
  constructor(client: GrpcClient, request: ChatRequest, listener: StreamListener) {
    this.#client = client;
    this.#listener = listener;
    const decode = (bytes: Buffer) => decodeChatResponse(bytes);
    this.#stream = client.makeBidiStreamRequest(methodPath('Chat'), asIs, decode, new Metadata(), {});
    this.#joinTimer = setTimeout(() => this.cancel(), clientLimits.joinMsMax);
    this.#stream.on('data', (response: ChatResponse) => this.#respond(response));
    this.#stream.on('end', () => {
      this.#read = true;
      this.#lookForEnd();
    });
    this.#stream.on('status', (ended: StatusObject) => {
      this.#status = ended;
      if (this.#state === 'listening') listener.streamEnded();
      // What has arrived is not lost, even where the reader pauses: it is no longer the server that waits.
      this.#stream.resume();
      this.#lookForEnd();
    });
    // The status says what an error would.
    this.#stream.on('error', () => {});
    this.send(request);
  }

  listen(paused: boolean): void {
    this.#state = 'listening';
    if (this.#status) this.#listener.streamEnded();
    for (const response of this.#early.splice(0)) this.#listener.responded(response);
    if (!paused) this.#stream.resume();
    this.#lookForEnd();
  }

  send(request: ChatRequest): void {
    this.#stream.write(encodeChatRequest(request));
  }

  pause(paused: boolean): void {
    if (!paused) this.#stream.resume();
    else if (!this.#status) this.#stream.pause();
  }

  halfClose(): void {
    this.#stream.end();
  }

  /** To a plain session it may be a leave, because grpc-js closes the requests first. */
  cancel(): void {
    this.#stream.cancel();
  }

  #respond(response: ChatResponse): void {
    if (response.farewell) this.#farewell = response.farewell;
    if (this.#state === 'listening') this.#listener.responded(response);
    else if (this.#state === 'welcomed') this.#early.push(response);
    else if (response.welcome) {
      clearTimeout(this.#joinTimer);
      this.#state = 'welcomed';
      this.#early.push(response);
      this.#stream.pause();
      this.#listener.welcomed(response.welcome);
    } else if (response.rejection) this.#refused = new Refused(response.rejection);
  }

  #lookForEnd(): void {
    const ended = this.#status;
    if (!ended || !this.#read || this.#state === 'welcomed') return;
    clearTimeout(this.#joinTimer);
    const tell =
      this.#state === 'joining'
        ? () => this.#listener.failed(this.#refused ?? failure(this.#client, ended.code, ended.details))
        : () => this.#listener.lost(streamEnd(ended, this.#farewell));
    // Whoever emits the end has other listeners to tell first.
    queueMicrotask(tell);
  }
}

function streamEnd({ code, details }: StatusObject, farewell: Farewell | undefined): StreamEnd {
  const how = code === status.OK ? 'well' : code === status.DATA_LOSS ? 'damaged' : 'lost';
  return { how, details, farewell };
}

function failure({ where, proxyFailure }: GrpcClient, code: number, details: string): Error {
  if (code === status.DATA_LOSS) return new HistoryDamaged(details);
  if (code === status.UNAVAILABLE && proxyFailure !== undefined) return new ProxyFailed(proxyFailure);
  return new CannotConnect(`no chat server answers at ${where}: ${why(code, details)}`);
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
