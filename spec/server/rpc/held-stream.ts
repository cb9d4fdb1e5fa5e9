import { Writable, type WritableOptions } from 'node:stream';

/** A stream of which the test says when it takes something. */
export class HeldStream extends Writable {
  readonly written: Buffer[] = [];
  readonly #waiting: ((error?: Error) => void)[] = [];

  constructor(options: WritableOptions = { objectMode: true }) {
    super(options);
    this.on('error', () => {});
  }

  getPeer(): string {
    return 'held:1';
  }

  override _write(bytes: Buffer, _encoding: string, taken: (error?: Error) => void): void {
    this.written.push(bytes);
    this.#waiting.push(taken);
  }

  /** Takes the oldest write, or fails at it. */
  async take(error?: Error): Promise<void> {
    this.#waiting.shift()?.(error);
    // What the stream tells of it, it tells in the same turn.
    await new Promise(setImmediate);
  }
}

/** The HTTP/2 stream below a call, which has no headers to begin with. */
export class HeldWire extends HeldStream {
  headersSent = false;

  constructor() {
    super({});
  }
}

/** What a stream’s far end has beside its streams, where a test does not say otherwise. */
export const parts = { sockets: { cut: () => {}, taken: () => 0 }, writeBytesMax: 1_000 };
