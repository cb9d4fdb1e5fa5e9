import { randomBytes } from 'node:crypto';
import { closeSync, fdatasync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import {
  encodeFrame,
  encodeHeader,
  erasedMarks,
  framesAt,
  type Payload,
  payloadIn,
  type SegmentHeader,
} from './segment-format.js';

/** What the files of a store's two segments are called, within its directory. */
export const segmentNames = ['ahead-0', 'ahead-1'] as const;

/** What a segment is kept in: a file, or in a test what forgets or refuses like one. */
export interface SegmentFile {
  /** In bytes. */
  readonly size: number;
  /** Writes `bytes` at `at`, all of them; throws the system's error, and may have written some. */
  write(bytes: Buffer, at: number): void;
  /** Cuts it off behind its first `size` bytes. Throws the system's error. */
  truncate(size: number): void;
  /** Resolves when all that was written survives the loss of power; rejects with the system's error. */
  flush(): Promise<void>;
  close(): void;
}

const flushed = promisify(fdatasync);

/** The file at `path`, for its owner alone, which is made where there is none. Throws the system's error. */
export function openSegmentFile(path: string): SegmentFile {
  closeSync(openSync(path, 'a', 0o600));
  const descriptor = openSync(path, 'r+');
  return {
    get size() {
      return fstatSync(descriptor).size;
    },
    write(bytes, at) {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(descriptor, bytes, done, bytes.length - done, at + done);
      }
    },
    truncate: (size) => ftruncateSync(descriptor, size),
    flush: () => flushed(descriptor),
    close: () => closeSync(descriptor),
  };
}

/** All bytes of the file at `path`; undefined where there is none. */
export function segmentBytes(path: string): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.allocUnsafe(fstatSync(descriptor).size);
    let at = 0;
    for (let count = -1; count !== 0 && at < bytes.length; at += count) {
      count = readSync(descriptor, bytes, at, bytes.length - at, at);
    }
    return bytes.subarray(0, at);
  } finally {
    closeSync(descriptor);
  }
}

export interface SegmentOptions {
  /** Whether what is added survives the loss of power too. */
  readonly flushes: boolean;
  /** The life of the operating system (`bootId`); empty where that is not known. */
  readonly boot: string;
  /**
   * By how much the file grows when it has to, with zeros: a flush that changes no size is a quick one. Beyond twice
   * that it shrinks.
   */
  readonly growthBytes: number;
}

/** One segment: frames are added to it until it is spent, and then it is begun anew. One call at a time. */
export class Segment {
  readonly #file: SegmentFile;
  readonly #options: SegmentOptions;
  #header: SegmentHeader | undefined;
  #end = framesAt;
  #size: number;
  /** A frame at the end that was refused and may be there yet. */
  #refused: Buffer | undefined;

  constructor(file: SegmentFile, options: SegmentOptions) {
    this.#file = file;
    this.#options = options;
    this.#size = file.size;
  }

  /**
   * Begins `generation`, which is newer than that of any segment of the store: it has no frames then. It was never
   * begun, or is spent. Durable with the first frame. Throws the system's error.
   */
  begin(generation: number): void {
    const { growthBytes, boot } = this.#options;
    const header = { generation, seed: randomBytes(8), boot, spent: false };
    if (this.#size > 2 * growthBytes) {
      this.#file.truncate(growthBytes);
      this.#size = growthBytes;
    }
    this.#grow(framesAt);
    this.#file.write(encodeHeader(header), 0);
    this.#header = header;
    this.#end = framesAt;
    this.#refused = undefined;
  }

  /**
   * Adds a frame, and begins `generation` before if it has none that is not spent. Resolves with its payload's bytes
   * when it is durable; rejects with the system's error, and then the frame is not there.
   */
  async add(payload: Payload, generation: number): Promise<Buffer> {
    if (this.#header?.generation !== generation) this.begin(generation);
    if (this.#refused) await this.settle();
    const frame = encodeFrame(payload, (this.#header as SegmentHeader).seed, this.#end);
    this.#grow(this.#end + frame.length);
    try {
      this.#file.write(frame, this.#end);
      if (this.#options.flushes) await this.#file.flush();
    } catch (error) {
      this.#refused = frame;
      // If that fails too, it is tried again before anything else is added.
      await this.settle().catch(() => {});
      throw error;
    }
    this.#end += frame.length;
    return payloadIn(frame, payload);
  }

  /** Whether a frame that was refused may be there yet. */
  get isUnsettled(): boolean {
    return this.#refused !== undefined;
  }

  /**
   * What was refused must not be there after all when the next life looks, even if power is lost: a flush that failed
   * may have written it. Resolves when that is so; rejects with the system's error.
   */
  async settle(): Promise<void> {
    if (!this.#refused) return;
    for (const [at, zeros] of erasedMarks(this.#refused)) {
      // The file may end before it.
      if (this.#end + at < this.#file.size) this.#file.write(zeros, this.#end + at);
    }
    if (this.#options.flushes) await this.#file.flush();
    this.#refused = undefined;
  }

  /** The store has all that is in it. Resolves when that is durable; rejects with the system's error. */
  async spend(): Promise<void> {
    if (!this.#header) return;
    const spent = { ...this.#header, spent: true };
    this.#file.write(encodeHeader(spent), 0);
    if (this.#options.flushes) await this.#file.flush();
    this.#header = undefined;
  }

  close(): void {
    this.#file.close();
  }

  #grow(needed: number): void {
    if (needed <= this.#size) return;
    // Where it could not grow, a frame has gone beyond that.
    this.#size = this.#file.size;
    if (needed <= this.#size) return;
    const { growthBytes } = this.#options;
    const to = Math.ceil(needed / growthBytes) * growthBytes;
    try {
      this.#file.write(Buffer.alloc(to - this.#size), this.#size);
      this.#size = to;
    } catch {
      // There may be space for what is needed; if not, that write says so.
    }
  }
}
