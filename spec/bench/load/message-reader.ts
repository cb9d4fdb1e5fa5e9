/** The prefix of each gRPC message: 1 byte whether it is compressed, 4 bytes length. */
export const prefixBytes = 5;

export interface MessageSink {
  /** Bytes `start` to `end` of `bytes` are the next of the present message. */
  piece(bytes: Buffer, start: number, end: number): void;
  /** The present message is complete. */
  finish(): void;
}

/** The gRPC messages of one stream's DATA, from pieces cut anywhere, without copying them. Throws on a compressed one. */
export class MessageReader {
  readonly #sink: MessageSink;
  readonly #prefix = Buffer.alloc(prefixBytes);
  #prefixFilled = 0;
  #left = 0;

  constructor(sink: MessageSink) {
    this.#sink = sink;
  }

  read(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#prefixFilled < prefixBytes) {
        this.#prefix[this.#prefixFilled++] = bytes[at++] as number;
        if (this.#prefixFilled < prefixBytes) continue;
        if (this.#prefix[0] !== 0) throw new Error('a compressed message');
        this.#left = this.#prefix.readUInt32BE(1);
      } else {
        const stop = Math.min(end, at + this.#left);
        this.#left -= stop - at;
        this.#sink.piece(bytes, at, stop);
        at = stop;
      }
      if (this.#left > 0) continue;
      this.#prefixFilled = 0;
      this.#sink.finish();
    }
  }
}
