import { connect, type Socket } from 'node:net';
import { preface, settings } from '../server/rpc/http2-frames.js';

/** How often what one that reads slowly may take is dealt out, in milliseconds. */
const portionMs = 250;

export interface BareConnectionOptions {
  /** `host:port` */
  readonly server: string;
  /** Whose connection it is, where the machine has such an address. */
  readonly from?: string | undefined;
  /** What it takes of what it is sent; not set: all. */
  readonly bytesPerSecond?: number | undefined;
}

/** A TCP connection by hand that looks at nothing that comes back. */
export class BareConnection {
  /** Taken of what the server sent. */
  bytesTaken = 0;
  open = true;
  /** Resolves when there is a connection, or never will be: what is written before goes out as one packet. */
  readonly settled: Promise<void>;
  /** Resolves when the connection is over, whoever ended it, or never came about. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;

  constructor({ server, from, bytesPerSecond }: BareConnectionOptions) {
    const [host = '', port] = server.split(':');
    const socket = connect({ host, port: Number(port), noDelay: true, ...(from ? { localAddress: from } : {}) });
    this.#socket = socket;
    socket.on('error', () => {});
    this.settled = new Promise((resolve) => {
      socket.once('connect', resolve);
      socket.once('close', resolve);
    });
    const portions = bytesPerSecond === undefined ? this.#takeAll() : this.#take(bytesPerSecond);
    this.closed = new Promise((resolve) =>
      socket.once('close', () => {
        clearInterval(portions);
        this.open = false;
        resolve();
      }),
    );
  }

  write(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** What an HTTP/2 client begins with. */
  greet(): void {
    this.write(Buffer.concat([preface, settings]));
  }

  /** With a reset, as of a client that is dead. */
  destroy(): void {
    this.#socket.resetAndDestroy();
  }

  #takeAll(): undefined {
    this.#socket.on('data', (bytes) => {
      this.bytesTaken += bytes.length;
    });
  }

  #take(bytesPerSecond: number): NodeJS.Timeout {
    const portion = Math.floor((bytesPerSecond * portionMs) / 1000);
    return setInterval(() => {
      if (portion === 0) return;
      const bytes: Buffer | null = this.#socket.read(Math.min(portion, this.#socket.readableLength));
      this.bytesTaken += bytes?.length ?? 0;
    }, portionMs);
  }
}
