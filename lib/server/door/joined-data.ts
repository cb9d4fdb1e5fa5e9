import { frameHeadBytes, framePayloadBytesMax, frameType, writeFrameHead } from './http2-frames.js';

/**
 * The frames of `bytes`, which begin at `from`, with DATA frames that follow each other on one stream joined to one
 * (RFC 9113, section 6.1: what a client cuts its data into means nothing). Behind a gate node:http2 and grpc-js stop
 * and go on again for every frame, in ticks of their own, which costs more than copying the frames of a client that
 * sends many messages at once. Frames with flags (an end, padding), empty ones and those that `bytes` has not all of
 * stay as they are, and so does a sum over the longest payload. The same bytes where there is nothing to join.
 */
export function withJoinedData(bytes: Buffer, from: number): Buffer {
  let joined: Buffer | undefined;
  /** How far `bytes` were taken into `joined`, and that is filled. */
  let taken = 0;
  let filled = 0;
  let at = from;
  while (at + frameHeadBytes <= bytes.length) {
    const first = at;
    const stream = bytes.readUInt32BE(first + 5);
    let payload = 0;
    let frames = 0;
    for (let length = joinable(bytes, at, stream); length > 0; length = joinable(bytes, at, stream)) {
      if (payload + length > framePayloadBytesMax) break;
      payload += length;
      frames += 1;
      at += frameHeadBytes + length;
    }
    if (frames < 2) {
      if (frames === 0) at += frameHeadBytes + bytes.readUIntBE(at, 3);
      continue;
    }
    joined ??= Buffer.allocUnsafe(bytes.length);
    filled += bytes.copy(joined, filled, taken, first);
    writeFrameHead(joined, filled, payload, frameType.data, 0, stream);
    filled += frameHeadBytes;
    for (let next = first; next < at; ) {
      const end = next + frameHeadBytes + bytes.readUIntBE(next, 3);
      filled += bytes.copy(joined, filled, next + frameHeadBytes, end);
      next = end;
    }
    taken = at;
  }
  if (!joined) return bytes;
  filled += bytes.copy(joined, filled, taken);
  return joined.subarray(0, filled);
}

/** The payload of the frame at `at`, in bytes, if it can be joined to others of `stream`; 0 if not. */
function joinable(bytes: Buffer, at: number, stream: number): number {
  if (at + frameHeadBytes > bytes.length) return 0;
  const isPlainData = bytes[at + 3] === frameType.data && bytes[at + 4] === 0;
  if (!isPlainData || bytes.readUInt32BE(at + 5) !== stream) return 0;
  const length = bytes.readUIntBE(at, 3);
  return at + frameHeadBytes + length <= bytes.length ? length : 0;
}
