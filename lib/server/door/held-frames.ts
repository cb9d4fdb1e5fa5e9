import { FrameCutter } from './frame-cutter.js';
import { frameFlag, frameType } from './http2-frames.js';

/** Whether a frame is one that its client waits for an answer to: a part of a request, its end, or the connection's. */
export function asks(type: number, flags: number): boolean {
  if (type === frameType.headers) return (flags & frameFlag.endStream) !== 0;
  return type === frameType.data || type === frameType.goAway;
}

/** The frames of a connection that has no session yet, from its first call on, as they came. */
export class HeldFrames {
  readonly #kept: Buffer[] = [];
  readonly #cutter: FrameCutter;
  /** How much it holds, in bytes. */
  bytes = 0;
  /** Whether a request, or a part of one, is among them. */
  asked = false;

  constructor() {
    this.#cutter = new FrameCutter({
      head: (type, flags) => {
        this.asked ||= asks(type, flags);
        return 'pass';
      },
      gathered: (frame) => frame,
      pass: () => {},
    });
  }

  /** What was read next. It is copied: a part of what was read would hold all of that. */
  add(bytes: Buffer): void {
    const kept = Buffer.allocUnsafeSlow(bytes.length);
    bytes.copy(kept);
    this.#kept.push(kept);
    this.bytes += kept.length;
    this.#cutter.cut(kept);
  }

  all(): Buffer {
    return this.#kept.length === 1 ? (this.#kept[0] as Buffer) : Buffer.concat(this.#kept);
  }
}
