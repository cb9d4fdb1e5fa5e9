import { type Metadata, ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';
import type { Limits } from '../core/limits.js';
import type { Journal } from '../journal/journal.js';
import type { Http2Streams } from './http2-streams.js';
import { statusOf } from './status.js';

export interface CallGateParts {
  readonly limits: Pick<Limits, 'metadataBytesMax'>;
  readonly journal: Journal;
  /** Told of the calls that are begun. */
  readonly streams: Pick<Http2Streams, 'begun'>;
  /** Whether the server is stopping, and new calls of `path` are refused for it. */
  readonly closed: (path: string) => boolean;
}

/**
 * What every call of every service comes through. Its journal record `call` has method, peer, status code and duration;
 * streams, which last, have a `call-started` as well [T3] [T4]. A call whose headers are too large [P12], or that comes
 * while the server stops, is refused here.
 */
export function callGate({ limits, journal, closed, streams }: CallGateParts): ServerInterceptor {
  let calls = 0;
  return (method, call) => {
    calls += 1;
    const about = { call: calls, method: method.path.slice(1), peer: call.getPeer() };
    const began = performance.now();
    // Where the call ends without a status of the server's, its client cancelled it or is gone.
    let code = status.CANCELLED;
    const { sendStatus } = call;
    // In its own place, for gRPC itself ends calls too: a message too large, a deadline that passed.
    call.sendStatus = (sent) => {
      if (sent.code !== undefined && sent.code !== null) code = sent.code;
      sendStatus.call(call, sent);
    };
    const refuse = (refusal: { code: status; details: string }): void =>
      call.sendStatus({ ...refusal, metadata: null });
    if (method.requestStream || method.responseStream) journal.info('call-started', about);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, admit) => {
            if (headerBytes(metadata) > limits.metadataBytesMax) refuse(headersTooLarge);
            else if (closed(method.path)) refuse(statusOf({ kind: 'stopping' }));
            else {
              if (method.responseStream) streams.begun(metadata);
              admit(metadata);
            }
          },
          onCancel: () =>
            journal.info('call', { ...about, code: status[code], durationMs: Math.round(performance.now() - began) }),
        }),
    });
  };
}

const headersTooLarge = { code: status.RESOURCE_EXHAUSTED, details: "The request's headers are too large together." };

/** The size of headers as HTTP/2 counts it (RFC 9113, section 6.5.2): names, values and 32 bytes for each. */
export function headerBytes(metadata: Metadata): number {
  let bytes = 0;
  for (const [name, values] of Object.entries(metadata.toHttp2Headers())) {
    for (const value of [values ?? []].flat()) bytes += name.length + String(value).length + 32;
  }
  return bytes;
}
