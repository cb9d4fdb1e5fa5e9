export interface NatsSink {
  /** A message; its payload is `bytes` from `start` to `end`, which are another's once this has returned. */
  message(bytes: Buffer, start: number, end: number): void;
  /** Any other line. */
  line(text: string): void;
}

const newline = 0x0a;
const letterM = 0x4d;
const space = 0x20;

/** A line that is longer is taken for a fault, in bytes. The server's first, INFO, has some hundred. */
const lineBytesMax = 64 * 1024;
const nothing = Buffer.alloc(0);

/** The NATS client protocol (https://docs.nats.io/reference/reference-protocols/nats-protocol), from chunks cut anywhere. */
export class NatsReader {
  readonly #sink: NatsSink;
  #carried: Buffer = nothing;

  constructor(sink: NatsSink) {
    this.#sink = sink;
  }

  read(chunk: Buffer, length = chunk.length): void {
    if (this.#carried.length === 0) {
      this.#walk(chunk, length);
      return;
    }
    const joined = Buffer.concat([this.#carried, chunk.subarray(0, length)]);
    this.#carried = nothing;
    this.#walk(joined, joined.length);
  }

  #walk(bytes: Buffer, length: number): void {
    let at = 0;
    while (at < length) {
      const end = bytes.indexOf(newline, at);
      let stop = end + 1;
      let size = 0;
      const message = end >= 0 && end < length && bytes[at] === letterM;
      if (message) {
        size = lastNumber(bytes, end - 2);
        stop += size + 2;
      }
      if (end < 0 || stop > length) {
        if (length - at > lineBytesMax) throw new Error('a line without an end');
        this.#carried = Buffer.from(bytes.subarray(at, length));
        return;
      }
      if (message) this.#sink.message(bytes, end + 1, end + 1 + size);
      else this.#sink.line(bytes.toString('latin1', at, end - 1));
      at = stop;
    }
  }
}

/** The number whose last digit is at `last`: MSG ends with its payload's size. */
function lastNumber(bytes: Buffer, last: number): number {
  let value = 0;
  let factor = 1;
  for (let at = last; bytes[at] !== space; at -= 1) {
    value += ((bytes[at] as number) - 0x30) * factor;
    factor *= 10;
  }
  return value;
}
