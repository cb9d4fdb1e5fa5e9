import { connect, type Socket } from 'node:net';
import type { Endings } from '../../system/endings.js';

/** What one read takes from a socket at most, in bytes. */
const readBytesMax = 256 * 1024;

/** Into which all sockets of the load are read: whoever is given it must be done with it when he returns. */
const readBuffer = Buffer.allocUnsafe(readBytesMax);

export interface RawConnectionOptions {
  /** The first `length` bytes of `bytes` have come. What it throws is a fault. */
  readonly read: (bytes: Buffer, length: number) => void;
  readonly fault: (what: string) => void;
}

/** A TCP connection that costs its process as little as can be: one buffer for all, and no stream of chunks. */
export class RawConnection {
  readonly #socket: Socket;
  readonly #fault: (what: string) => void;
  #pauseMs = 0;
  #closed = false;

  constructor(endings: Endings, address: string, { read, fault }: RawConnectionOptions) {
    const [host = '', port = ''] = address.split(':');
    this.#fault = fault;
    const callback = (length: number): boolean => {
      try {
        read(readBuffer, length);
      } catch (error) {
        this.#lost(String(error));
      }
      if (this.#pauseMs === 0) return true;
      // Returning false pauses the socket.
      if (Number.isFinite(this.#pauseMs)) setTimeout(() => this.#socket.resume(), this.#pauseMs);
      return false;
    };
    this.#socket = connect({ host, port: Number(port), noDelay: true, onread: { buffer: readBuffer, callback } });
    this.#socket.on('error', (error) => this.#lost(error.message));
    this.#socket.on('close', () => this.#lost('the connection was closed'));
    endings.add(() => this.close());
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Waits so many milliseconds after each read of up to 256 KiB; Infinity: reads no more. */
  slowDown(pauseMs: number): void {
    this.#pauseMs = pauseMs;
    if (pauseMs === Number.POSITIVE_INFINITY) this.#socket.pause();
    else this.#socket.resume();
  }

  /** Goes away without a word. */
  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #lost(what: string): void {
    if (this.#closed) return;
    this.close();
    this.#fault(what);
  }
}
