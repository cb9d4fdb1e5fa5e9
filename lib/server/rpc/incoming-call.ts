import type { ServerHttp2Stream } from 'node:http2';
import {
  type Metadata,
  type ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';
import { serviceName } from '../../codec/contract.js';
import type { Limits } from '../../core/limits.js';
import { rejection } from '../../core/rejection.js';
import type { Journal } from '../../platform/journal.js';
import type { Origin } from '../access/origin.js';
import { Progress } from '../access/progress.js';
import type { Shares } from '../access/shares.js';
import type { OutgoingStream } from '../door/fast-lane.js';
import { errorCode } from '../door/http2-frames.js';
import type { Sockets } from '../door/listener.js';
import { headerBytes } from './grpc-js/bare-stream.js';
import { decodeLean, prefixBytes } from './grpc-js/framing.js';
import { dropMetadata, http2StreamOf } from './grpc-js/http2-streams.js';
import { type CallEnding, headersTooLarge, lastedTooLong, neverAsked, statusOf, tooManyStreams } from './status.js';

/** Methods whose shares are taken where they are done: joins, resumes, messages, leaves. All others are reads. */
const acting: ReadonlySet<string> = new Set(
  ['Chat', 'Subscribe', 'Publish', 'Leave'].map((method) => `/${serviceName}/${method}`),
);

/** Statuses that tell a caller that its request was wrong, or too much. */
const refusals: ReadonlySet<status> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.PERMISSION_DENIED,
  status.RESOURCE_EXHAUSTED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.UNIMPLEMENTED,
  status.UNAUTHENTICATED,
]);

export interface IncomingCallsParts {
  readonly limits: Limits;
  readonly journal: Journal;
  readonly sockets: Sockets;
  /** How a call's stream goes out; without it, what the whole connection takes is counted for each of its calls. */
  readonly outgoingOf?: (stream: ServerHttp2Stream) => OutgoingStream | undefined;
  readonly shares: Pick<Shares, 'origin'>;
  /** Whether the server is stopping, and new calls of `path` are refused for it. */
  readonly closed: (path: string) => boolean;
  /** The number of a call, for log records. */
  readonly nextCall: () => number;
  /** How long a call waited for its request before it began, in milliseconds. */
  readonly waitedMs: (stream: ServerHttp2Stream) => number;
}

/** What grpc-js tells of what comes in on a call. */
type Listener = Parameters<ServerInterceptingCallInterface['start']>[0];
type CallMethod = Parameters<ServerInterceptor>[0];

/** How many streams of the services beside the chat are open: health watches, reflection. */
interface Auxiliary {
  open: number;
}

/**
 * What every call of every service comes through. None of grpc-js's own ways to intercept a call is used: each costs a
 * closure and five calls for every message, and some 600 bytes for every call that is open (read in 1.14.7).
 */
export function intercepted(parts: IncomingCallsParts): ServerInterceptor {
  const auxiliary: Auxiliary = { open: 0 };
  return (method, call) => {
    const incoming = new IncomingCall(parts, method, call, auxiliary);
    decodeLean(call, parts.limits.requestBytesMax);
    const { start, sendStatus } = call;
    call.start = (handler) => {
      call.start = start;
      incoming.handler = handler;
      start.call(call, incoming);
    };
    // In its own place, for gRPC itself ends calls too: a message too large, a deadline that passed. The first status
    // counts: a call whose message was too large is told of its end as well, and that it had no message.
    call.sendStatus = (sent) => {
      incoming.code ??= sent.code ?? undefined;
      sendStatus.call(call, sent);
    };
    return call as ServerInterceptingCall;
  };
}

/**
 * A call on its way to its handler. Its journal record `call` has method, peer, status code and duration; streams,
 * which last, have a `call-started` as well [T3] [T4]. A call whose headers are too large [P12], or that comes while
 * the server stops, is refused. The others begin when it is their turn [P12]: a read by its address's share of reads,
 * and any call of a connection that was refused too much only after a rest. Until then the call is open and nothing is
 * done for it: as a connection has only so many streams, a client that goes on over its share is served no faster. If
 * too many wait, a read is refused after its wait.
 */
