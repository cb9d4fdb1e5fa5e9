import { connect, type Socket } from 'node:net';
import type { Endings } from '../../system/endings.js';

/** A TCP connection by hand, with all that it is sent. */
export class RawSocket {
  received = Buffer.alloc(0);
  /** Resolves when the connection is over, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;

  constructor(endings: Endings, port: number, host = '127.0.0.1') {
    this.#socket = connect(port, host);
    this.#socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
    });
    this.#socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.#socket.once('close', () => resolve()));
    endings.add(() => this.cut());
  }

  /** Ends the connection at once, as the end of a process does. */
  cut(): void {
    this.#socket.destroy();
  }

  write(bytes: Buffer | string): void {
    this.#socket.write(bytes);
  }

  /** Takes nothing more from the connection: what is sent fills the system's buffers, and then the sender's. */
  stopReading(): void {
    this.#socket.pause();
  }
}
