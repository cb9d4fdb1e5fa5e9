import type { Socket } from 'node:net';
import type { Limits } from '../../core/limits.js';
import {
  type ErrorCode,
  errorCode,
  frameFlag,
  frameHeadBytes,
  framePayloadBytesMax,
  initialWindowBytes,
  pingFrame,
  type SettingValue,
  setting,
  settingBytes,
  settingsAckFrame,
  settingsFrame,
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
 * Our side of an HTTP/2 connection on which no call was begun: SETTINGS go out and are acknowledged, PINGs are
 * answered, and a client that is quiet is asked whether it is there, as grpc-js asks. What is kept is state that does
 * not grow: the client's settings, the connection's window, and a count of answers that it has not taken, of which
 * there are at most `controlAnswersMax`.
 */
export class ControlFrames {
  readonly settings = new ClientSettings();
  readonly #socket: Socket;
  readonly #parts: ControlFramesParts;
  /** What the client allows us to send on the connection, in bytes. */
  window = initialWindowBytes;
  /** What goes out with the next `flush`. */
  #owed: Buffer[] | undefined;
  /** Answers that the client has not taken. */
  #untaken = 0;
  /** Whether a PING of ours is not answered. */
  asks = false;
  #keepalive: NodeJS.Timeout | undefined;

  constructor(socket: Socket, parts: ControlFramesParts) {
    this.#socket = socket;
    this.#parts = parts;
  }

  /** The client opens the connection's window. False if it must not. */
  openWindow(increment: number): boolean {
    if (increment > windowBytesMax - this.window) return false;
    this.window += increment;
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
    if (!this.asks || frame.compare(ourPing, frameHeadBytes, undefined, frameHeadBytes) !== 0) return false;
    this.asks = false;
    if (this.#keepalive) this.#ask();
    return true;
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
      this.asks = true;
      this.#socket.write(ourPing);
      this.#keepalive = setTimeout(() => this.#socket.destroy(), keepaliveTimeoutMs).unref();
    }, keepaliveMs).unref();
  }
}

/** What one SETTINGS frame may hold, in bytes: as many settings as nghttp2 takes (its `max_settings`). */
export const settingsPayloadBytesMax = 32 * settingBytes;

/** The values that a setting may have (RFC 9113, section 6.5.2), and the error that another one is. */
const allowed: Readonly<Record<number, readonly [least: number, greatest: number, otherwise: ErrorCode]>> = {
  [setting.enablePush]: [0, 1, errorCode.protocolError],
  [setting.initialWindowSize]: [0, windowBytesMax, errorCode.flowControlError],
  [setting.maxFrameSize]: [framePayloadBytesMax, 2 ** 24 - 1, errorCode.protocolError],
  [setting.enableConnectProtocol]: [0, 1, errorCode.protocolError],
  [setting.noPriorities]: [0, 1, errorCode.protocolError],
};

const none: readonly SettingValue[] = [];

const known: ReadonlySet<number> = new Set(Object.values(setting));

/** The code by which a connection is to end on which these settings came, or undefined if they may be. */
export function faultOfSettings(values: readonly SettingValue[]): ErrorCode | undefined {
  for (const [id, value] of values) {
    const [least, greatest, otherwise] = allowed[id] ?? [0, Number.POSITIVE_INFINITY, errorCode.noError];
    if (value < least || value > greatest) return otherwise;
  }
  return undefined;
}

/**
 * A client's settings as they stand after any number of SETTINGS frames: a value for each setting that is known, so it
 * never grows. Unknown settings are ignored.
 */
export class ClientSettings {
  /** Few have any; and hardly anybody more than three. */
  #values: readonly SettingValue[] = none;
  /** The smallest header table that the client ever named: an encoder has to have come down to it (RFC 7541, 4.2). */
  #tableSizeLeast: number | undefined;

  add(values: readonly SettingValue[]): void {
    for (const value of values) {
      const [id, size] = value;
      if (!known.has(id)) continue;
      if (id === setting.headerTableSize) this.#tableSizeLeast = Math.min(this.#tableSizeLeast ?? size, size);
      this.#values = [...this.#values.filter(([other]) => other !== id), value];
    }
  }

  /** The newest value of one of them, if the client gave any. */
  of(id: number): number | undefined {
    return this.#values.find(([one]) => one === id)?.[1];
  }

  /** All of them in one SETTINGS frame; `more` comes last, and so counts. */
  frame(...more: readonly SettingValue[]): Buffer {
    const least = this.#tableSizeLeast;
    return settingsFrame([
      ...(least === undefined ? [] : [[setting.headerTableSize, least] as const]),
      ...this.#values,
      ...more,
    ]);
  }
}
