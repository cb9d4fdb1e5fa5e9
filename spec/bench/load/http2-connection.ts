import { frame, preface, request } from '../../server/rpc/http2-frames.js';
import type { Endings } from '../../system/endings.js';
import { FrameReader, type FrameSink, frameFlags, frameTypes } from './frame-reader.js';
import { RawConnection } from './raw-connection.js';
import { leastWindow, ReceiveWindows } from './receive-windows.js';

/** What a server may send before we say that we took it, in bytes: plenty, so that window updates cost nobody anything. */
const roomyWindow = 1024 * 1024;

const initialWindowSize = 0x4;

export interface Http2Options {
  /** Bytes of a stream's DATA. */
  readonly data: (stream: number, bytes: Buffer, start: number, end: number) => void;
  /** The server has ended a stream as it should. */
  readonly ended: (stream: number) => void;
  /** The server takes more on stream 1. */
  readonly writable?: () => void;
  readonly fault: (what: string) => void;
  /** What the server may send ahead, in bytes; 1 MiB unless told otherwise. */
  readonly window?: number;
}

/**
 * The client's side of an HTTP/2 connection, by hand: no more of RFC 9113 than the servers of this bench need of it. It
 * reads no headers, and does not tell one status from another. Writes before the connection is made wait for it.
 */
export class Http2Connection implements FrameSink {
  readonly #options: Http2Options;
  readonly #raw: RawConnection;
  /** The stream that DATA is coming on. */
  openStream = 1;
  readonly #window: number;
  readonly #windows = new ReceiveWindows();
  #untold = 0;
  /** What the server takes on stream 1, and on all together, in bytes. */
  #streamCredit = leastWindow;
  #credit = leastWindow;
  #initialWindow = leastWindow;

  constructor(endings: Endings, address: string, options: Http2Options) {
    this.#options = options;
    this.#window = options.window ?? roomyWindow;
    const frames = new FrameReader(this);
    this.#raw = new RawConnection(endings, address, {
      read: (bytes, length) => {
        frames.read(bytes, length);
        this.#tellTaken();
      },
      fault: options.fault,
    });
    const settings = Buffer.alloc(6);
    settings.writeUInt16BE(initialWindowSize, 0);
    settings.writeUInt32BE(this.#window, 2);
    this.#raw.write(Buffer.concat([preface, frame(frameTypes.settings, 0, 0, settings)]));
    if (this.#window > leastWindow) this.#tell(0, this.#window - leastWindow);
  }

  /** Begins a gRPC call of `path` on `stream`: 1, 3, 5, … */
  open(stream: number, path: string): void {
    this.#windows.open(stream);
    this.#raw.write(request(stream, path));
  }

  /** What may be sent on stream 1 now, in bytes. */
  get credit(): number {
    return Math.min(this.#credit, this.#streamCredit);
  }

  /** `bytes` are DATA frames; `counted` of them count against stream 1's credit. */
  write(bytes: Buffer, counted: number): void {
    this.#credit -= counted;
    this.#streamCredit -= counted;
    this.#raw.write(bytes);
  }

  slowDown(pauseMs: number): void {
    this.#raw.slowDown(pauseMs);
  }

  close(): void {
    this.#raw.close();
  }

  data(stream: number, bytes: Buffer, start: number, end: number): void {
    this.#windows.received(stream, end - start);
    this.#untold += end - start;
    this.#options.data(stream, bytes, start, end);
  }

  ended(stream: number): void {
    this.#windows.close(stream);
    this.#options.ended(stream);
  }

  frame(type: number, flags: number, stream: number, payload: Buffer): void {
    switch (type) {
      case frameTypes.headers:
        if (flags & frameFlags.endStream) this.ended(stream);
        break;
      case frameTypes.settings:
        if (flags & frameFlags.ack) {
          this.#windows.acknowledged(this.#window);
          break;
        }
        this.#agree(payload);
        this.#raw.write(frame(frameTypes.settings, frameFlags.ack, 0, Buffer.alloc(0)));
        break;
      case frameTypes.ping:
        if (!(flags & frameFlags.ack)) this.#raw.write(frame(frameTypes.ping, frameFlags.ack, 0, payload));
        break;
      case frameTypes.windowUpdate:
        if (stream === 0) this.#credit += payload.readUInt32BE(0);
        if (stream === 1) this.#streamCredit += payload.readUInt32BE(0);
        this.#options.writable?.();
        break;
      case frameTypes.reset:
      case frameTypes.goAway:
        this.#options.fault(`a frame of type ${type}: ${payload.toString('hex')}`);
        break;
    }
  }

  #agree(settings: Buffer): void {
    for (let at = 0; at + 6 <= settings.length; at += 6) {
      if (settings.readUInt16BE(at) !== initialWindowSize) continue;
      const window = settings.readUInt32BE(at + 2);
      this.#streamCredit += window - this.#initialWindow;
      this.#initialWindow = window;
    }
  }

  /** All DATA here is of one stream at a time, so the connection's window and the stream's need the same. */
  #tellTaken(): void {
    if (this.#untold < this.#window / 2) return;
    this.#tell(0, this.#untold);
    this.#tell(this.openStream, this.#untold);
    this.#untold = 0;
  }

  #tell(stream: number, increment: number): void {
    this.#windows.told(stream, increment);
    this.#raw.write(windowUpdate(stream, increment));
  }
}

function windowUpdate(stream: number, bytes: number): Buffer {
  const increment = Buffer.alloc(4);
  increment.writeUInt32BE(bytes);
  return frame(frameTypes.windowUpdate, 0, stream, increment);
}
