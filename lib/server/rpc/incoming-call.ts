import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
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
import type { Shares } from '../access/shares.js';
import type { OutgoingStream } from '../door/fast-lane.js';
import { errorCode } from '../door/http2-frames.js';
import { type CallEnding, type CallWait, type CallWaits, type WaitingCall, watchSending } from './call-waits.js';
import type { Http2Streams } from './grpc-js/http2-streams.js';
import { decodeLean, dropMetadata } from './grpc-js/lean-call.js';
import { statusOf } from './status.js';

/** Methods that have shares of their own where they are done: joins, resumes, messages, leaves. All others are reads. */
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

const headersTooLarge = { code: status.RESOURCE_EXHAUSTED, details: "The request's headers are too large together." };

export interface IncomingCallsParts {
  readonly limits: Pick<Limits, 'metadataBytesMax' | 'requestBytesMax' | 'lingerMsMax' | 'heldMsMax'>;
  readonly journal: Journal;
  /** Told of the calls that are begun. */
  readonly streams: Pick<Http2Streams, 'begun' | 'of'>;
  /** How a call's stream goes out; without it, what the whole connection takes is counted for each of its calls. */
  readonly outgoingOf?: (stream: ServerHttp2Stream) => OutgoingStream | undefined;
  readonly shares: Pick<Shares, 'origin'>;
  /** Whether the server is stopping, and new calls of `path` are refused for it. */
  readonly closed: (path: string) => boolean;
  readonly waits: CallWaits;
  /** The number of a call, for log records. */
  readonly nextCall: () => number;
  /** How long a call waited for its request before it began, in milliseconds. */
  readonly waitedMs: (stream: ServerHttp2Stream) => number;
}

/** What grpc-js calls with what comes in on a call. */
type Listener = Parameters<ServerInterceptingCallInterface['start']>[0];
type CallMethod = Parameters<ServerInterceptor>[0];

/**
 * What every call of every service comes through. Of grpc-js's own ways to intercept a call none is used: each costs a closure and five
 * calls for every message, and some 600 bytes for every call that is open (read in 1.14.7).
 */
export function intercepted(parts: IncomingCallsParts): ServerInterceptor {
  return (method, call) => {
    const incoming = new IncomingCall(parts, method, call);
    decodeLean(call, parts.limits.requestBytesMax);
    const { start, sendStatus } = call;
    call.start = (handler) => {
      call.start = start;
      incoming.handler = handler;
      start.call(call, incoming);
    };
    // In its own place, for gRPC itself ends calls too: a message too large, a deadline that passed.
    call.sendStatus = (sent) => {
      incoming.code = sent.code ?? incoming.code;
      sendStatus.call(call, sent);
    };
    return call as ServerInterceptingCall;
  };
}

/**
 * A call on its way to its handler. Its journal record `call` has method, peer, status code and duration; streams, which last, have a
 * `call-started` as well [T3] [T4]. A call whose headers are too large [P12], or that comes while the server stops, is refused. The others
 * begin when it is their turn [P12]: a read by its address's share of reads, and any call of a connection that was refused too much only after a
 * rest. Until then the call is open and nothing is done for it: as a connection has only so many streams, a client that goes on over its
 * share is served no faster. If too many wait, a read is refused after its wait.
 */
