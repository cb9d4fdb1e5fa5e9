/** HTTP/2 by hand (RFC 9113), for what no client library would send. */
export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** A client's first frame, with no settings. */
export const settings = frame(0x4, 0, 0, Buffer.alloc(0));

/** The headers of a gRPC request, which may end its side of the stream. */
export function request(stream: number, path: string, { contentType = 'application/grpc', end = false } = {}): Buffer {
  const headers = [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'test'],
    ['content-type', contentType],
    ['te', 'trailers'],
  ] as const;
  const endHeaders = 0x4;
  const endStream = end ? 0x1 : 0;
  return frame(
    0x1,
    endHeaders | endStream,
    stream,
    Buffer.concat(headers.map(([name, value]) => literal(name, value))),
  );
}

/** The end of a stream at once, as if its caller had lost interest. */
export function reset(stream: number): Buffer {
  const cancel = Buffer.from([0, 0, 0, 8]);
  return frame(0x3, 0, stream, cancel);
}

/** Any frame. Types and flags are numbers of RFC 9113, section 6. */
export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header without compression (RFC 7541, section 6.2.2). */
function literal(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name, 'latin1'),
    Buffer.from([value.length]),
    Buffer.from(value, 'latin1'),
  ]);
}
