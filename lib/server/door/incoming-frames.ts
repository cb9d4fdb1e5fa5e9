import type { ControlFrames } from './control-frames.js';
import { ClientSettings, faultOfSettings } from './control-frames.js';
import { FrameCutter, type FrameSieve, type Handling } from './frame-cutter.js';
import { FrameRules } from './frame-rules.js';
import { asks } from './held-frames.js';
import {
  type ErrorCode,
  errorCode,
  frameFlag,
  frameType,
  goAwayCode,
  incrementOf,
  type SettingValue,
  setting,
  settingsIn,
} from './http2-frames.js';
import { withJoinedData } from './joined-data.js';
import type { OutgoingFrames } from './outgoing-frames.js';

/** Told to the session of a client with lanes: no header block may refer to another, for some have to wait. */
export const noHeaderTable: SettingValue = [setting.headerTableSize, 0];

const isInitialWindow = ([id]: SettingValue): boolean => id === setting.initialWindowSize;

/** The connection on which frames come in. */
export interface IncomingOwner {
  /** Whether the call that makes the session is to be held, and not begun. */
  readonly holdsCalls: boolean;
  /** All that came from the first frame of a call on that is held. */
  hold(rest: Buffer): void;
  /** A client asks something on a call that was begun. */
  asked(): void;
  /** A call is begun for which there is no session yet. Undefined where there will be none. */
  beginSession(control: ControlFrames): OutgoingFrames | undefined;
  /** What the session is to read. */
  handOn(bytes: Buffer): void;
}

/**
 * All that comes in on one connection, cut into frames: it hands on to the session what a client may send, and stops at
 * the first fault. Before there is a session, the control frames are answered here. What the client opens windows for
 * is known to what goes out.
 */
export class IncomingFrames implements FrameSieve {
  readonly rules = new FrameRules();
  readonly #owner: IncomingOwner;
  readonly #hasLanes: boolean;
  readonly #cutter = new FrameCutter(this);
  /** While there is no session. */
  #control: ControlFrames | undefined;
  /** Where its PING was not answered when the session came. */
  #asking: ControlFrames | undefined;
  /** From the session on. */
  #outgoing: OutgoingFrames | undefined;
  #faultCode: ErrorCode | undefined;
  /** Whether the client's first acknowledgement of our settings was kept from nghttp2. */
  #settingsKept = false;

  constructor(owner: IncomingOwner, control: ControlFrames, hasLanes: boolean) {
    this.#owner = owner;
    this.#control = control;
    this.#hasLanes = hasLanes;
  }

  /** Whether all that came so far are whole frames. */
  get atBoundary(): boolean {
    return this.#cutter.atBoundary;
  }

  /** What was read next. The code by which the connection is to end, if it is. */
  cut(bytes: Buffer): ErrorCode | undefined {
    const left = this.#cutter.frameBytesLeft;
    this.#cutter.cut(left === undefined ? bytes : withJoinedData(bytes, left));
    this.#control?.flush();
    return this.#faultCode;
  }

  /** Nothing is handed on any more. */
  stop(): void {
    this.#control?.end();
    this.#cutter.stop();
  }

  head(type: number, flags: number, stream: number, length: number): Handling {
    const { rules } = this;
    const owner = this.#owner;
    if (type === frameType.headers && this.#control && owner.holdsCalls) return 'hold';
    if (asks(type, flags)) owner.asked();
    const newest = rules.lastStream;
    const code = rules.judge(type, flags, stream, length);
    if (code !== undefined) return this.#stopFor(code);
    if (type === frameType.headers && this.#control && !this.#beginSession(this.#control)) return 'stop';
    switch (type) {
      case frameType.headers:
        if (stream > newest && rules.answers) this.#outgoing?.begin(stream);
        return 'pass';
      case frameType.resetStream:
        this.#outgoing?.drop(stream);
        return 'pass';
      case frameType.settings:
        return flags & frameFlag.ack ? this.#settingsAcknowledged() : 'gather';
      case frameType.ping:
        return this.#control || (this.#asking && flags & frameFlag.ack) ? 'gather' : 'pass';
      case frameType.windowUpdate:
        return 'gather';
      case frameType.goAway:
        return this.#control ? this.#stopFor(errorCode.noError) : 'gather';
      default:
        return this.#control ? 'skip' : 'pass';
    }
  }

  gathered(frame: Buffer): Buffer | undefined {
    switch (frame[3]) {
      case frameType.settings:
        return this.#settings(frame);
      case frameType.ping:
        return this.#ping(frame);
      case frameType.windowUpdate:
        return this.#windowUpdate(frame);
      default:
        // An end for some fault of ours: the client waits for nothing more.
        if (goAwayCode(frame) !== errorCode.noError) this.#fault(errorCode.noError);
        return frame;
    }
  }

  pass(bytes: Buffer): void {
    this.#owner.handOn(bytes);
  }

  held(rest: Buffer): void {
    this.#owner.hold(rest);
  }

  /** False where there will be none. */
  #beginSession(control: ControlFrames): boolean {
    // Settings count from their acknowledgement, and what the session sends is to come after it.
    control.flush();
    control.end();
    this.#control = undefined;
    if (control.asks) this.#asking = control;
    this.#outgoing = this.#owner.beginSession(control);
    return this.#outgoing !== undefined;
  }

  /**
   * With the limit of streams not acknowledged, nghttp2 refuses a stream too many with REFUSED_STREAM (section 5.1.2);
   * else it would end the connection. We send settings once, and nothing else in them waits for this.
   */
  #settingsAcknowledged(): Handling {
    if (this.#settingsKept) return 'pass';
    this.#settingsKept = true;
    return 'skip';
  }

  #settings(frame: Buffer): Buffer | undefined {
    const values = settingsIn(frame);
    const fault = faultOfSettings(values) ?? this.#control?.settingsCame(values);
    if (fault !== undefined) return this.#fault(fault);
    if (this.#control) return undefined;
    this.#outgoing?.windows.settingsCame(values.findLast(isInitialWindow)?.[1]);
    if (!this.#hasLanes) return frame;
    const settings = new ClientSettings();
    settings.add(values);
    return settings.frame(noHeaderTable);
  }

  #ping(frame: Buffer): Buffer | undefined {
    if (this.#control) {
      const fault = this.#control.pingCame(frame);
      return fault === undefined ? undefined : this.#fault(fault);
    }
    if (!this.#asking?.answersOurs(frame)) return frame;
    this.#asking = undefined;
    return undefined;
  }

  #windowUpdate(frame: Buffer): Buffer | undefined {
    const increment = incrementOf(frame);
    const stream = frame.readUInt32BE(5) & 0x7fffffff;
    const outgoing = this.#outgoing;
    // Of a stream, too: an error of it may be one of its connection (section 5.4).
    if (increment === 0 && !outgoing?.hasLane(stream)) return this.#fault(errorCode.protocolError);
    if (!outgoing) {
      return this.#control?.openWindow(increment) === false ? this.#fault(errorCode.flowControlError) : undefined;
    }
    if (stream !== 0) return outgoing.openStream(stream, increment) ? frame : undefined;
    if (!this.#hasLanes) return frame;
    if (!outgoing.windows.openConnection(increment)) return this.#fault(errorCode.flowControlError);
    outgoing.flush();
    return undefined;
  }

  #stopFor(code: ErrorCode): Handling {
    this.#faultCode = code;
    return 'stop';
  }

  #fault(code: ErrorCode): undefined {
    this.#faultCode = code;
    this.#cutter.stop();
  }
}
