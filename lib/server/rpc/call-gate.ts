import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { type Metadata, status } from '@grpc/grpc-js';
import { serviceName } from '../../codec/contract.js';
import type { Limits } from '../../core/limits.js';
import type { Journal } from '../../platform/journal.js';
import type { OutgoingStream } from '../door/fast-lane.js';
import { errorCode } from '../door/http2-frames.js';
import { type CallEnding, type CallWait, type CallWaits, watchSending } from './call-waits.js';
import type { Http2Streams } from './grpc-js/http2-streams.js';
import type { CallListening } from './grpc-js/one-interceptor.js';
import { statusOf } from './status.js';

export interface CallGateParts {
  readonly limits: Pick<Limits, 'metadataBytesMax' | 'lingerMsMax'>;
  readonly journal: Journal;
  /** Told of the calls that are begun. */
  readonly streams: Pick<Http2Streams, 'begun' | 'of'>;
  /** How a call's stream goes out; without it, what the whole connection takes is counted for each of its calls. */
  readonly outgoingOf?: (stream: ServerHttp2Stream) => OutgoingStream | undefined;
  /** Told of the end of each call. */
  readonly ended: (peer: string, code: status) => void;
  /** Whether the server is stopping, and new calls of `path` are refused for it. */
  readonly closed: (path: string) => boolean;
  readonly waits: CallWaits;
  /** The number of a call, for log records. */
  readonly nextCall: () => number;
  /** How long a call waited for its request before it began, in milliseconds. */
  readonly waitedMs: (stream: ServerHttp2Stream) => number;
}

/**
 * What every call of every service comes through. Its journal record `call` has method, peer, status code and duration;
 * streams, which last, have a `call-started` as well [T3] [T4]. A call whose headers are too large [P12], or that comes
 * while the server stops, is refused here.
 */
export function callGate(parts: CallGateParts): CallListening {
  const { limits, journal, closed, streams, outgoingOf, waits, ended, nextCall } = parts;
  return (method, call) => {
    const about = { call: nextCall(), method: method.path.slice(1), peer: call.getPeer() };
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
    const chat = method.path.startsWith(`/${serviceName}/`);
    let wait: CallWait | undefined;
    // A connection actor sees to what its stream takes.
    if (!chat || !method.responseStream) watchSending(call, () => wait);
    /** False, and the call is ended, where it cannot be waited for. */
    const waitFor = (metadata: Metadata): boolean => {
      const { requestStream, responseStream } = method;
      // A connection actor waits for all that there is to wait for.
      if (chat && requestStream) return true;
      const wire = streams.of({ metadata });
      const waitedMs = wire ? parts.waitedMs(wire) : 0;
      const end = (ending: CallEnding): void => {
        refuse(ending);
        // Its peer may never end it from its side, and would keep it. At once, it would be closed without its status.
        if (wire) setTimeout(() => wire.close(), limits.lingerMsMax);
      };
      const { peer } = about;
      const outgoing = wire && outgoingOf?.(wire);
      const reset = (): void => wire?.close(errorCode.enhanceYourCalm);
      wait = waits.begin({
        method: about.method,
        peer,
        requestStream,
        responseStream,
        chat,
        waitedMs,
        outgoing,
        end,
        reset,
      });
      return wait !== undefined;
    };
    return {
      onReceiveMetadata: (metadata, admit) => {
        if (headerBytes(metadata.toHttp2Headers()) > limits.metadataBytesMax) refuse(headersTooLarge);
        else if (closed(method.path)) refuse(statusOf({ kind: 'stopping' }));
        else {
          streams.begun(metadata);
          if (waitFor(metadata)) admit(metadata);
        }
      },
      onReceiveHalfClose: (pass) => {
        wait?.asked();
        pass();
      },
      onCancel: () => {
        wait?.over();
        ended(about.peer, code);
        journal.info('call', { ...about, code: status[code], durationMs: Math.round(performance.now() - began) });
      },
    };
  };
}

const headersTooLarge = { code: status.RESOURCE_EXHAUSTED, details: "The request's headers are too large together." };

/** The size of headers as HTTP/2 counts it (RFC 9113, section 6.5.2): names, values and 32 bytes for each. */
export function headerBytes(headers: OutgoingHttpHeaders): number {
  let bytes = 0;
  for (const [name, values] of Object.entries(headers)) {
    for (const value of [values ?? []].flat()) bytes += name.length + String(value).length + 32;
  }
  return bytes;
}
