import { closeSync, openSync, readSync } from 'node:fs';

/** Bytes that are read at once. */
const pieceBytes = 256 * 1024;

/** The lines of a file that grows, each once, as far as they are complete. */
export class LineTail {
  readonly #path: string;
  #offset = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  /** What was added since the last call. */
  *newLines(): Generator<string> {
    for (let bytes = this.#read(); bytes.length > 0; bytes = this.#read()) {
      this.#rest = Buffer.concat([this.#rest, bytes]);
      let from = 0;
      for (let to = this.#rest.indexOf(10); to >= 0; to = this.#rest.indexOf(10, from)) {
        yield this.#rest.toString('utf8', from, to);
        from = to + 1;
      }
      this.#rest = this.#rest.subarray(from);
    }
  }

  /** Whoever wrote was killed: the beginning of a line that is there has no end. */
  writerDied(): void {
    this.#rest = Buffer.alloc(0);
  }

  #read(): Buffer {
    let file: number;
    try {
      file = openSync(this.#path, 'r');
    } catch {
      // Nobody has written yet.
      return Buffer.alloc(0);
    }
    try {
      const bytes = Buffer.allocUnsafe(pieceBytes);
      const count = readSync(file, bytes, 0, pieceBytes, this.#offset);
      this.#offset += count;
      return Buffer.from(bytes.subarray(0, count));
    } finally {
      closeSync(file);
    }
  }
}
