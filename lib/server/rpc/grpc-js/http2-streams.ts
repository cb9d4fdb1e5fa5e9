import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { Metadata, type Server } from '@grpc/grpc-js';
import type { Journal } from '../../../platform/journal.js';
import type { BareCalls } from '../bare-calls.js';
import type { BeginTurns } from '../begin-turns.js';
import { http2ServersOf } from '../gated-sessions.js';
import { withEarlyEnd } from './bare-stream.js';

/**
 * Which HTTP/2 stream a call has that is behind no interceptor, which grpc-js does not tell: of the call itself, or of
 * what its handler is given (read in 1.14.7). Where another version keeps it elsewhere, it is not known, and all that
 * is written to it goes through grpc-js.
 */
export function http2StreamOf(call: object): ServerHttp2Stream | undefined {
  const { stream } = ('call' in call ? call.call : call) as { readonly stream?: ServerHttp2Stream };
  return typeof stream?.respond === 'function' ? stream : undefined;
}

const none = new Metadata();

/**
 * Has a call that is begun, or its stream, keep no headers: grpc-js keeps those of the request for as long as a stream
 * lasts, and an empty list for its trailers, 800 bytes together (read in 1.14.7). Nothing happens in a version that
 * keeps them elsewhere.
 */
export function dropMetadata(holder: object): void {
  for (const key of ['metadata', 'trailingMetadata']) if (key in holder) Object.assign(holder, { [key]: none });
}

export interface GuardedStreamsParts {
  readonly turns: BeginTurns;
  readonly bareCalls: Pick<BareCalls, 'add'>;
  readonly journal: Journal;
}

/**
 * Keeps `server` alive when its listener for new HTTP/2 streams throws: the stream is reset, and that is all. Without
 * it grpc-js 1.14 ends the process when a request with an unknown method, or another content type than gRPC's, is reset
 * in the packet it comes in: it answers a stream that is closed already. A stream that was reset before anybody was
 * told of it is not handed on at all. Call it after the connection injector was made. `bareCalls`, and then `turns`,
 * say when a stream begins.
 */
export function guardStreams(server: Server, { turns, bareCalls, journal }: GuardedStreamsParts): void {
  for (const http2Server of http2ServersOf(server)) {
    const listeners = http2Server.listeners('stream');
    http2Server.removeAllListeners('stream');
    http2Server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, ...rest) => {
      // Its end is what counts; without a listener an error, such as that a request is malformed, or a fault that ends
      // the session, would end the process: behind a gate node tells of streams when it has read all that came.
      stream.on('error', ignoreError);
      const begin = (begun: IncomingHttpHeaders): void => {
        // grpc-js would begin a call that it tells nobody the end of.
        if (stream.destroyed || stream.closed) return;
        try {
          withEarlyEnd(stream, () => {
            for (const listener of listeners) listener.call(http2Server, stream, begun, flags, ...rest);
          });
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
