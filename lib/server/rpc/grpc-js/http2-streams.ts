import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { Metadata, type Server } from '@grpc/grpc-js';
import type { Journal } from '../../../platform/journal.js';
import type { BareCalls } from '../bare-calls.js';
import type { BeginTurns } from '../begin-turns.js';
import { http2ServersOf } from '../gated-sessions.js';
import { withEarlyEnd } from './bare-stream.js';

/**
 * Which HTTP/2 stream each call has, which grpc-js does not tell. It begins a call, its metadata included, from within
 * the event of the call's stream (read in 1.14.7). Where another version does not, a call's stream is not known, and all
 * that is written to it goes through grpc-js.
 */
export class Http2Streams {
  #opening: ServerHttp2Stream | undefined;
  readonly #byMetadata = new WeakMap<Metadata, ServerHttp2Stream>();

  /** Runs `open`, in which grpc-js begins the call of `stream`. Throws what it throws. */
  opening(stream: ServerHttp2Stream, open: () => void): void {
    this.#opening = stream;
    try {
      open();
    } finally {
      this.#opening = undefined;
    }
  }

  /** The call that is being begun has this metadata, which its handler is given too. */
  begun(metadata: Metadata): void {
    if (this.#opening) this.#byMetadata.set(metadata, this.#opening);
  }

  of(call: { readonly metadata: Metadata }): ServerHttp2Stream | undefined {
    return this.#byMetadata.get(call.metadata);
  }
}

const none = new Metadata();

/**
 * Has a call that is begun, or its stream, keep no headers: grpc-js keeps those of the request for as long as a stream lasts, and an
 * empty list for its trailers, 800 bytes together (read in 1.14.7). Nothing happens in a version that keeps them elsewhere.
 */
export function dropMetadata(holder: object): void {
  for (const key of ['metadata', 'trailingMetadata']) if (key in holder) Object.assign(holder, { [key]: none });
}

export interface GuardedStreamsParts {
  readonly streams: Pick<Http2Streams, 'opening'>;
  readonly turns: BeginTurns;
  readonly bareCalls: Pick<BareCalls, 'add'>;
  readonly journal: Journal;
}

/**
 * Keeps `server` alive when its listener for new HTTP/2 streams throws: the stream is reset, and that is all. Without it
 * grpc-js 1.14 ends the process when a request with an unknown method, or another content type than gRPC's, is reset in
 * the packet it comes in: it answers a stream that is closed already. A stream that was reset before anybody was told of it
 * is not handed on at all. Call it after the connection injector was made.
 * `streams` is told of each stream; `bareCalls`, and then `turns`, say when it begins.
 */
export function guardStreams(server: Server, { streams, turns, bareCalls, journal }: GuardedStreamsParts): void {
  for (const http2Server of http2ServersOf(server)) {
    const listeners = http2Server.listeners('stream');
    http2Server.removeAllListeners('stream');
    http2Server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, ...rest) => {
      // Its end is what counts; without a listener an error, such as that a request is malformed, or a fault that ends the session, would
      // end the process: behind a gate node tells of streams when it has read all that came.
      stream.on('error', ignoreError);
      const begin = (begun: IncomingHttpHeaders): void => {
        // grpc-js would begin a call that it tells nobody the end of.
        if (stream.destroyed || stream.closed) return;
        try {
          streams.opening(stream, () =>
            withEarlyEnd(stream, () => {
              for (const listener of listeners) listener.call(http2Server, stream, begun, flags, ...rest);
            }),
          );
        } catch (err) {
          journal.warn('stream-failed', { err });
          stream.close(constants.NGHTTP2_INTERNAL_ERROR);
        }
      };
      bareCalls.add(stream, headers, flags, (begun) => turns.add(stream.session ?? stream, () => begin(begun)));
    });
  }
}

function ignoreError(): void {}
