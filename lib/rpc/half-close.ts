import type { ServerHttp2Stream } from 'node:http2';
import { ServerInterceptingCall, type ServerInterceptingCallInterface, type ServerInterceptor } from '@grpc/grpc-js';

/**
 * How long the end of a connection may take to follow the peer's word that it goes away, in milliseconds; a half-close
 * in between counts when that is over.
 */
const goingAwayMsMax = 2_000;

/**
 * Keeps the loss of a stream from passing for the end of its requests. Who half-closes wishes to leave; who was killed,
 * or whose stream was reset, does not; but grpc-js tells of either by an end first. Nor does a client that gives up a
 * server which is silent for too long: its HTTP/2 says GOAWAY, ends all streams as if they were complete, and closes the
 * connection, and all of it may arrive after all.
 */
export const tellLossFromHalfClose: ServerInterceptor = (method, call) =>
  new ServerInterceptingCall(call, {
    start: (next) =>
      next({
        onReceiveHalfClose: (pass) => {
          if (!method.requestStream) {
            pass();
            return;
          }
          // Asked to read on, grpc-js notices a stream that is over altogether, and tells of it on the next tick.
          call.startRead();
          if (isGoingAway(call)) setTimeout(pass, goingAwayMsMax).unref();
          else process.nextTick(pass);
        },
      }),
  });

/** A call of grpc-js as it is inside: an interceptor's around another one, the innermost with its HTTP/2 stream. */
interface Layer {
  readonly nextCall?: Layer;
  readonly stream?: ServerHttp2Stream;
}

/** Whether the peer has sent GOAWAY: its session then takes no new streams. grpc-js has no public way to it. */
function isGoingAway(call: ServerInterceptingCallInterface): boolean {
  let layer = call as unknown as Layer | undefined;
  while (layer && !layer.stream) layer = layer.nextCall;
  return layer?.stream?.session?.closed ?? false;
}
