/** HTTP/2 frames as bytes (RFC 9113, section 4.1), and the numbers that the gate needs of it. */

/** What every client sends first (section 3.4). */
export const clientPreface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** The header before each frame, in bytes. */
export const frameHeadBytes = 9;

/** The longest payload that may be sent until another limit is agreed on, which we never do, in bytes (section 4.2). */
export const framePayloadBytesMax = 16_384;

/** Sections 6.1 to 6.10. */
export const frameType = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  resetStream: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goAway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

/** Flags of the frames that have them; a number can mean two things. */
export const frameFlag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8 } as const;

/** Section 7. */
export const errorCode = {
  noError: 0x0,
  protocolError: 0x1,
  internalError: 0x2,
  flowControlError: 0x3,
  streamClosed: 0x5,
  frameSizeError: 0x6,
  enhanceYourCalm: 0xb,
} as const;

export type ErrorCode = (typeof errorCode)[keyof typeof errorCode];

/** Section 6.5.2; RFC 8441, section 3; RFC 9218, section 2.1. */
export const setting = {
  headerTableSize: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  maxHeaderListSize: 0x6,
  enableConnectProtocol: 0x8,
  noPriorities: 0x9,
} as const;

/** One setting in a SETTINGS frame, in bytes. */
export const settingBytes = 6;

/** Every window before anything is agreed on, in bytes (section 6.9.2). */
export const initialWindowBytes = 65_535;

/** No window may be larger, in bytes (section 6.9.1). */
export const windowBytesMax = 2 ** 31 - 1;

/** Writes a frame's header at `at` of `bytes`; `length` is its payload's, in bytes. */
export function writeFrameHead(bytes: Buffer, at: number, length: number, type: number, flags: number, stream: number) {
  bytes.writeUIntBE(length, at, 3);
  bytes.writeUInt8(type, at + 3);
  bytes.writeUInt8(flags, at + 4);
  bytes.writeUInt32BE(stream, at + 5);
}

/** A frame of the connection itself, with room for so much payload. */
function connectionFrame(length: number, type: number, flags = 0): Buffer {
  const frame = Buffer.alloc(frameHeadBytes + length);
  writeFrameHead(frame, 0, length, type, flags, 0);
  return frame;
}

/** A WINDOW_UPDATE of the whole connection (section 6.9): 1 to 2^31 - 1 bytes more may be sent. */
export function windowUpdateFrame(increment: number): Buffer {
  const frame = connectionFrame(4, frameType.windowUpdate);
  frame.writeUInt32BE(increment, frameHeadBytes);
  return frame;
}

/** By how much a WINDOW_UPDATE, whole, opens the window. */
export function incrementOf(frame: Buffer): number {
  return frame.readUInt32BE(frameHeadBytes) & 0x7fffffff;
}

/** A setting, by its number, and its value. */
export type SettingValue = readonly [id: number, value: number];

/** SETTINGS with these, in this order (section 6.5). */
export function settingsFrame(values: readonly SettingValue[]): Buffer {
  const frame = connectionFrame(settingBytes * values.length, frameType.settings);
  for (const [index, [id, value]] of values.entries()) {
    frame.writeUInt16BE(id, frameHeadBytes + settingBytes * index);
    frame.writeUInt32BE(value, frameHeadBytes + settingBytes * index + 2);
  }
  return frame;
}

/** What a SETTINGS frame, whole, says, in its order. */
export function settingsIn(frame: Buffer): SettingValue[] {
  const values: SettingValue[] = [];
  for (let at = frameHeadBytes; at + settingBytes <= frame.length; at += settingBytes) {
    values.push([frame.readUInt16BE(at), frame.readUInt32BE(at + 2)]);
  }
  return values;
}

export const settingsAckFrame = connectionFrame(0, frameType.settings, frameFlag.ack);

/** A PING (section 6.7), or the answer to one. `content` has 8 bytes. */
export function pingFrame(content: Buffer, flags = 0): Buffer {
  const frame = connectionFrame(content.length, frameType.ping, flags);
  content.copy(frame, frameHeadBytes);
  return frame;
}

/** A GOAWAY (section 6.8): no stream above `lastStream` was or will be worked on. */
export function goAwayFrame(lastStream: number, code: ErrorCode): Buffer {
  const frame = connectionFrame(8, frameType.goAway);
  frame.writeUInt32BE(lastStream, frameHeadBytes);
  frame.writeUInt32BE(code, frameHeadBytes + 4);
  return frame;
}

/** The error code of a GOAWAY, whole or without the data behind it. */
export function goAwayCode(frame: Buffer): number {
  return frame.readUInt32BE(frameHeadBytes + 4);
}

/** The name of an error code, for log records. */
export function errorName(code: number): string {
  const name = Object.entries(errorCode).find(([, value]) => value === code)?.[0] ?? `${code}`;
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
