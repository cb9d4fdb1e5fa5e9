import type { CallListening } from './one-interceptor.js';

/**
 * Keeps the loss of a stream from passing for the end of its requests. Who half-closes a plain session wishes to leave;
 * who was killed, or whose stream was reset, does not; but grpc-js tells of either by an end first.
 */
export const tellLossFromHalfClose: CallListening = (method, call) =>
  method.requestStream
    ? {
        onReceiveHalfClose: (pass) => {
          // Asked to read on, grpc-js notices a stream that is over altogether, and tells of it on the next tick.
          call.startRead();
          process.nextTick(pass);
        },
      }
    : {};
