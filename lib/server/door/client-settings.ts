import {
  type ErrorCode,
  errorCode,
  framePayloadBytesMax,
  type SettingValue,
  setting,
  settingBytes,
  settingsFrame,
  windowBytesMax,
} from './http2-frames.js';

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
 * A client's settings as they stand after any number of SETTINGS frames: a value for each setting that is known, so it never
 * grows. Unknown settings are ignored.
 */
export class ClientSettings {
  /** Few have any; and hardly anybody more than three. */
  #values: readonly SettingValue[] = none;
  /** The smallest table for header blocks that the client ever named: an encoder has to have come down to it (RFC 7541, section 4.2). */
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
