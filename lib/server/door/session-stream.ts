import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export type Written = (error?: Error | null) => void;

/** The gate whose session the stream carries. */
export interface SessionOwner {
  readonly socket: Socket;
  /** The session writes. Calls `written` when the socket has taken it. */
  fromSession(bytes: Buffer, written: Written): void;
  /** The session has written all that it had, or, with `atOnce`, it is gone. */
  sessionEnded(how: { readonly atOnce: boolean }): void;
}

type StreamListener = (bytes: Buffer) => void;

/**
 * What carries a session of node:http2 behind a gate. Of a Duplex it has what node asks of one that is no socket of its
 * own (lib/internal/js_stream_socket.js, the same in Node 20 to 24), without the queues and the emitter that each
 * connection would have: what is written goes to the gate, what was read is handed on, backpressure is the socket's.
 */
export class SessionStream {
  readonly readable = true;
  readonly writable = true;
  /** Is destroyed before node hears that the connection is closed. */
  session: { destroy(): void } | undefined;
  readonly #owner: SessionOwner;
  readonly #listeners: { data?: StreamListener; end?: StreamListener; close?: StreamListener } = {};
  /** What was read while the session took nothing. */
  #waiting: Buffer[] | undefined;
  #paused = true;
  #over = false;

  constructor(owner: SessionOwner) {
    this.#owner = owner;
  }

  /** As node:http2 is to see it. */
  get duplex(): Duplex {
    return this as unknown as Duplex;
  }

  /** It has no error of its own: whatever happens to the socket is its close. */
  on(event: 'data' | 'end' | 'close' | 'error', listener: StreamListener): this {
    if (event === 'error') return this;
    const before = this.#listeners[event];
    const both = (bytes: Buffer): void => {
      before?.(bytes);
      listener(bytes);
    };
    this.#listeners[event] = before ? both : listener;
    return this;
  }

  /** The same: an end and a close come once. */
  once(event: 'end' | 'close' | 'error', listener: StreamListener): this {
    return this.on(event, listener);
  }

  /** Hands on what was read, at once or when the session takes it. */
  handOn(bytes: Buffer): void {
    if (this.#over) return;
    if (!this.#paused && !this.#waiting) {
      this.#listeners.data?.(bytes);
      return;
    }
    this.#waiting ??= [];
    this.#waiting.push(bytes);
    this.#owner.socket.pause();
  }

  /** The client sends nothing more. */
  handOnEnd(): void {
    this.#listeners.end?.(nothing);
  }

  /** The socket was paused before the session came: it reads on unless something waits here. */
  letRead(): void {
    if (!this.#waiting) this.#owner.socket.resume();
  }

  /** Hands nothing on any more. */
  stop(): void {
    this.#over = true;
    this.#waiting = undefined;
  }

  /**
   * The connection is closed. The session ends first: between the end of what node wraps around this stream and its
   * own, it would write to what takes no more, which is an assertion, where one of its streams is closed just then.
   */
  closed(): void {
    this.session?.destroy();
    this.#listeners.close?.(nothing);
  }

  pause(): this {
    this.#paused = true;
    return this;
  }

  resume(): this {
    this.#paused = false;
    while (!this.#paused && this.#waiting) {
      const bytes = this.#waiting.shift();
      if (bytes) this.#listeners.data?.(bytes);
      else {
        this.#waiting = undefined;
        if (!this.#owner.socket.destroyed) this.#owner.socket.resume();
      }
    }
    return this;
  }

  cork(): void {
    this.#owner.socket.cork();
  }

  uncork(): void {
    this.#owner.socket.uncork();
  }

  write(bytes: Buffer, written: Written): boolean {
    this.#owner.fromSession(bytes, written);
    return true;
  }

  end(ended?: () => void): this {
    this.#owner.sessionEnded({ atOnce: false });
    ended?.();
    return this;
  }

  destroy(): this {
    this.#owner.sessionEnded({ atOnce: true });
    return this;
  }
}

const nothing = Buffer.alloc(0);
