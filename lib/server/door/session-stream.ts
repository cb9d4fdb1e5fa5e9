import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export type Written = (error?: Error | null) => void;

/** Takes what a session does with its stream. */
export interface SessionStreamParts {
  readonly socket: Socket;
  /** Calls `written` when the socket has taken it. */
  readonly write: (bytes: Buffer, written: Written) => void;
  /** The session has written all that it had, or, with `atOnce`, it is gone. */
  readonly ended: (how: { readonly atOnce: boolean }) => void;
}

/**
 * What carries a session of node:http2 behind a gate. Of a Duplex it has what node asks of one that is no socket of its own
 * (lib/internal/js_stream_socket.js, the same in Node 20 to 24), without the queues of a Duplex: what is written goes to the gate,
 * what was read is handed on, and backpressure is the socket's.
 */
export class SessionStream extends EventEmitter {
  readonly readable = true;
  readonly writable = true;
  readonly #parts: SessionStreamParts;
  /** What was read while the session took nothing. */
  #waiting: Buffer[] = [];
  #paused = true;
  #over = false;

  constructor(parts: SessionStreamParts) {
    super();
    this.#parts = parts;
  }

  /** As node:http2 is to see it. */
  get duplex(): Duplex {
    return this as unknown as Duplex;
  }

  /** Hands on what was read, at once or when the session takes it. */
  handOn(bytes: Buffer): void {
    if (this.#over) return;
    if (!this.#paused && this.#waiting.length === 0) {
      this.emit('data', bytes);
      return;
    }
    this.#waiting.push(bytes);
    this.#parts.socket.pause();
  }

  /** The socket was paused before the session came: it reads on unless something waits here. */
  letRead(): void {
    if (this.#waiting.length === 0) this.#parts.socket.resume();
  }

  /** Hands nothing on any more. */
  stop(): void {
    this.#over = true;
    this.#waiting = [];
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

  write(bytes: Buffer, written: Written): boolean {
    this.#parts.write(bytes, written);
    return true;
  }

  end(ended?: () => void): this {
    this.#parts.ended({ atOnce: false });
    ended?.();
    return this;
  }

  destroy(): this {
    this.#parts.ended({ atOnce: true });
    return this;
  }

  #goOn(): void {
    if (this.#waiting.length === 0) return;
    while (!this.#paused && !this.#over) {
      const bytes = this.#waiting.shift();
      if (!bytes) break;
      this.emit('data', bytes);
    }
    const { socket } = this.#parts;
    if (this.#waiting.length === 0 && !socket.destroyed) socket.resume();
  }
}
