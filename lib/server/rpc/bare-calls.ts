import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import type { Limits } from '../../core/limits.js';
import type { Journal } from '../../platform/journal.js';
import { principalOf } from '../access/principal.js';
import type { WaitingPlaces } from '../access/waiting-places.js';
import { type CallEnding, neverAsked } from './call-waits.js';
import {
  deadlinePassed,
  isAsked,
  isGrpc,
  respondWithStatus,
  timeoutMsOf,
  whenAsked,
  withTimeout,
} from './grpc-js/bare-stream.js';
import { headerBytes } from './incoming-call.js';
import { isRead, type OpenReads } from './open-reads.js';

/** A method by its path, as far as its calls are held. */
export interface OneRequestMethod {
  readonly path: string;
  readonly responseStream: boolean;
}

export interface BareCallsParts {
  readonly limits: Pick<Limits, 'requestMsMax' | 'lingerMsMax' | 'metadataBytesMax'>;
  readonly journal: Journal;
  /** The methods that are asked with one message. Calls of all others begin at once. */
  readonly methods: readonly OneRequestMethod[];
  /** The calls whose one request is not there yet. */
  readonly unasked: WaitingPlaces;
  readonly openReads: OpenReads;
  /** Whether new calls of `path` are refused: they begin at once, to be told. */
  readonly closed: (path: string) => boolean;
  /** The number of a call, for log records. */
  readonly nextCall: () => number;
}

/**
 * Calls that are nothing but an HTTP/2 stream yet, which costs a third of a call with gRPC [P12]: those that wait for their one
 * request, and the reads that wait for their connection's other reads (`OpenReads`). Their deadlines count; one that passes, or a
 * request that does not come, ends them with the status that gRPC would. Of those that the client resets nothing is told.
 */
export class BareCalls {
  readonly #parts: BareCallsParts;
  readonly #methods: ReadonlyMap<string, OneRequestMethod>;
  /** How long calls that have begun waited for their request before, in milliseconds. */
  readonly #waitedMs = new WeakMap<ServerHttp2Stream, number>();

  constructor(parts: BareCallsParts) {
    this.#parts = parts;
    this.#methods = new Map(parts.methods.map((method) => [method.path, method]));
  }

  /** How long this call waited for its request before it began, in milliseconds. */
  waitedMs(stream: ServerHttp2Stream): number {
    return this.#waitedMs.get(stream) ?? 0;
  }

  /**
   * Calls `begin`, which must not throw, when the call of `stream` is to begin, unless it is over by then; with headers in which the
   * time is left that is left of its deadline.
   */
  add(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    flags: number,
    begin: (headers: IncomingHttpHeaders) => void,
  ): void {
    const path = headers[constants.HTTP2_HEADER_PATH];
    const method = typeof path === 'string' ? this.#methods.get(path) : undefined;
    const hasRequest = method !== undefined && isAsked(stream, flags);
    const waits = hasRequest ? isRead(path) && timeoutMsOf(headers) !== undefined : this.#isOrdinary(method, headers);
    if (!method || !waits) {
      begin(headers);
      return;
    }
    // It may have been reset before anybody was told of it.
    if (stream.destroyed || stream.closed) return;
    this.#hold({ stream, peer: peerOf(stream), method, cameMs: performance.now() }, headers, hasRequest, begin);
  }

  /** Whether gRPC has no answer of its own for such a call, and gives it at once. */
  #isOrdinary(method: OneRequestMethod | undefined, headers: IncomingHttpHeaders): boolean {
    if (!method) return false;
    const { limits, closed } = this.#parts;
    // More is counted than when the call begins: the headers of HTTP/2 itself are among them.
    const isTooLarge = headerBytes(headers) > limits.metadataBytesMax;
    return isGrpc(headers) && timeoutMsOf(headers) !== undefined && !isTooLarge && !closed(method.path);
  }

  #hold(
    call: BareCall,
    headers: IncomingHttpHeaders,
    hasRequest: boolean,
    begin: (headers: IncomingHttpHeaders) => void,
  ): void {
    const { openReads } = this.#parts;
    const { stream, method, cameMs } = call;
    const timeoutMs = timeoutMsOf(headers) ?? 0;
    let leave = (): void => {};
    let deadline: NodeJS.Timeout | undefined;
    let isOver = false;
    const over = (): void => {
      isOver = true;
      clearTimeout(deadline);
      leave();
    };
    const end = (ending: CallEnding): void => {
      over();
      this.#end(call, ending);
    };
    const go = (): void => {
      if (isOver) return;
      clearTimeout(deadline);
      begin(withTimeout(headers, timeoutMs - (performance.now() - cameMs)));
    };
    const asked = (): void => {
      if (!isRead(method.path)) {
        stream.off('close', over);
        go();
        return;
      }
      const place = openReads.enter(stream.session ?? stream, go);
      leave = () => place.leave();
    };
    stream.once('close', over);
    if (timeoutMs !== Number.POSITIVE_INFINITY) deadline = setTimeout(() => end(deadlinePassed), timeoutMs);
    if (hasRequest) asked();
    else leave = this.#awaitRequest(call, { asked, end, refused: over });
  }

  /** Waits for the request of a call. Returns what ends that. */
  #awaitRequest(
    { stream, peer, cameMs }: BareCall,
    told: { readonly asked: () => void; readonly end: (ending: CallEnding) => void; readonly refused: () => void },
  ): () => void {
    const { limits, unasked } = this.#parts;
    const place = unasked.enter(principalOf(peer), () => {
      told.refused();
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    const overdue = setTimeout(() => told.end(neverAsked), limits.requestMsMax);
    let isOver = false;
    const leave = (): void => {
      isOver = true;
      stop();
      clearTimeout(overdue);
      place.leave();
    };
    const stop = whenAsked(stream, () => {
      if (isOver) return;
      leave();
      this.#waitedMs.set(stream, performance.now() - cameMs);
      told.asked();
    });
    return leave;
  }

  #end({ stream, peer, method, cameMs }: BareCall, ending: CallEnding): void {
    const { journal, limits, nextCall } = this.#parts;
    const about = { call: nextCall(), method: method.path.slice(1), peer };
    if (method.responseStream) journal.info('call-started', about);
    respondWithStatus(stream, ending);
    // Its peer may never end it from its side, and would keep it.
    setTimeout(() => stream.close(), limits.lingerMsMax);
    const durationMs = Math.round(performance.now() - cameMs);
    journal.info('call', { ...about, code: status[ending.code], durationMs });
  }
}

/** A call that ends before it began. */
interface BareCall {
  readonly stream: ServerHttp2Stream;
  readonly peer: string;
  readonly method: OneRequestMethod;
  readonly cameMs: number;
}

function peerOf({ session }: ServerHttp2Stream): string {
  const socket = session?.socket;
  return socket?.remoteAddress ? `${socket.remoteAddress}:${socket.remotePort}` : 'unknown';
}
