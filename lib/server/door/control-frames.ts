import type { Socket } from 'node:net';
import type { Limits } from '../../core/limits.js';
import { ClientSettings } from './client-settings.js';
import {
  type ErrorCode,
  errorCode,
  frameFlag,
  frameHeadBytes,
  initialWindowBytes,
  pingFrame,
  type SettingValue,
  settingsAckFrame,
  windowBytesMax,
} from './http2-frames.js';

export type ControlLimits = Pick<Limits, 'controlAnswersMax' | 'keepaliveMs' | 'keepaliveTimeoutMs'>;

/** What the answers to the control frames of all connections have in common. */
export interface ControlFramesParts {
  /** The SETTINGS that begin our side of a connection. */
  readonly settings: Buffer;
  readonly limits: ControlLimits;
}

const ourPing = pingFrame(Buffer.from('chitchat', 'latin1'));

/**
 * Our side of an HTTP/2 connection on which no call was begun: SETTINGS go out and are acknowledged, PINGs are answered, and a
 * client that is quiet is asked whether it is there, as grpc-js asks. What is kept is state that does not grow: the client's
 * settings, the connection's window, and a count of answers that it has not taken, of which there are at most `controlAnswersMax`.
 */
export class ControlFrames {
  readonly settings = new ClientSettings();
  readonly #socket: Socket;
  readonly #parts: ControlFramesParts;
  /** What the client allows us to send on the connection, in bytes. */
  #window = initialWindowBytes;
  /** What goes out with the next `flush`. */
  #owed: Buffer[] | undefined;
  /** Answers that the client has not taken. */
  #untaken = 0;
  #asked = false;
  #keepalive: NodeJS.Timeout | undefined;

  constructor(socket: Socket, parts: ControlFramesParts) {
    this.#socket = socket;
    this.#parts = parts;
  }

  get window(): number {
    return this.#window;
  }

  /** The client opens the connection's window. False if it must not. */
  openWindow(increment: number): boolean {
    if (increment > windowBytesMax - this.#window) return false;
    this.#window += increment;
    return true;
  }

  /** The client's preface is there. */
  begin(): void {
    this.#owed = [this.#parts.settings];
    this.#ask();
  }

  /** The client's SETTINGS, which may be as they are, were taken into account. */
  settingsCame(values: readonly SettingValue[]): ErrorCode | undefined {
    this.settings.add(values);
    return this.#owe(settingsAckFrame);
  }

  /** A PING, whole. The code by which the connection is to end, if it is. */
  pingCame(frame: Buffer): ErrorCode | undefined {
    if (((frame[4] as number) & frameFlag.ack) === 0) {
      return this.#owe(pingFrame(frame.subarray(frameHeadBytes), frameFlag.ack));
    }
    // An answer to nothing is no fault.
    this.answersOurs(frame);
    return undefined;
  }

  /** Whether the answer to a PING, whole, is one that was waited for here. */
  answersOurs(frame: Buffer): boolean {
    if (!this.#asked || frame.compare(ourPing, frameHeadBytes, undefined, frameHeadBytes) !== 0) return false;
    this.#asked = false;
    if (this.#keepalive) this.#ask();
    return true;
  }

  /** Whether a PING of ours is not answered. */
  get asks(): boolean {
    return this.#asked;
  }

  /** What is owed goes out. */
  flush(): void {
    const owed = this.#owed;
    if (!owed) return;
    this.#owed = undefined;
    this.#untaken += owed.length;
    this.#socket.write(Buffer.concat(owed), () => {
      this.#untaken -= owed.length;
    });
  }

  /** From here on somebody else answers. */
  end(): void {
    clearTimeout(this.#keepalive);
    this.#keepalive = undefined;
  }

  /** As nghttp2 does, which ends a connection whose client leaves so many answers (its `max_outbound_ack`). */
  #owe(answer: Buffer): ErrorCode | undefined {
    const owed = this.#owed ?? [];
    if (this.#untaken + owed.length >= this.#parts.limits.controlAnswersMax) return errorCode.enhanceYourCalm;
    owed.push(answer);
    this.#owed = owed;
    return undefined;
  }

  #ask(): void {
    const { keepaliveMs, keepaliveTimeoutMs } = this.#parts.limits;
    clearTimeout(this.#keepalive);
    this.#keepalive = setTimeout(() => {
      if (!this.#socket.writable) return;
      this.#asked = true;
      this.#socket.write(ourPing);
      this.#keepalive = setTimeout(() => this.#socket.destroy(), keepaliveTimeoutMs).unref();
    }, keepaliveMs).unref();
  }
}
