import { connect, type Socket } from 'node:net';
import { messageFrame } from '../bench/load/chat-frames.js';
import { FrameReader, type FrameSink, frameFlags, frameTypes } from '../bench/load/frame-reader.js';
import { frame, preface, request } from '../server/rpc/http2-frames.js';
import type { Endings } from './endings.js';

/** RFC 9113, section 6.5.2. */
const initialWindowSize = 0x4;

/** What HTTP/2 allows before anything is agreed (RFC 9113, section 6.9.2), in bytes. */
const leastWindow = 65_535;

export interface RawReadsOptions {
  /** What the server may send ahead on each stream, in bytes; HTTP/2's own default unless told otherwise. */
  readonly window?: number;
  /** What it may send ahead on all together, in bytes. */
  readonly connectionWindow?: number;
}

/**
 * A connection that calls and gives the server as much leave to answer as the test says, by the frame. It answers pings and
 * settings, so that it is no dead peer.
 */
export class RawReads implements FrameSink {
  /** Streams that the server has ended, in the order of their ends. */
  readonly over: number[] = [];
  /** Streams that the server has reset. */
  readonly reset: number[] = [];
  /** Bytes of DATA that have come, by stream. */
  readonly taken = new Map<number, number>();
  connected = false;
  closed = false;
  /** Called at the end of each stream. */
  onOver: (stream: number) => void = () => {};
  readonly #socket: Socket;
  #stream = -1;

  constructor(endings: Endings, address: string, { window = leastWindow, connectionWindow }: RawReadsOptions = {}) {
    const [host = '', port = ''] = address.split(':');
    this.#socket = connect({ host, port: Number(port), noDelay: true });
    const frames = new FrameReader(this);
    this.#socket.on('data', (bytes) => frames.read(bytes));
    this.#socket.on('error', () => {});
    this.#socket.once('connect', () => {
      this.connected = true;
    });
    this.#socket.once('close', () => {
      this.closed = true;
    });
    endings.add(() => this.#socket.destroy());
    const settings = Buffer.alloc(6);
    settings.writeUInt16BE(initialWindowSize, 0);
    settings.writeUInt32BE(window, 2);
    this.#socket.write(Buffer.concat([preface, frame(frameTypes.settings, 0, 0, settings)]));
    if (connectionWindow) this.allow(0, connectionWindow - leastWindow);
  }

  /** Calls `paths` all at once, in one write; without a `message` none of them is ever asked anything. */
  call(paths: readonly string[], message?: Uint8Array): void {
    const frames = paths.flatMap((path) => {
      this.#stream += 2;
      const asked = message ? [messageFrame(this.#stream, message, frameFlags.endStream)] : [];
      return [request(this.#stream, path), ...asked];
    });
    this.#socket.write(Buffer.concat(frames));
  }

  /** Sends one more message on a stream. */
  send(stream: number, message: Uint8Array): void {
    this.#socket.write(messageFrame(stream, message));
  }

  /** The server may send so many bytes more on `stream`; 0 is the connection. */
  allow(stream: number, bytes: number): void {
    const increment = Buffer.alloc(4);
    increment.writeUInt32BE(bytes);
    this.#socket.write(frame(frameTypes.windowUpdate, 0, stream, increment));
  }

  /** Takes nothing more from the connection. */
  stopReading(): void {
    this.#socket.pause();
  }

  data(stream: number, _bytes: Buffer, start: number, end: number): void {
    this.taken.set(stream, (this.taken.get(stream) ?? 0) + end - start);
  }

  frame(type: number, flags: number, stream: number, payload: Buffer): void {
    if (type === frameTypes.headers && flags & frameFlags.endStream) {
      this.over.push(stream);
      this.onOver(stream);
    }
    if (type === frameTypes.reset) this.reset.push(stream);
    if (flags & frameFlags.ack) return;
    if (type === frameTypes.ping) this.#socket.write(frame(frameTypes.ping, frameFlags.ack, 0, payload));
    if (type === frameTypes.settings)
      this.#socket.write(frame(frameTypes.settings, frameFlags.ack, 0, Buffer.alloc(0)));
  }

  /** No reply ends so: the status comes in headers. */
  ended(): void {}
}
