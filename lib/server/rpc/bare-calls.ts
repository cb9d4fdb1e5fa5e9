import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { serviceName } from '../../codec/contract.js';
import type { Limits } from '../../core/limits.js';
import type { Journal } from '../../platform/journal.js';
import { principalOf } from '../access/principal.js';
import type { WaitingPlaces } from '../access/waiting-places.js';
import { Places } from '../door/session-places.js';
import {
  deadlinePassed,
  headerBytes,
  isAsked,
  isGrpc,
  respondWithStatus,
  timeoutMsOf,
  whenAsked,
  withTimeout,
} from './grpc-js/bare-stream.js';
import { type CallEnding, neverAsked } from './status.js';

const reads: ReadonlySet<string> = new Set(
  ['ReadHistory', 'ListRooms', 'ListParticipants'].map((method) => `/${serviceName}/${method}`),
);

/** Whether `path` is that of a call which only reads, and is answered with one message. */
export function isRead(path: unknown): boolean {
  return typeof path === 'string' && reads.has(path);
}

/**
 * Lets only so many reads of one connection be open at once; its others begin as these end [P12]. As long as a read is
 * only an HTTP/2 stream, it costs a third of what its call with gRPC does, and a connection's reads are done one after
 * the other all the same. As many wait as there are streams, which HTTP/2 limits (`streamsPerConnectionMax`).
 */
export class OpenReads {
  readonly #max: number;
  readonly #byConnection = new WeakMap<object, Places>();

  constructor(limits: Pick<Limits, 'readsOpenPerConnectionMax'>) {
    this.#max = limits.readsOpenPerConnectionMax;
  }

  /** Calls `begin`, which must not throw, when the read may be open. Returns what to call when its stream is over. */
  enter(connection: object, begin: () => void): () => void {
    const places = this.#byConnection.get(connection) ?? new Places(this.#max);
    this.#byConnection.set(connection, places);
    return places.enter(begin);
  }
}

/** A method by its path, as far as its calls are held. */
interface OneRequestMethod {
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

/** A call that has not begun. */
interface BareCall {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly peer: string;
  readonly method: OneRequestMethod;
  readonly cameMs: number;
}

type Begin = (headers: IncomingHttpHeaders) => void;

/**
 * Calls that are nothing but an HTTP/2 stream yet, which costs a third of a call with gRPC [P12]: those that wait for
 * their one request, and the reads that wait for their connection's other reads (`OpenReads`). Their deadlines count;
 * one that passes, or a request that does not come, ends them with gRPC's status. Resets by the client are not told.
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
   * Calls `begin`, which must not throw, when the call of `stream` is to begin, unless it is over by then; with headers
   * in which the time is left that is left of its deadline. `flags` are those of the frame that began it.
   */
  add(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, begin: Begin): void {
    const path = headers[constants.HTTP2_HEADER_PATH];
    const method = typeof path === 'string' ? this.#methods.get(path) : undefined;
    const hasRequest = method !== undefined && isAsked(stream, flags);
    const waits = hasRequest ? isRead(path) && timeoutMsOf(headers) !== undefined : this.#isOrdinary(method, headers);
    if (!method || !waits) begin(headers);
    // It may have been reset before anybody was told of it.
    else if (!stream.destroyed && !stream.closed) {
      const { remoteAddress, remotePort } = stream.session?.socket ?? {};
      const peer = remoteAddress ? `${remoteAddress}:${remotePort}` : 'unknown';
      this.#hold({ stream, headers, peer, method, cameMs: performance.now() }, hasRequest, begin);
    }
  }

  /** Whether gRPC has no answer of its own for such a call, and gives it at once. */
  #isOrdinary(method: OneRequestMethod | undefined, headers: IncomingHttpHeaders): boolean {
    if (!method) return false;
    const { limits, closed } = this.#parts;
    // More is counted than when the call begins: the headers of HTTP/2 itself are among them.
    const isTooLarge = headerBytes(headers) > limits.metadataBytesMax;
    return isGrpc(headers) && timeoutMsOf(headers) !== undefined && !isTooLarge && !closed(method.path);
  }

  #hold(call: BareCall, hasRequest: boolean, begin: Begin): void {
    const { limits, unasked, openReads } = this.#parts;
    const { stream, headers, peer, method, cameMs } = call;
    const timeoutMs = timeoutMsOf(headers) ?? 0;
    let deadline: NodeJS.Timeout | undefined;
    let isOver = false;
    /** Gives up what the call waits for now. */
    let leave = (): void => {};
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
      if (isRead(method.path)) leave = openReads.enter(stream.session ?? stream, go);
      else {
        stream.off('close', over);
        go();
      }
    };
    const awaitRequest = (): void => {
      const place = unasked.enter(principalOf(peer), () => {
        over();
        stream.close(constants.NGHTTP2_REFUSED_STREAM);
      });
      const overdue = setTimeout(() => end(neverAsked), limits.requestMsMax);
      const stop = whenAsked(stream, () => {
        if (isOver) return;
        leave();
        this.#waitedMs.set(stream, performance.now() - cameMs);
        asked();
      });
      leave = () => {
        stop();
        clearTimeout(overdue);
        place.leave();
      };
    };
    stream.once('close', over);
    if (timeoutMs !== Number.POSITIVE_INFINITY) deadline = setTimeout(() => end(deadlinePassed), timeoutMs);
    if (hasRequest) asked();
    else awaitRequest();
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
