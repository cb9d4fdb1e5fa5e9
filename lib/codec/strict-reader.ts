import { isUtf8 } from 'node:buffer';
import protobuf from 'protobufjs/minimal.js';

/** What a string that was not UTF-8 is decoded to: itself ill-formed, so every rule of the core refuses it. */
export const notUtf8 = '\ud800';

/** A protobuf reader that notices invalid UTF-8, which protobufjs would silently turn into U+FFFD. */
export class StrictReader extends protobuf.Reader {
  override string(): string {
    const bytes = this.bytes();
    return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') : notUtf8;
  }
}
