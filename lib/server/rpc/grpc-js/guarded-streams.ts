import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Server } from '@grpc/grpc-js';
import type { Journal } from '../../../platform/journal.js';
import type { CallTurns } from '../call-turns.js';
import { http2ServersOf } from '../gated-sessions.js';
import { isRead, type OpenReads } from '../open-reads.js';
import type { Http2Streams } from './http2-streams.js';

export interface GuardedStreamsParts {
  readonly streams: Pick<Http2Streams, 'opening'>;
  readonly turns: CallTurns;
  readonly openReads: OpenReads;
  readonly journal: Journal;
}

/**
 * Keeps `server` alive when its listener for new HTTP/2 streams throws: the stream is reset, and that is all. Without it
 * grpc-js 1.14 ends the process when a request with an unknown method, or another content type than gRPC's, is reset in
 * the packet it comes in: it answers a stream that is closed already. A stream that was reset before anybody was told of it
 * is not handed on at all. Call it after the connection injector was made.
 * `streams` is told of each stream; `turns`, and for reads `openReads`, say when it begins.
 */
export function guardStreams(server: Server, { streams, turns, openReads, journal }: GuardedStreamsParts): void {
  for (const http2Server of http2ServersOf(server)) {
    const listeners = http2Server.listeners('stream');
    http2Server.removeAllListeners('stream');
    http2Server.on('stream', (stream: ServerHttp2Stream, ...rest) => {
      // Its end is what counts; without a listener an error, such as that a request is malformed, would end the process.
      stream.on('error', ignoreError);
      const connection = stream.session ?? stream;
      const begin = (): void => {
        // grpc-js would begin a call that it tells nobody the end of.
        if (stream.destroyed || stream.closed) return;
        try {
          streams.opening(stream, () => {
            for (const listener of listeners) listener.call(http2Server, stream, ...rest);
          });
        } catch (err) {
          journal.warn('stream-failed', { err });
          stream.close(constants.NGHTTP2_INTERNAL_ERROR);
        }
      };
      const inTurn = (): void => turns.add(connection, begin);
      const [headers] = rest;
      if (!isRead(headers?.[constants.HTTP2_HEADER_PATH])) {
        inTurn();
        return;
      }
      // It may have been reset before anybody was told of it.
      if (stream.destroyed || stream.closed) return;
      const place = openReads.enter(connection, inTurn);
      stream.once('close', () => place.leave());
    });
  }
}

function ignoreError(): void {}
