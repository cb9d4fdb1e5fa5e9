/** What goes before each message, in bytes: a flag and the length (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export const prefixBytes = 5;

/**
 * A response as it goes over HTTP/2. Participants in step get the same bytes one after the other, so the newest
 * frame is kept, and made once for all of them.
 */
export class SharedFrame {
  #bytes: Buffer | undefined;
  #frame: Buffer = Buffer.alloc(0);

  /** `bytes`, which never change, with what goes before them. Uncompressed: no agreement with the client is needed. */
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

/**
 * Gives `call` a decoder that holds nothing between two messages, and copies those alone that come in parts; grpc-js's
 * own keeps three buffers for each open call, some 800 bytes, and copies every message (read in 1.14.7). Nothing
 * happens in a version that has none.
 */
export function decodeLean(call: object, messageBytesMax: number): void {
  if ('decoder' in call) Object.assign(call, { decoder: new MessageDecoder(messageBytesMax) });
}

/** Cuts what comes in on a call into its messages, each with what goes before it. */
export class MessageDecoder {
  readonly #messageBytesMax: number;
  /** A message, or what goes before it, whose rest is still to come, as long as it will be. */
  #begun: Buffer | undefined;
  #filled = 0;

  constructor(messageBytesMax: number) {
    this.#messageBytesMax = messageBytesMax;
  }

  /**
   * The messages that are whole now: parts of `read`, but where that is itself a part of more than a message may have,
   * which a message that waits would hold. Throws, as grpc-js does, where one is too large.
   */
  write(read: Buffer): Buffer[] {
    const data = read.buffer.byteLength > this.#messageBytesMax ? Buffer.from(read) : read;
    const messages: Buffer[] = [];
    for (let at = 0; at < data.length; ) {
      let begun = this.#begun;
      if (!begun) {
        const bytes = data.length - at < prefixBytes ? prefixBytes : this.#bytesOf(data, at);
        if (at + bytes <= data.length) {
          messages.push(data.subarray(at, at + bytes));
          at += bytes;
          continue;
        }
        begun = Buffer.allocUnsafeSlow(bytes);
        this.#filled = 0;
      }
      const end = Math.min(data.length, at + begun.length - this.#filled);
      this.#filled += data.copy(begun, this.#filled, at, end);
      at = end;
      this.#begun = this.#filled < begun.length ? begun : this.#rest(begun);
      if (!this.#begun) messages.push(begun);
    }
    return messages;
  }

  /** The message of which that much is there, if it has more. */
  #rest(begun: Buffer): Buffer | undefined {
    const bytes = this.#bytesOf(begun, 0);
    if (bytes === begun.length) return undefined;
    const whole = Buffer.allocUnsafeSlow(bytes);
    begun.copy(whole);
    return whole;
  }

  /** How long the message is that begins at `at`, with what goes before it. */
  #bytesOf(data: Buffer, at: number): number {
    const bytes = data.readUInt32BE(at + 1);
    const max = this.#messageBytesMax;
    if (bytes > max) throw new Error(`Received message larger than max (${bytes} vs ${max})`);
    return prefixBytes + bytes;
  }
}
