import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { FrameCutter, type Handling } from './frame-cutter.js';
import { FrameRules } from './frame-rules.js';
import { type ErrorCode, errorCode, frameFlag, frameType, goAwayCode, goAwayFrame } from './http2-frames.js';

export interface FrameGateParts {
  /** The connection, its first byte the preface's. TCP or TLS: what is read and written are HTTP/2's bytes. */
  readonly socket: Socket;
  /** How long the connection may stay open when it is over, in milliseconds. */
  readonly closeMsMax: number;
  /** The client broke a rule of HTTP/2, and its connection ends with this code. */
  readonly refused: (code: ErrorCode) => void;
}

type Written = (error?: Error | null) => void;

const prefaceBytes = 24;

/**
 * Stands between a connection's socket and the HTTP/2 session of node:http2, which some orders of frames bring to end the
 * whole process (an assertion in nghttp2, which JavaScript cannot catch). It hands on what a client may send. At the first
 * fault it answers with a GOAWAY of its own, hands nothing on any more, and closes. A connection that is over, by whatever
 * end, is closed within `closeMsMax`, whether the client closes its side or not.
 *
 * To node:http2 it is the stream that carries the session. Of a Duplex it has what node asks of one that is no socket of its
 * own (lib/internal/js_stream_socket.js, the same in Node 20 to 24), without the queues of a Duplex: what is written goes to
 * the socket, what is read is handed on, and backpressure is the socket's.
 */
