import { frameHeadBytes, frameTypes } from './frame-reader.js';
import { prefixBytes } from './message-reader.js';

/** The text that the load publishes, in bytes. */
export const textBytes = 100;
const text = Buffer.from(
  'A message of one hundred bytes, as people say them. '.repeat(2).slice(0, textBytes),
  'latin1',
);

/** The largest frame that `writePublish` makes, in bytes. */
export const publishBytesMax = frameHeadBytes + prefixBytes + textBytes + 40;

export interface Publish {
  readonly lamport: number;
  readonly ordinal: number;
  readonly seen: number;
}

/** Writes a DATA frame on stream 1 with one publish of `textBytes` bytes at `start`; gives where it ends. */
export function writePublish(into: Buffer, start: number, { lamport, ordinal, seen }: Publish): number {
  let at = start + frameHeadBytes + prefixBytes;
  into[at++] = 0x08;
  at = writeVarint(into, lamport, at);
  into[at++] = 0x1a;
  const message = at++;
  into[at++] = 0x0a;
  into[at++] = textBytes;
  at += text.copy(into, at);
  into[at++] = 0x10;
  at = writeVarint(into, ordinal, at);
  into[at++] = 0x18;
  at = writeVarint(into, seen, at);
  // With two numbers of up to 2^49 the message stays below 128 bytes, so its length is one byte.
  into[message] = at - message - 1;
  writeHeads(into, start, at);
  return at;
}

/** A DATA frame on `stream` with one gRPC message; `flags` of RFC 9113, section 6.1. */
export function messageFrame(stream: number, message: Uint8Array, flags = 0): Buffer {
  const frame = Buffer.alloc(frameHeadBytes + prefixBytes + message.length);
  frame.set(message, frameHeadBytes + prefixBytes);
  writeHeads(frame, 0, frame.length);
  frame.writeUInt8(flags, 4);
  frame.writeUInt32BE(stream, 5);
  return frame;
}

function writeHeads(into: Buffer, start: number, end: number): void {
  into.writeUIntBE(end - start - frameHeadBytes, start, 3);
  into.writeUInt8(frameTypes.data, start + 3);
  into.writeUInt8(0, start + 4);
  into.writeUInt32BE(1, start + 5);
  into.writeUInt8(0, start + frameHeadBytes);
  into.writeUInt32BE(end - start - frameHeadBytes - prefixBytes, start + frameHeadBytes + 1);
}

function writeVarint(into: Buffer, value: number, start: number): number {
  let at = start;
  let rest = value;
  while (rest >= 0x80) {
    into[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  into[at++] = rest;
  return at;
}
