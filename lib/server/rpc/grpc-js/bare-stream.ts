import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { timerMsMax } from '../../../platform/deadline.js';

/** The flag of a frame behind which its sender sends nothing more (RFC 9113, section 6.2). */
const endStreamFlag = 0x1;

/** What grpc-js answers a call whose deadline has passed. */
export const deadlinePassed = { code: status.DEADLINE_EXCEEDED, details: 'Deadline exceeded' } as const;

/**
 * Whether all of a request is there that nobody has read, or as much of it as the stream holds unread. `flags` are
 * those of the frame that began the stream. The stream is as it was before.
 */
export function isAsked(stream: ServerHttp2Stream, flags = 0): boolean {
  if ((flags & endStreamFlag) !== 0 || stream.readableLength >= stream.readableHighWaterMark) return true;
  // More than there is, is given only where nothing follows.
  const all: Buffer | null = stream.read(stream.readableLength + 1);
  if (all) stream.unshift(all);
  return all !== null;
}

/**
 * Calls `asked` when `isAsked`, or when the stream has ended without any request; the stream is as it was before then.
 * Returns what stops that.
 */
export function whenAsked(stream: ServerHttp2Stream, asked: () => void): () => void {
  const stop = (): void => {
    stream.off('readable', readable);
    stream.off('end', came);
  };
  const came = (): void => {
    stop();
    // Only then does the stream know that nobody listens any more; a listener for data before would have it resumed.
    process.nextTick(asked);
  };
  const readable = (): void => {
    if (isAsked(stream)) came();
  };
  stream.on('readable', readable);
  stream.on('end', came);
  return stop;
}

/** Runs `open`, which listens to `stream`, and tells it of an end that came before. Throws what it throws. */
export function withEarlyEnd(stream: ServerHttp2Stream, open: () => void): void {
  const { readableEnded } = stream;
  open();
  if (readableEnded) stream.emit('end');
}

/** Ends a call that was answered nothing yet with this status, as gRPC does (gRPC over HTTP/2, "Trailers-Only"). */
export function respondWithStatus(
  stream: ServerHttp2Stream,
  ending: { readonly code: status; readonly details: string },
): void {
  if (stream.destroyed || stream.closed || stream.headersSent) return;
  const trailers = {
    [constants.HTTP2_HEADER_STATUS]: constants.HTTP_STATUS_OK,
    [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc+proto',
    'grpc-status': ending.code,
    'grpc-message': encodeURI(ending.details),
  };
  stream.respond(trailers, { endStream: true });
  // What still comes is nobody's.
  stream.resume();
}

/** Whether grpc-js takes the request for one of gRPC. */
export function isGrpc(headers: IncomingHttpHeaders): boolean {
  return String(headers[constants.HTTP2_HEADER_CONTENT_TYPE]).startsWith('application/grpc');
}

const timeoutHeader = 'grpc-timeout';
const unitsMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };
/** The digits that a timeout may have. */
const timeoutMax = 99_999_999;

/**
 * What time a call has (gRPC over HTTP/2, "Timeout"), in milliseconds, infinite where it does not say; undefined where
 * it is no time that can be waited for.
 */
export function timeoutMsOf(headers: IncomingHttpHeaders): number | undefined {
  const said = headers[timeoutHeader];
  if (said === undefined) return Number.POSITIVE_INFINITY;
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(String(said)) ?? [];
  if (digits === undefined) return undefined;
  const timeoutMs = Number(digits) * (unitsMs[unit] ?? 0);
  return timeoutMs <= timerMsMax ? timeoutMs : undefined;
}

/** The same headers with `leftMs` of the call's time left; infinite: they say nothing of it. */
export function withTimeout(headers: IncomingHttpHeaders, leftMs: number): IncomingHttpHeaders {
  if (leftMs === Number.POSITIVE_INFINITY) return headers;
  const left = Math.max(0, Math.ceil(leftMs));
  headers[timeoutHeader] = left <= timeoutMax ? `${left}m` : `${Math.ceil(left / 1000)}S`;
  return headers;
}

/** The size of headers as HTTP/2 counts it (RFC 9113, section 6.5.2): names, values and 32 bytes for each. */
export function headerBytes(headers: OutgoingHttpHeaders): number {
  let bytes = 0;
  for (const [name, values] of Object.entries(headers)) {
    for (const value of [values ?? []].flat()) bytes += name.length + String(value).length + 32;
  }
  return bytes;
}