class IncomingCall implements Listener {
  /** Where the call goes on to. */
  handler: Listener | undefined;
  /** How it ends, by the status that was sent first. */
  code: status | undefined;
  /** `package.Service/Method`, for log records. */
  readonly name: string;
  readonly method: CallMethod;
  readonly peer: string;
  /** Whether it is of the chat's service, and not of one beside it. */
  readonly chat: boolean;
  readonly #parts: IncomingCallsParts;
  readonly #call: ServerInterceptingCallInterface;
  readonly #auxiliary: Auxiliary;
  readonly #number: number;
  readonly #beganMs = performance.now();
  /** Where it comes from; a stream has an origin of its own from when it begins. */
  #origin: Origin | undefined;
  #wire: ServerHttp2Stream | undefined;
  #waits: CallWaits | undefined;
  #turn: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(
    parts: IncomingCallsParts,
    method: CallMethod,
    call: ServerInterceptingCallInterface,
    auxiliary: Auxiliary,
  ) {
    this.#parts = parts;
    this.method = method;
    this.name = method.path.slice(1);
    this.chat = this.name.startsWith(`${serviceName}/`);
    this.#call = call;
    this.#auxiliary = auxiliary;
    this.#number = parts.nextCall();
    this.peer = call.getPeer();
    this.#origin = parts.shares.origin(this.peer, Date.now());
    if (this.isStream) parts.journal.info('call-started', this.#about);
    // A stream counts as a use of its connection only once it has joined.
    else this.#origin.use();
    // A connection actor sees to what its stream takes.
    if (!this.chat || !method.responseStream) this.#watchSending();
  }

  get isStream(): boolean {
    return this.method.requestStream || this.method.responseStream;
  }

  /** Ends it with this status. */
  end(ending: CallEnding): void {
    this.#refuse(ending);
    const wire = this.#wire;
    // Its peer may never end it from its side, and would keep it. At once, it would be closed without its status.
    if (wire) setTimeout(() => wire.close(), this.#parts.limits.lingerMsMax);
  }

  /** Ends its stream alone and at once, without a status. */
  reset(): void {
    this.#wire?.close(errorCode.enhanceYourCalm);
  }

  onReceiveMetadata(metadata: Metadata): void {
    const { limits, closed } = this.#parts;
    if (headerBytes(metadata.toHttp2Headers()) > limits.metadataBytesMax) this.#refuse(headersTooLarge);
    else if (closed(this.method.path)) this.#refuse(statusOf({ kind: 'stopping' }));
    // A connection actor waits for all that there is to wait for.
    else if ((this.chat && this.method.requestStream) || this.#beginWaits()) this.#awaitTurn(metadata);
  }

  onReceiveMessage(message: unknown): void {
    if (!this.#isOver) this.handler?.onReceiveMessage(message);
  }

  /**
   * A killed client's stream, or one that was reset, is not a client that wishes to leave; but grpc-js tells of either
   * by an end of the requests first.
   */
  onReceiveHalfClose(): void {
    this.#waits?.asked();
    if (!this.method.requestStream) {
      this.#halfClosed();
      return;
    }
    // Asked to read on, grpc-js notices a stream that is over altogether, and tells of it on the next tick.
    this.#call.startRead();
    process.nextTick(() => this.#halfClosed());
  }

  onCancel(): void {
    this.#isOver = true;
    const { journal, shares } = this.#parts;
    const nowMs = Date.now();
    if (this.#waits && this.#isAuxiliary) this.#auxiliary.open -= 1;
    this.#waits?.stop();
    clearTimeout(this.#turn);
    // Without a status of the server's, its client has cancelled it or is gone.
    const code = this.code ?? status.CANCELLED;
    if (refusals.has(code)) {
      this.#origin ??= shares.origin(this.peer, nowMs);
      this.#origin.refused(nowMs);
    }
    this.#origin?.release(nowMs);
    const durationMs = Math.round(performance.now() - this.#beganMs);
    journal.info('call', { ...this.#about, code: status[code], durationMs });
    this.handler?.onCancel();
  }

  get #about(): { readonly call: number; readonly method: string; readonly peer: string } {
    return { call: this.#number, method: this.name, peer: this.peer };
  }

  get #isAuxiliary(): boolean {
    return !this.chat && this.isStream;
  }

  /** False, and it is ended, where it cannot be waited for. */
  #beginWaits(): boolean {
    const { limits, outgoingOf, waitedMs } = this.#parts;
    const wire = http2StreamOf(this.#call);
    this.#wire = wire;
    if (this.#isAuxiliary) {
      if (this.#auxiliary.open >= limits.auxiliaryStreamsMax) {
        this.end(tooManyStreams);
        return false;
      }
      this.#auxiliary.open += 1;
    }
    this.#waits = new CallWaits(this.#parts, this, wire && outgoingOf?.(wire));
    if (!this.method.requestStream) this.#waits.awaitRequest(wire ? waitedMs(wire) : 0);
    if (this.#isAuxiliary) this.#waits.awaitEnd();
    return true;
  }

  /** In its own place, so that nothing that gRPC itself sends goes past it. */
  #watchSending(): void {
    const call = this.#call;
    const { sendMessage } = call;
    call.sendMessage = (message, taken) => {
      const noted = this.#waits?.sent(Buffer.isBuffer(message) ? message.length : Number.POSITIVE_INFINITY);
      sendMessage.call(call, message, () => {
        noted?.();
        taken();
      });
    };
  }

  #awaitTurn(metadata: Metadata): void {
    const origin = this.#origin;
    if (!origin) return;
    const nowMs = Date.now();
    const turn = acting.has(this.method.path) ? undefined : origin.turn('read', nowMs);
    const turnMs = turn?.kind === 'in' ? turn.dueInMs : turn ? this.#parts.limits.heldMsMax : 0;
    const waitMs = Math.max(origin.restMs(nowMs), turnMs);
    const begin = (): void => {
      if (turn?.kind !== 'over') this.#begin(metadata);
      else this.#refuse(statusOf({ kind: 'refused', rejection: rejection('OVERLOADED', 0, turn.retryAfterMs) }));
    };
    if (waitMs === 0) begin();
    else this.#turn = setTimeout(begin, waitMs);
  }

  #begin(metadata: Metadata): void {
    if (this.#isOver) return;
    if (this.isStream) {
      this.#origin?.release(Date.now());
      this.#origin = undefined;
    }
    this.handler?.onReceiveMetadata(metadata);
    dropMetadata(this.#call);
  }

  #halfClosed(): void {
    if (!this.#isOver) this.handler?.onReceiveHalfClose();
  }

  #refuse({ code, details, metadata = null }: CallEnding & { readonly metadata?: Metadata | null }): void {
    this.#call.sendStatus({ code, details, metadata });
  }
}

/**
 * How long the server waits for one call, whatever the service it is of [P12]: for its one request, for the end of a
 * stream of the services beside the chat, and for its peer to take what it is answered. A connection actor has waits of
 * its own for what it sends down its stream.
 */
class CallWaits {
  readonly #parts: IncomingCallsParts;
  readonly #call: IncomingCall;
  /** How its stream goes out; undefined where that is not known. */
  readonly #outgoing: OutgoingStream | undefined;
  #request: NodeJS.Timeout | undefined;
  #end: NodeJS.Timeout | undefined;
  #taken: NodeJS.Timeout | undefined;
  /** Messages that were sent and are not taken. */
  #untaken = 0;
  /** What was sent so far, as DATA; without end where the size of a message is not known. */
  #sentBytes = 0;
  #over = false;

  constructor(parts: IncomingCallsParts, call: IncomingCall, outgoing: OutgoingStream | undefined) {
    this.#parts = parts;
    this.#call = call;
    this.#outgoing = outgoing;
  }

  awaitRequest(waitedMs: number): void {
    this.#request = setTimeout(() => this.#call.end(neverAsked), this.#parts.limits.requestMsMax - waitedMs);
  }

  awaitEnd(): void {
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

  /** The call is over. */
  stop(): void {
    this.#over = true;
    for (const timer of [this.#request, this.#end, this.#taken]) clearTimeout(timer);
  }

  #awaitTaking(progress = this.#newProgress()): void {
    const { limits, sockets, journal } = this.#parts;
    const { peer, name } = this.#call;
    const before = sockets.taken(peer);
    this.#taken = setTimeout(() => {
      if (progress.goesOn(limits.stallMsMax)) {
        this.#awaitTaking(progress);
        return;
      }
      journal.warn('cut', { peer, wait: 'stall', method: name });
      if (this.#standsAlone(sockets.taken(peer) > before)) this.#call.reset();
      else sockets.cut(peer);
    }, limits.stallMsMax);
  }

  /** Whether it is this stream that is not taken, and nothing is known against the others of its connection. */
  #standsAlone(connectionTakes: boolean): boolean {
    const outgoing = this.#outgoing;
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

  /** What waits for the stream's own window is behind nothing else: what the connection takes says nothing of it. */
  #takenBytes(): number {
    const outgoing = this.#outgoing;
    if (outgoing && this.#isShut(outgoing)) return outgoing.writtenBytes;
    return (outgoing?.writtenBytes ?? 0) + this.#parts.sockets.taken(this.#call.peer);
  }
}
