import { constants, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { Server } from '@grpc/grpc-js';
import type { Journal } from '../journal/journal.js';
import type { Http2Streams } from './http2-streams.js';

/**
 * Keeps `server` alive when its listener for new HTTP/2 streams throws: the stream is reset, and that is all. Without it
 * grpc-js 1.14 ends the process when a request with an unknown method, or another content type than gRPC's, is reset in
 * the packet it comes in: it answers a stream that is closed already. Call it after the connection injector was made.
 * `streams` is told of each stream.
 *
 * grpc-js has no public way to its HTTP/2 server. Throws where it is not found as expected.
 */
export function guardStreams(server: Server, streams: Http2Streams, journal: Journal): void {
  const { http2Servers } = server as unknown as { readonly http2Servers?: ReadonlyMap<Http2Server, unknown> };
  if (!(http2Servers instanceof Map) || http2Servers.size === 0) {
    throw new Error('this version of @grpc/grpc-js keeps its HTTP/2 servers elsewhere: see lib/rpc/guarded-streams.ts');
  }
  for (const http2Server of http2Servers.keys() as Iterable<Http2Server>) {
    const listeners = http2Server.listeners('stream');
    http2Server.removeAllListeners('stream');
    http2Server.on('stream', (stream: ServerHttp2Stream, ...rest) => {
      try {
        streams.opening(stream, () => {
          for (const listener of listeners) listener.call(http2Server, stream, ...rest);
        });
      } catch (err) {
        journal.warn('stream-failed', { err });
        stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      }
    });
  }
}
