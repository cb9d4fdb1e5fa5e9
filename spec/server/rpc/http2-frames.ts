/** HTTP/2 by hand (RFC 9113), for what no client library would send. */
export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** RFC 9113, section 6. */
export const frameTypes = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  reset: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goAway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

/** RFC 9113, section 6. A flag means something for some types only. */
export const frameFlags = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** RFC 9113, section 7. */
export const errorCodes = {
  noError: 0x0,
  protocolError: 0x1,
  internalError: 0x2,
  flowControlError: 0x3,
  settingsTimeout: 0x4,
  streamClosed: 0x5,
  frameSizeError: 0x6,
  refusedStream: 0x7,
  cancel: 0x8,
  compressionError: 0x9,
  connectError: 0xa,
  enhanceYourCalm: 0xb,
} as const;

/** RFC 9113, section 6.5.2. */
export const settingNames = {
  headerTableSize: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  maxHeaderListSize: 0x6,
  /** RFC 8441, section 3. */
  enableConnectProtocol: 0x8,
  /** RFC 9218, section 2.1. */
  noPriorities: 0x9,
} as const;

/** Before each frame's payload (RFC 9113, section 4.1), in bytes. */
export const frameHeadBytes = 9;

const nothing = Buffer.alloc(0);

/** A client's first frame, with no settings. */
export const settings = frame(frameTypes.settings, 0, 0, nothing);
export const settingsAck = frame(frameTypes.settings, frameFlags.ack, 0, nothing);

/** SETTINGS with these, in this order; one may come twice. */
export function settingsOf(...values: readonly (readonly [setting: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(6 * values.length);
  for (const [index, [setting, value]] of values.entries()) {
    payload.writeUInt16BE(setting, 6 * index);
    payload.writeUInt32BE(value, 6 * index + 2);
  }
  return frame(frameTypes.settings, 0, 0, payload);
}

/** The headers of a gRPC request of `path`, which a server needs to begin a call. */
export function requestHeaders(path: string, contentType = 'application/grpc'): (readonly [string, string])[] {
  return [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'test'],
    ['content-type', contentType],
    ['te', 'trailers'],
  ];
}

/** The headers of a gRPC request, which may end its side of the stream. */
export function request(stream: number, path: string, { contentType = 'application/grpc', end = false } = {}): Buffer {
  const flags = frameFlags.endHeaders | (end ? frameFlags.endStream : 0);
  return frame(frameTypes.headers, flags, stream, headerBlock(requestHeaders(path, contentType)));
}

/** The end of a stream at once, as if its caller had lost interest. */
export function reset(stream: number, code: number = errorCodes.cancel): Buffer {
  return frame(frameTypes.reset, 0, stream, uint32(code));
}

export function data(stream: number, payload: Uint8Array, { end = false } = {}): Buffer {
  return frame(frameTypes.data, end ? frameFlags.endStream : 0, stream, Buffer.from(payload));
}

export function ping(content = nothing, { ack = false } = {}): Buffer {
  const payload = Buffer.alloc(8);
  content.copy(payload);
  return frame(frameTypes.ping, ack ? frameFlags.ack : 0, 0, payload);
}

export function goAway(code: number, lastStream = 0): Buffer {
  return frame(frameTypes.goAway, 0, 0, Buffer.concat([uint32(lastStream), uint32(code)]));
}

export function windowUpdate(stream: number, increment: number): Buffer {
  return frame(frameTypes.windowUpdate, 0, stream, uint32(increment));
}

/** PRIORITY, which RFC 9113 knows only to be passed over: a stream to depend on, and a weight from 1 to 256. */
export function priority(stream: number, dependsOn = 0, weight = 16): Buffer {
  return frame(frameTypes.priority, 0, stream, Buffer.concat([uint32(dependsOn), Buffer.from([weight - 1])]));
}

/** Any frame. Types and flags are numbers of RFC 9113, section 6. */
export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(frameHeadBytes);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** One gRPC message before it is cut into DATA frames: a byte whether it is compressed, its length, the message. */
export function grpcMessage(message: Uint8Array, compressed = 0): Buffer {
  const prefix = Buffer.from([compressed, ...uint32(message.length)]);
  return Buffer.concat([prefix, message]);
}

/** Headers without compression. */
export function headerBlock(headers: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(headers.map(([name, value]) => literal(name, value)));
}

/** A header without compression (RFC 7541, section 6.2.2). */
export function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), plainString(name), plainString(value)]);
}

/** A string as it is, without Huffman coding (RFC 7541, section 5.2), of any length. */
export function plainString(text: string): Buffer {
  const octets = Buffer.from(text, 'latin1');
  return Buffer.concat([hpackInteger(octets.length, 7, 0), octets]);
}

/** An integer in the last `bits` of its first byte, whose others are those of `first`, and more bytes (RFC 7541, section 5.1). */
export function hpackInteger(value: number, bits: number, first: number): Buffer {
  const most = 2 ** bits - 1;
  if (value < most) return Buffer.from([first | value]);
  const octets = [first | most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) | 128);
  return Buffer.from([...octets, rest]);
}

/** A frame as it was received. */
export interface WireFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** The complete frames at the beginning of `received`, and how many bytes they take. */
export function framesIn(received: Buffer): { readonly frames: WireFrame[]; readonly length: number } {
  const frames: WireFrame[] = [];
  let at = 0;
  while (at + frameHeadBytes <= received.length) {
    const end = at + frameHeadBytes + received.readUIntBE(at, 3);
    if (end > received.length) break;
    frames.push({
      type: received.readUInt8(at + 3),
      flags: received.readUInt8(at + 4),
      stream: received.readUInt32BE(at + 5) & 0x7fffffff,
      payload: received.subarray(at + frameHeadBytes, end),
    });
    at = end;
  }
  return { frames, length: at };
}

function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
}
