import { frameHeadBytes } from './http2-frames.js';

/**
 * What becomes of a frame: its bytes go on as they come, are collected until it is whole, are dropped, or nothing goes
 * on any more; or it is not looked at yet, and given back with all that follows.
 */
export type Handling = 'pass' | 'gather' | 'skip' | 'stop' | 'hold';

/** Who decides on frames, one after the other. */
export interface FrameSieve {
  /** A frame's header has come; `length` is its payload's, in bytes. */
  head(type: number, flags: number, stream: number, length: number): Handling;
  /** A frame that was to be gathered is whole. Returns what goes on in its place, if anything. */
  gathered(frame: Buffer): Buffer | undefined;
  /** The next bytes that go on. They are parts of what was cut, and not copied. */
  pass(bytes: Buffer): void;
  /** The rest of what was being cut, from the frame on that is to be held. It may be cut again at once. */
  held?(rest: Buffer): void;
}

const nothing = Buffer.alloc(0);

/**
 * Cuts one direction of an HTTP/2 connection into frames (RFC 9113, section 4.1), in chunks that end anywhere. It holds
 * back no more than an unfinished header and the frame that is being gathered; where all of a chunk passes, it goes on
 * as it is.
 */
export class FrameCutter {
  readonly #sieve: FrameSieve;
  /** The first bytes of a header that was cut. */
  #split: Buffer = nothing;
  /** Bytes of the present frame's payload that are still to come. */
  #left = 0;
  /** The present frame, as long as it will be, where it is gathered. */
  #gathering: Buffer | undefined;
  #skipping = false;
  #stopped = false;

  constructor(sieve: FrameSieve) {
    this.#sieve = sieve;
  }

  /** Whether all that was cut so far are whole frames. */
  get atBoundary(): boolean {
    return this.#left === 0 && this.#split.length === 0;
  }

  /** How many of the next bytes belong to a frame whose header was cut already; undefined within a header. */
  get frameBytesLeft(): number | undefined {
    return this.#split.length === 0 ? this.#left : undefined;
  }

  /** Nothing goes on from here, as when the sieve says so. */
  stop(): void {
    this.#stopped = true;
    this.#split = nothing;
    this.#gathering = undefined;
  }

  cut(chunk: Buffer): void {
    let at = 0;
    /** The first byte that has not gone on, or been kept, yet. */
    let from = 0;
    const passUpTo = (end: number): void => {
      if (from < end) this.#sieve.pass(from === 0 && end === chunk.length ? chunk : chunk.subarray(from, end));
      from = end;
    };
    while (at < chunk.length && !this.#stopped) {
      if (this.#left > 0) {
        const end = Math.min(chunk.length, at + this.#left);
        this.#left -= end - at;
        if (this.#gathering) {
          chunk.copy(this.#gathering, this.#gathering.length - this.#left - (end - at), at, end);
          from = end;
        } else if (this.#skipping) from = end;
        at = end;
        if (this.#left === 0) this.#finish();
        continue;
      }
      const start = at;
      let head = chunk;
      let headAt = start;
      if (this.#split.length > 0 || chunk.length - at < frameHeadBytes) {
        passUpTo(start);
        at = Math.min(chunk.length, start + frameHeadBytes - this.#split.length);
        from = at;
        this.#split = withMore(this.#split, chunk.subarray(start, at));
        if (this.#split.length < frameHeadBytes) return;
        head = this.#split;
        headAt = 0;
        this.#split = nothing;
      } else at += frameHeadBytes;
      const length = head.readUIntBE(headAt, 3);
      const stream = head.readUInt32BE(headAt + 5) & 0x7fffffff;
      switch (this.#sieve.head(head[headAt + 3] as number, head[headAt + 4] as number, stream, length)) {
        case 'pass':
          if (head !== chunk) this.#sieve.pass(head);
          break;
        case 'gather':
          passUpTo(start);
          this.#gathering = roomFor(frameHeadBytes + length, at + length <= chunk.length);
          head.copy(this.#gathering, 0, headAt, headAt + frameHeadBytes);
          from = at;
          break;
        case 'skip':
          passUpTo(start);
          this.#skipping = true;
          from = at;
          break;
        case 'stop':
          passUpTo(start);
          this.stop();
          return;
        case 'hold':
          passUpTo(start);
          this.#sieve.held?.(head === chunk ? chunk.subarray(start) : Buffer.concat([head, chunk.subarray(at)]));
          return;
      }
      this.#left = length;
      if (length === 0) this.#finish();
    }
    if (!this.#stopped) passUpTo(chunk.length);
  }

  #finish(): void {
    this.#skipping = false;
    const frame = this.#gathering;
    if (!frame) return;
    this.#gathering = undefined;
    const instead = this.#sieve.gathered(frame);
    if (instead) this.#sieve.pass(instead);
  }
}

/** Memory of its own for a frame that waits for its rest: a part of what is shared, or was read, would hold more. */
function roomFor(bytes: number, isWhole: boolean): Buffer {
  return isWhole ? Buffer.allocUnsafe(bytes) : Buffer.allocUnsafeSlow(bytes);
}

/** The same of a header that is cut. */
function withMore(split: Buffer, more: Buffer): Buffer {
  const both = Buffer.allocUnsafeSlow(split.length + more.length);
  split.copy(both);
  more.copy(both, split.length);
  return both;
}
