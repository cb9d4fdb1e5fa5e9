import { chainStart } from '../core/chain.js';

const wireTypes = { varint: 0, fixed64: 1, lengthDelimited: 2 } as const;

/** A longer one is more than 2^53 − 1, or an overlong encoding. */
const varintBytesMax = 8;

/** The same of an int32 that is not negative. */
const int32BytesMax = 5;

/** Where the eight bytes of a chain are turned round. */
const reversed = Buffer.alloc(8);

/**
 * Reads protobuf messages of the plain shape that nearly all have: the contract's fields in the order of their numbers,
 * each at most once, with exact numbers and well-formed text. Where it meets anything else it does not come to an end
 * (`finished`), and what was read is worth nothing: the generic decoder is to judge of it. So nothing here knows what
 * becomes of duplicates, unknown fields or rubbish; and what is plain, the generic decoder reads the same. Fields have
 * numbers up to 15.
 */
export class PlainReader {
  readonly #bytes: Buffer;
  #at = 0;
  /** Of the message that is being read. */
  #end: number;
  #plain = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
  }

  /** Whether all was read, and all of it was plain. */
  get finished(): boolean {
    return this.#plain && this.#at === this.#end;
  }

  /** What `read` makes of the message in this field; undefined if it is not there. */
  message<T>(field: number, read: (reader: PlainReader) => T): T | undefined {
    if (!this.#begins(field, wireTypes.lengthDelimited)) return undefined;
    const outer = this.#end;
    this.#end = this.#contentEnd();
    const content = read(this);
    if (this.#at !== this.#end) this.#plain = false;
    this.#end = outer;
    return content;
  }

  /** The text in this field; empty if it is not there. */
  text(field: number): string {
    if (!this.#begins(field, wireTypes.lengthDelimited)) return '';
    const end = this.#contentEnd();
    const text = this.#bytes.toString('utf8', this.#at, end);
    // It stands for bytes that are not UTF-8; or it was sent, which is rare.
    if (text.includes('\ufffd')) this.#plain = false;
    this.#at = end;
    return text;
  }

  /** The number in this uint64 field; 0 if it is not there. */
  uint64(field: number): number {
    return this.#begins(field, wireTypes.varint) ? this.#varint(varintBytesMax, Number.MAX_SAFE_INTEGER) : 0;
  }

  /** The number in this int32 field, not a negative one; 0 if it is not there. */
  int32(field: number): number {
    return this.#begins(field, wireTypes.varint) ? this.#varint(int32BytesMax, 2 ** 31 - 1) : 0;
  }

  /** The chain in this fixed64 field, as 16 hex digits. */
  chain(field: number): string {
    // A field that is not there is 0.
    if (!this.#begins(field, wireTypes.fixed64)) return chainStart;
    const end = this.#at + reversed.length;
    if (end > this.#end) return this.#notPlain(chainStart);
    for (let index = 0; index < reversed.length; index += 1) reversed[index] = this.#bytes[end - 1 - index] as number;
    this.#at = end;
    return reversed.toString('hex');
  }

  /** Goes to the content of the field, if it comes next. */
  #begins(field: number, wireType: number): boolean {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== ((field << 3) | wireType)) return false;
    this.#at += 1;
    return true;
  }

  /** Goes from a length to its content; the result is where that ends. */
  #contentEnd(): number {
    const end = this.#varint(int32BytesMax, 2 ** 31 - 1) + this.#at;
    return end <= this.#end ? end : this.#notPlain(this.#end);
  }

  #varint(bytesMax: number, max: number): number {
    const last = Math.min(this.#at + bytesMax, this.#end);
    let value = 0;
    for (let unit = 1; this.#at < last; unit *= 128) {
      const byte = this.#bytes[this.#at++] as number;
      value += (byte & 127) * unit;
      if (byte < 128) return value <= max ? value : this.#notPlain(0);
    }
    return this.#notPlain(0);
  }

  #notPlain<T>(instead: T): T {
    this.#plain = false;
    return instead;
  }
}
