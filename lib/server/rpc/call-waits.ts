import { type ServerInterceptingCallInterface, status } from '@grpc/grpc-js';
import type { Limits } from '../../core/limits.js';
import type { Journal } from '../../platform/journal.js';
import { Progress } from '../access/progress.js';
import type { OutgoingStream } from '../door/fast-lane.js';
import type { Sockets } from '../door/sockets.js';
import { prefixBytes } from './grpc-js/shared-frame.js';

export interface CallWaitsParts {
  readonly limits: Pick<
    Limits,
    | 'requestMsMax'
    | 'auxiliaryStreamsMax'
    | 'auxiliaryStreamMsMax'
    | 'stallMsMax'
    | 'stallBytesPerSecondMin'
    | 'pageBytesMax'
  >;
  readonly sockets: Sockets;
  readonly journal: Journal;
}

/** What a call is, as far as it is waited for. */
export interface WaitingCall {
  /** `package.Service/Method`, for log records. */
  readonly method: string;
  readonly peer: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  /** Whether it is of the chat's service, and not of one beside it: health, reflection. */
  readonly chat: boolean;
  /** How its stream goes out; undefined where that is not known. */
  readonly outgoing: OutgoingStream | undefined;
  /** How long it has waited for its request before, in milliseconds. */
  readonly waitedMs: number;
  /** Ends it with this status. */
  readonly end: (ending: CallEnding) => void;
  /** Ends its stream alone and at once, without a status. */
  readonly reset: () => void;
}

/** A status by which a call ends that was waited for in vain, or cannot be waited for. */
export interface CallEnding {
  readonly code: status;
  readonly details: string;
}

/** How a call ends whose request did not come. */
export const neverAsked: CallEnding = { code: status.DEADLINE_EXCEEDED, details: 'The request did not come in time.' };
const lastedTooLong: CallEnding = {
  code: status.DEADLINE_EXCEEDED,
  details: 'Streams of this method last only so long here. Call again.',
};
const tooMany: CallEnding = {
  code: status.RESOURCE_EXHAUSTED,
  details: 'As many health watches and reflection streams are open as this server allows. Try again later.',
};

/**
 * How long the server waits for a call, whatever the service it is of [P12]: for its one request, for the end of a stream of
 * the services beside the chat, and for its peer to take what it is answered. A connection actor has waits of its own for
 * what it sends down its stream.
 */
export class CallWaits {
  readonly #parts: CallWaitsParts;
  #auxiliaryStreams = 0;

  constructor(parts: CallWaitsParts) {
    this.#parts = parts;
  }

  /** Begins to wait for a call that was admitted; undefined, and it was ended, where one more cannot be. */
  begin(call: WaitingCall): CallWait | undefined {
    const { limits } = this.#parts;
    const auxiliary = !call.chat && (call.requestStream || call.responseStream);
    if (auxiliary && this.#auxiliaryStreams >= limits.auxiliaryStreamsMax) {
      call.end(tooMany);
      return undefined;
    }
    if (auxiliary) this.#auxiliaryStreams += 1;
    const over = () => {
      if (auxiliary) this.#auxiliaryStreams -= 1;
    };
    const waits = new CallWait(this.#parts, call, over);
    if (!call.requestStream) waits.forRequest();
    if (auxiliary) waits.forEnd();
    return waits;
  }
}

/** The waits of one call. */
export class CallWait {
  readonly #parts: CallWaitsParts;
  readonly #call: WaitingCall;
  readonly #whenOver: () => void;
  #request: NodeJS.Timeout | undefined;
  #end: NodeJS.Timeout | undefined;
  #taken: NodeJS.Timeout | undefined;
  /** Messages that were sent and are not taken. */
  #untaken = 0;
  /** What was sent so far, as DATA; without end where the size of a message is not known. */
  #sentBytes = 0;
  #over = false;

  constructor(parts: CallWaitsParts, call: WaitingCall, whenOver: () => void) {
    this.#parts = parts;
    this.#call = call;
    this.#whenOver = whenOver;
  }

  forRequest(): void {
    const { waitedMs, end } = this.#call;
    this.#request = setTimeout(() => end(neverAsked), this.#parts.limits.requestMsMax - waitedMs);
  }

  forEnd(): void {
    this.#end = setTimeout(() => this.#call.end(lastedTooLong), this.#parts.limits.auxiliaryStreamMsMax);
  }

  /** The request is there. */
  asked(): void {
    clearTimeout(this.#request);
  }

  /** A message of so many bytes was handed to the transport; the result is to be called when that has let go of it. */
  sent(bytes: number): () => void {
    this.#sentBytes += bytes + prefixBytes;
    this.#untaken += 1;
    if (this.#untaken === 1 && !this.#over) this.#awaitTaking();
    return () => {
      this.#untaken -= 1;
      if (this.#untaken === 0) clearTimeout(this.#taken);
    };
  }

  /** The call is over, however it ended. */
  over(): void {
    if (this.#over) return;
    this.#over = true;
    for (const timer of [this.#request, this.#end, this.#taken]) clearTimeout(timer);
    this.#whenOver();
  }

  #awaitTaking(progress = this.#newProgress()): void {
    const { limits, sockets, journal } = this.#parts;
    const before = sockets.taken(this.#call.peer);
    this.#taken = setTimeout(() => {
      if (progress.goesOn(limits.stallMsMax)) {
        this.#awaitTaking(progress);
        return;
      }
      const { peer, method } = this.#call;
      journal.warn('cut', { peer, wait: 'stall', method });
      if (this.#standsAlone(sockets.taken(peer) > before)) this.#call.reset();
      else sockets.cut(peer);
    }, limits.stallMsMax);
  }

  /** Whether it is this stream that is not taken, and nothing is known against the others of its connection. */
  #standsAlone(connectionTakes: boolean): boolean {
    const { outgoing } = this.#call;
    if (!outgoing || !this.#isShut(outgoing)) return false;
    return !outgoing.alone && (connectionTakes || outgoing.unsentBytes === 0);
  }

  /** Whether more is to go out on the stream than its own window allows. */
  #isShut({ windowBytes, writtenBytes }: OutgoingStream): boolean {
    return windowBytes <= 0 && writtenBytes < this.#sentBytes;
  }

  #newProgress(): Progress {
    const { limits } = this.#parts;
    return new Progress({ limits, taken: () => this.#takenBytes(), waiting: limits.pageBytesMax });
  }

  /** What waits for the stream's own window is behind nothing else: what the connection takes besides says nothing of it. */
  #takenBytes(): number {
    const { outgoing, peer } = this.#call;
    if (outgoing && this.#isShut(outgoing)) return outgoing.writtenBytes;
    return (outgoing?.writtenBytes ?? 0) + this.#parts.sockets.taken(peer);
  }
}

/** Has `wait` hear of what is sent by `call`. In its own place, so that nothing that gRPC itself sends goes past it. */
export function watchSending(call: ServerInterceptingCallInterface, wait: () => CallWait | undefined): void {
  const { sendMessage } = call;
  call.sendMessage = (message, taken) => {
    const noted = wait()?.sent(Buffer.isBuffer(message) ? message.length : Number.POSITIVE_INFINITY);
    sendMessage.call(call, message, () => {
      noted?.();
      taken();
    });
  };
}
