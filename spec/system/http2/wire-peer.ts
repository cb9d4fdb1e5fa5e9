import { connect, type Socket } from 'node:net';
import {
  errorCodes,
  frameFlags,
  framesIn,
  frameTypes,
  ping,
  preface,
  settings,
  settingsAck,
  type WireFrame,
} from '../../server/rpc/http2-frames.js';
import type { Endings } from '../endings.js';
import { eventually } from '../eventually.js';

/** How long the server may take for anything it must do, in milliseconds: a connection that is over is to be closed by then. */
export const patienceMs = 5_000;

export interface WirePeerOptions {
  /** Sent first; the preface and empty SETTINGS unless told otherwise. */
  readonly opening?: Buffer;
  /** Leaves its own side open when the server has closed its. */
  readonly allowHalfOpen?: boolean;
  /** One of this machine's loopback addresses to come from. */
  readonly localAddress?: string;
}

/** A client's side of an HTTP/2 connection by hand: it sends what it is told to, and keeps the frames that come. */
export class WirePeer {
  readonly frames: WireFrame[] = [];
  /** The server has ended its side of the connection. */
  ended = false;
  closed = false;
  /** `address:port` of this side once it is connected, as the server's log records name it. */
  name = '';
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #pings = 0;

  constructor(endings: Endings, address: string, options: WirePeerOptions = {}) {
    const { opening = Buffer.concat([preface, settings]), allowHalfOpen = false, localAddress } = options;
    const [host = '', port] = address.split(':');
    const to = { host, port: Number(port), allowHalfOpen, noDelay: true };
    this.#socket = connect(localAddress === undefined ? to : { ...to, localAddress });
    this.#socket.once('connect', () => {
      this.name = `${this.#socket.localAddress}:${this.#socket.localPort}`;
    });
    this.#socket.on('data', (bytes) => this.#receive(bytes));
    this.#socket.on('end', () => {
      this.ended = true;
    });
    this.#socket.on('error', () => {});
    this.#socket.once('close', () => {
      this.closed = true;
    });
    endings.add(() => this.destroy());
    this.#socket.write(opening);
  }

  write(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** Takes nothing more: what the server sends fills the system's buffers, and then the server's. */
  stopReading(): void {
    this.#socket.pause();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The code of the GOAWAY that ended the connection, if there was one. */
  get goAwayCode(): number | undefined {
    return this.#of(frameTypes.goAway)[0]?.payload.readUInt32BE(4);
  }

  /** The code with which the server reset a stream, if it did. */
  resetCode(stream: number): number | undefined {
    return this.#of(frameTypes.reset)
      .find((one) => one.stream === stream)
      ?.payload.readUInt32BE(0);
  }

  get resetStreams(): number[] {
    return this.#of(frameTypes.reset).map(({ stream }) => stream);
  }

  /** The server has answered a stream to its end. */
  isAnswered(stream: number): boolean {
    const ends = (one: WireFrame) => one.type <= frameTypes.headers && (one.flags & frameFlags.endStream) !== 0;
    return this.frames.some((one) => one.stream === stream && ends(one));
  }

  /** The payload of a stream's DATA so far. */
  dataOf(stream: number): Buffer {
    return Buffer.concat(this.#of(frameTypes.data).flatMap((one) => (one.stream === stream ? [one.payload] : [])));
  }

  settingsAcks(): number {
    return this.#of(frameTypes.settings).filter(({ flags }) => flags & frameFlags.ack).length;
  }

  /** Resolves when a PING is answered: all that was sent before was dealt with. Rejects where the connection ends instead. */
  async goesOn(): Promise<void> {
    this.#pings += 1;
    const content = Buffer.from(`ping ${this.#pings % 1000}`.padEnd(8, '.'));
    this.write(ping(content));
    const isAnswer = ({ flags, payload }: WireFrame) => (flags & frameFlags.ack) !== 0 && payload.equals(content);
    await eventually(
      () => `the answer to a PING; ${this.told()}`,
      () => {
        if (this.#of(frameTypes.ping).some(isAnswer)) return true;
        if (this.ended || this.closed) throw new Error(`the connection has ended: ${this.told()}`);
        return false;
      },
      patienceMs,
    );
  }

  /** Resolves when a stream is answered to its end. Rejects where the connection ends instead. */
  async answered(stream: number): Promise<void> {
    await eventually(
      () => `the answer on stream ${stream}; ${this.told()}`,
      () => {
        if (this.isAnswered(stream)) return true;
        if (this.ended || this.closed) throw new Error(`the connection has ended: ${this.told()}`);
        return false;
      },
      patienceMs,
    );
  }

  /** Resolves when the connection is closed. */
  async closes(): Promise<void> {
    await eventually(
      () => `the end of the connection; ${this.told()}`,
      () => this.closed,
      patienceMs,
    );
  }

  /** What the server has sent that says how things stand, for people. */
  told(): string {
    const names = Object.keys(frameTypes);
    const codes = Object.keys(errorCodes);
    const lines = this.frames.flatMap(({ type, stream, payload }) => {
      if (type === frameTypes.goAway) return [`goAway ${codes[payload.readUInt32BE(4)]}`];
      if (type === frameTypes.reset) return [`reset ${codes[payload.readUInt32BE(0)]} of ${stream}`];
      return [`${names[type]}${stream === 0 ? '' : ` of ${stream}`}`];
    });
    const state = this.closed ? 'closed' : this.ended ? 'ended' : 'open';
    return `the connection is ${state}, and was sent ${lines.join(', ') || 'nothing'}`;
  }

  #of(type: number): WireFrame[] {
    return this.frames.filter((one) => one.type === type);
  }

  #receive(bytes: Buffer): void {
    const { frames, length } = framesIn(Buffer.concat([this.#rest, bytes]));
    this.#rest = Buffer.concat([this.#rest, bytes]).subarray(length);
    this.frames.push(...frames);
    const asks = ({ type, flags }: WireFrame) => type === frameTypes.settings && (flags & frameFlags.ack) === 0;
    if (frames.some(asks)) this.write(settingsAck);
  }
}
