/** What a connection sends, as `FrameReader` hands it on. */
export interface FrameSink {
  /** Bytes `start` to `end` of `bytes` are the next of a stream's DATA. They are another's once this has returned. */
  data(stream: number, bytes: Buffer, start: number, end: number): void;
  /** Any other frame, complete. Types and flags are numbers of RFC 9113, section 6. */
  frame(type: number, flags: number, stream: number, payload: Buffer): void;
  /** A DATA frame was the last of its stream. */
  ended(stream: number): void;
}

export const frameTypes = {
  data: 0x0,
  headers: 0x1,
  reset: 0x3,
  settings: 0x4,
  ping: 0x6,
  goAway: 0x7,
  windowUpdate: 0x8,
} as const;
export const frameFlags = { endStream: 0x1, ack: 0x1, padded: 0x8 } as const;

/** The header before each frame (RFC 9113, section 4.1), in bytes. */
export const frameHeadBytes = 9;

/** Any frame other than DATA that is larger is taken for a fault, in bytes. */
const controlBytesMax = 64 * 1024;

/**
 * HTTP/2 frames (RFC 9113, section 4.1) of one connection, from chunks cut anywhere. It copies no DATA. Throws on frames
 * that no server of this bench sends: padded ones, and control frames beyond 64 KiB.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #head = Buffer.alloc(frameHeadBytes);
  #headFilled = 0;
  #type = 0;
  #flags = 0;
  #stream = 0;
  /** Bytes of the present frame's payload that are still to come. */
  #left = 0;
  #payload: Buffer[] = [];

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** The first `length` bytes of `chunk` go on where the ones before ended. */
  read(chunk: Buffer, length = chunk.length): void {
    let at = 0;
    while (at < length) {
      if (this.#headFilled < frameHeadBytes) {
        at = this.#readHead(chunk, at, length);
        if (this.#headFilled < frameHeadBytes) return;
        if (this.#left > 0) continue;
      } else {
        const end = Math.min(length, at + this.#left);
        this.#left -= end - at;
        if (this.#type === frameTypes.data) this.#sink.data(this.#stream, chunk, at, end);
        else this.#payload.push(Buffer.from(chunk.subarray(at, end)));
        at = end;
      }
      if (this.#left === 0) this.#finish();
    }
  }

  #readHead(chunk: Buffer, from: number, length: number): number {
    let at = from;
    const head = this.#head;
    while (at < length && this.#headFilled < frameHeadBytes) head[this.#headFilled++] = chunk[at++] as number;
    if (this.#headFilled < frameHeadBytes) return at;
    this.#left = head.readUIntBE(0, 3);
    this.#type = head.readUInt8(3);
    this.#flags = head.readUInt8(4);
    this.#stream = head.readUInt32BE(5) & 0x7fffffff;
    if (this.#type === frameTypes.data) {
      if (this.#flags & frameFlags.padded) throw new Error('a padded frame');
    } else if (this.#left > controlBytesMax) throw new Error(`a frame of type ${this.#type} with ${this.#left} bytes`);
    return at;
  }

  #finish(): void {
    const [type, flags, stream] = [this.#type, this.#flags, this.#stream];
    this.#headFilled = 0;
    if (type === frameTypes.data) {
      if (flags & frameFlags.endStream) this.#sink.ended(stream);
      return;
    }
    const payload = Buffer.concat(this.#payload);
    this.#payload = [];
    this.#sink.frame(type, flags, stream, payload);
  }
}
