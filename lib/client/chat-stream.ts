import { type Client, type ClientDuplexStream, Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { type ChatResponse, decodeChatResponse, type Farewell, type Welcome } from '../codec/responses.js';
import { CannotConnect, HistoryDamaged, Refused } from './errors.js';
import { clientLimits } from './limits.js';
import { asIs, methodPath } from './service-calls.js';

/** How a stream ended. */
export interface StreamEnd {
  readonly code: number;
  readonly details: string;
  readonly farewell: Farewell | undefined;
}

/** One Chat stream that has joined. It takes nothing from the server until `resume`. */
export class ChatStream {
  /** Resolves when it is over, after the last response was handed on. */
  readonly ended: Promise<StreamEnd>;
  readonly #stream: ClientDuplexStream<Buffer, ChatResponse>;
  readonly #early: ChatResponse[] = [];
  #take: (response: ChatResponse) => void = (response) => void this.#early.push(response);
  #welcome: Welcome | undefined;
  #over = false;
  #askedToLeave = false;

  private constructor(client: Client) {
    const decode = (bytes: Buffer) => decodeChatResponse(bytes);
    this.#stream = client.makeBidiStreamRequest(methodPath('Chat'), asIs, decode, new Metadata(), {});
    this.ended = this.#end();
  }

  /**
   * Sends `request`, a join, and resolves once the server has answered with its welcome. Rejects with `Refused` where it
   * refused, and with `CannotConnect` where it did not answer within `joinMsMax`, or `signal` was aborted before.
   */
  static async join(client: Client, where: string, request: Buffer, signal?: AbortSignal): Promise<ChatStream> {
    const stream = new ChatStream(client);
    const cancel = () => stream.cancel();
    const impatience = setTimeout(cancel, clientLimits.joinMsMax);
    signal?.addEventListener('abort', cancel);
    try {
      stream.send(request);
      await stream.#answered(where);
      return stream;
    } finally {
      clearTimeout(impatience);
      signal?.removeEventListener('abort', cancel);
    }
  }

  get welcome(): Welcome {
    if (!this.#welcome) throw new Error('this stream has not joined');
    return this.#welcome;
  }

  /** Whether the server has ended it; what it had sent may still be handed on. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Hands on what comes, from what came along with the welcome on. */
  listen(take: (response: ChatResponse) => void): void {
    this.#take = take;
    for (const response of this.#early.splice(0)) take(response);
  }

  send(request: Buffer): void {
    this.#askedToLeave = false;
    this.#stream.write(request);
  }

  /** Whether the server was asked on this stream to end the session, and nothing was said since. */
  get askedToLeave(): boolean {
    return this.#askedToLeave;
  }

  askToLeave(request: Buffer): void {
    this.send(request);
    this.#askedToLeave = true;
  }

  pause(): void {
    if (!this.#over) this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Sends no more. After `askToLeave` that is a leave which the server owes, whatever else it refuses. */
  halfClose(): void {
    this.#stream.end();
  }

  /**
   * Ends it at once. To the server that is a lost connection, which a resumable session outlives; to a plain one it may
   * be a leave, because grpc-js closes the requests first.
   */
  cancel(): void {
    this.#stream.cancel();
  }

  #answered(where: string): Promise<void> {
    return new Promise((resolve, reject) => {
      let refused: Refused | undefined;
      const early = this.#take;
      this.#take = (response) => {
        if (response.rejection) refused = new Refused(response.rejection);
        if (!response.welcome) return;
        this.#welcome = response.welcome;
        this.#take = early;
        early(response);
        this.#stream.pause();
        resolve();
      };
      void this.ended.then(({ code, details }) => reject(refused ?? failure(where, code, details)));
    });
  }

  #end(): Promise<StreamEnd> {
    let farewell: Farewell | undefined;
    let status: StatusObject | undefined;
    let read = false;
    return new Promise((resolve) => {
      const look = () => {
        if (status && read) resolve({ code: status.code, details: status.details, farewell });
      };
      this.#stream.on('data', (response: ChatResponse) => {
        if (response.farewell) farewell = response.farewell;
        this.#take(response);
      });
      this.#stream.on('end', () => {
        read = true;
        look();
      });
      this.#stream.on('status', (ended: StatusObject) => {
        status = ended;
        // What has arrived is not lost, even where the reader pauses: it is no longer the server that waits.
        this.#over = true;
        this.#stream.resume();
        look();
      });
      // The status says what an error would.
      this.#stream.on('error', () => {});
    });
  }
}

function failure(where: string, code: number, details: string): Error {
  if (code === status.DATA_LOSS) return new HistoryDamaged(details);
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
  // What grpc-js says of a proxy that did not make the connection.
  if (error === 'undefined') return 'the proxy did not make the connection';
  return error ?? details.replace(/\.$/, '');
}