export class FrameGate extends EventEmitter {
  readonly readable = true;
  readonly writable = true;
  readonly #parts: FrameGateParts;
  readonly #rules = new FrameRules();
  readonly #incoming: FrameCutter;
  readonly #outgoing: FrameCutter;
  #prefaceLeft = prefaceBytes;
  /** What was read while the session took nothing. */
  #waiting: Buffer[] = [];
  #paused = true;
  #faultCode: ErrorCode | undefined;
  /** Whether the client's first acknowledgement of our settings was kept from nghttp2. */
  #settingsKept = false;
  /** What one write of the session's becomes. */
  #out: Buffer[] = [];
  /** The code of the newest GOAWAY that nghttp2 sent. */
  #goAway: number | undefined;
  /** Nothing goes to the session or comes from it any more. */
  #over = false;
  #closing: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: FrameGateParts) {
    super();
    this.#parts = parts;
    this.#incoming = new FrameCutter({
      head: (type, flags, stream, length) => this.#judge(type, flags, stream, length),
      gathered: (frame) => this.#gathered(frame),
      pass: (bytes) => this.#handOn(bytes),
    });
    this.#outgoing = new FrameCutter({
      head: (type, flags, stream) => this.#note(type, flags, stream),
      gathered: (frame) => this.#noteGoAway(frame),
      pass: (bytes) => {
        this.#out.push(bytes);
      },
    });
    const { socket } = parts;
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.once('end', () => {
      if (!this.#over) this.emit('end');
      this.#close({ atOnce: false });
    });
    socket.once('close', () => this.#ended());
  }

  /** As node:http2 is to see it. */
  get stream(): Duplex {
    return this as unknown as Duplex;
  }

  pause(): this {
    this.#paused = true;
    return this;
  }

  resume(): this {
    this.#paused = false;
    this.#goOn();
    return this;
  }

  cork(): void {
    this.#parts.socket.cork();
  }

  uncork(): void {
    this.#parts.socket.uncork();
  }

  /** `written` is called when the socket has taken it. */
  write(bytes: Buffer, written: Written): boolean {
    if (this.#over || this.#parts.socket.destroyed) {
      written();
      return true;
    }
    this.#outgoing.cut(bytes);
    const out = this.#out;
    const last = out.pop();
    if (last) {
      for (const part of out) this.#parts.socket.write(part);
      this.#parts.socket.write(last, written);
      this.#out = [];
    } else written();
    if (this.#goAway) this.#end({ atOnce: true });
    else if (this.#rules.over) this.#end({ atOnce: false });
    return true;
  }

  /** The session has written all that it had. */
  end(ended?: () => void): this {
    this.#stop();
    this.#close({ atOnce: false });
    ended?.();
    return this;
  }

  /** The session is gone. */
  destroy(): this {
    this.#stop();
    this.#close({ atOnce: true });
    return this;
  }

  #receive(bytes: Buffer): void {
    if (this.#over) return;
    let frames = bytes;
    if (this.#prefaceLeft > 0) {
      const preface = bytes.subarray(0, this.#prefaceLeft);
      this.#prefaceLeft -= preface.length;
      this.#handOn(preface);
      frames = bytes.subarray(preface.length);
    }
    this.#incoming.cut(frames);
    if (this.#faultCode !== undefined) this.#refuse(this.#faultCode);
    else if (this.#rules.over) this.#refuse(errorCode.noError);
  }

  #judge(type: number, flags: number, stream: number, length: number): Handling {
    if (this.#over) return 'stop';
    const code = this.#rules.judge(type, flags, stream, length);
    if (code !== undefined) {
      this.#faultCode = code;
      return 'stop';
    }
    if (type === frameType.settings && flags & frameFlag.ack && !this.#settingsKept) return 'gather';
    // Whether it says more than that the client goes away.
    if (type === frameType.goAway) return 'gather';
    return 'pass';
  }

  #gathered(frame: Buffer): Buffer | undefined {
    if (frame[3] === frameType.settings) {
      // With the limit of streams not acknowledged, nghttp2 refuses a stream too many with REFUSED_STREAM (section 5.1.2);
      // else it would end the connection. We send settings once, and nothing else in them waits for this.
      this.#settingsKept = true;
      return undefined;
    }
    // An end for some fault of ours: the client waits for nothing more.
    if (goAwayCode(frame) !== errorCode.noError) {
      this.#faultCode = errorCode.noError;
      this.#incoming.stop();
    }
    return frame;
  }

  #handOn(bytes: Buffer): void {
    if (this.#over) return;
    if (!this.#paused && this.#waiting.length === 0) {
      this.emit('data', bytes);
      return;
    }
    this.#waiting.push(bytes);
    this.#parts.socket.pause();
  }

  #goOn(): void {
    if (this.#waiting.length === 0) return;
    while (!this.#paused && !this.#over) {
      const bytes = this.#waiting.shift();
      if (!bytes) break;
      this.emit('data', bytes);
    }
    if (this.#waiting.length === 0 && !this.#parts.socket.destroyed) this.#parts.socket.resume();
  }

  /** A frame of ours, as nghttp2 made it. */
  #note(type: number, flags: number, stream: number): Handling {
    this.#rules.sent(type, flags, stream);
    return type === frameType.goAway ? 'gather' : 'pass';
  }

  #noteGoAway(frame: Buffer): Buffer {
    this.#goAway = goAwayCode(frame);
    return frame;
  }

  #refuse(code: ErrorCode): void {
    if (this.#over) return;
    if (code !== errorCode.noError) this.#parts.refused(code);
    if (this.#goAway === undefined && this.#outgoing.atBoundary) {
      this.#parts.socket.write(goAwayFrame(this.#rules.lastStream, code));
    }
    this.#end({ atOnce: code !== errorCode.noError });
  }

  /** The connection is over, and its session ends with it: in another turn, for this may be within its own. */
  #end(how: { readonly atOnce: boolean }): void {
    if (this.#over) return;
    this.#stop();
    this.#close(how);
    setImmediate(() => this.#ended());
  }

  #stop(): void {
    this.#over = true;
    this.#waiting = [];
    this.#incoming.stop();
  }

  /** Closes our side when all is written, and the rest after `closeMsMax`; unless `atOnce`, not while the client takes of it. */
  #close({ atOnce }: { readonly atOnce: boolean }): void {
    const { socket, closeMsMax } = this.#parts;
    if (this.#closing || socket.destroyed) return;
    // What still comes is dropped; unread, it would make the system reset the connection, and the GOAWAY be lost.
    socket.resume();
    socket.end();
    const closeAfter = (unwritten: number): void => {
      this.#closing = setTimeout(() => {
        if (!atOnce && socket.writableLength < unwritten) closeAfter(socket.writableLength);
        else socket.destroy();
      }, closeMsMax);
      this.#closing.unref();
    };
    closeAfter(socket.writableLength);
  }

  #ended(): void {
    if (this.#parts.socket.destroyed) clearTimeout(this.#closing);
    if (this.#closed) return;
    this.#closed = true;
    this.#stop();
    this.emit('close');
  }
}