class IncomingCall implements Listener, WaitingCall {
  /** Where the call goes on to. */
  handler: Listener | undefined;
  /** How it ends. Without a status of the server's, its client has cancelled it or is gone. */
  code: status = status.CANCELLED;
  readonly peer: string;
  outgoing: OutgoingStream | undefined;
  readonly #parts: IncomingCallsParts;
  readonly #method: CallMethod;
  readonly #call: ServerInterceptingCallInterface;
  readonly #number: number;
  readonly #beganMs = performance.now();
  /** Where it comes from; a stream has its own from when it begins. */
  #origin: Origin | undefined;
  #wire: ServerHttp2Stream | undefined;
  #wait: CallWait | undefined;
  #turn: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(parts: IncomingCallsParts, method: CallMethod, call: ServerInterceptingCallInterface) {
    this.#parts = parts;
    this.#method = method;
    this.#call = call;
    this.#number = parts.nextCall();
    this.peer = call.getPeer();
    this.#origin = parts.shares.origin(this.peer, Date.now());
    const { requestStream, responseStream } = method;
    if (requestStream || responseStream) parts.journal.info('call-started', this.#about);
    // A stream counts as a use of its connection only once it has joined.
    else this.#origin.use();
    // A connection actor sees to what its stream takes.
    if (!this.chat || !responseStream) watchSending(call, () => this.#wait);
  }

  get method(): string {
    return this.#method.path.slice(1);
  }

  get requestStream(): boolean {
    return this.#method.requestStream;
  }

  get responseStream(): boolean {
    return this.#method.responseStream;
  }

  get chat(): boolean {
    return this.#method.path.startsWith(`/${serviceName}/`);
  }

  get waitedMs(): number {
    return this.#wire ? this.#parts.waitedMs(this.#wire) : 0;
  }

  end(ending: CallEnding): void {
    this.#refuse(ending);
    const wire = this.#wire;
    // Its peer may never end it from its side, and would keep it. At once, it would be closed without its status.
    if (wire) setTimeout(() => wire.close(), this.#parts.limits.lingerMsMax);
  }

  reset(): void {
    this.#wire?.close(errorCode.enhanceYourCalm);
  }

  onReceiveMetadata(metadata: Metadata): void {
    const { limits, closed, streams, waits } = this.#parts;
    if (headerBytes(metadata.toHttp2Headers()) > limits.metadataBytesMax) this.#refuse(headersTooLarge);
    else if (closed(this.#method.path)) this.#refuse(statusOf({ kind: 'stopping' }));
    else {
      streams.begun(metadata);
      // A connection actor waits for all that there is to wait for.
      if (!this.chat || !this.requestStream) {
        this.#wire = streams.of({ metadata });
        this.outgoing = this.#wire && this.#parts.outgoingOf?.(this.#wire);
        this.#wait = waits.begin(this);
        if (!this.#wait) return;
      }
      this.#awaitTurn(metadata);
    }
  }

  onReceiveMessage(message: unknown): void {
    if (!this.#isOver) this.handler?.onReceiveMessage(message);
  }

  /**
   * A killed client's stream, or one that was reset, is not a client that wishes to leave; but grpc-js tells of either by an end of the
   * requests first.
   */
  onReceiveHalfClose(): void {
    this.#wait?.asked();
    if (!this.requestStream) {
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
    this.#wait?.over();
    clearTimeout(this.#turn);
    if (refusals.has(this.code)) {
      this.#origin ??= shares.origin(this.peer, nowMs);
      this.#origin.refused(nowMs);
    }
    this.#origin?.release(nowMs);
    const durationMs = Math.round(performance.now() - this.#beganMs);
    journal.info('call', { ...this.#about, code: status[this.code], durationMs });
    this.handler?.onCancel();
  }

  get #about(): { readonly call: number; readonly method: string; readonly peer: string } {
    return { call: this.#number, method: this.method, peer: this.peer };
  }

  #awaitTurn(metadata: Metadata): void {
    const origin = this.#origin;
    if (!origin) return;
    const nowMs = Date.now();
    const turn = acting.has(this.#method.path) ? undefined : origin.turn('read', nowMs);
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
    if (this.requestStream || this.responseStream) {
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

/** The size of headers as HTTP/2 counts it (RFC 9113, section 6.5.2): names, values and 32 bytes for each. */
export function headerBytes(headers: OutgoingHttpHeaders): number {
  let bytes = 0;
  for (const [name, values] of Object.entries(headers)) {
    for (const value of [values ?? []].flat()) bytes += name.length + String(value).length + 32;
  }
  return bytes;
}
