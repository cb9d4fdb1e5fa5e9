/** What goes before each message, in bytes: a flag and the length (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export const prefixBytes = 5;

/**
 * A response as it goes over HTTP/2. Participants in step get the same bytes one after the other, so the newest
 * frame is kept, and made once for all of them.
 */
export class SharedFrame {
  #bytes: Buffer | undefined;
  #frame: Buffer = Buffer.alloc(0);

  /** `bytes`, which never change, with what goes before them. Not compressed, which needs no agreement with the client. */
  of(bytes: Buffer): Buffer {
    if (this.#bytes !== bytes) {
      this.#frame = framed(bytes);
      this.#bytes = bytes;
    }
    return this.#frame;
  }
}

/** The same where so many bytes of the same response follow the frame. */
export function framed(bytes: Buffer, following = 0): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + bytes.length);
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(bytes.length + following, 1);
  bytes.copy(frame, prefixBytes);
  return frame;
}
