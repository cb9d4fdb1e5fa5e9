import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Server } from '@grpc/grpc-js';
import type { Journal } from '../../../platform/journal.js';
import type { BareCalls } from '../bare-calls.js';
import type { BeginTurns } from '../begin-turns.js';
import { http2ServersOf } from '../gated-sessions.js';
import { withEarlyEnd } from './bare-stream.js';
import type { Http2Streams } from './http2-streams.js';

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
