import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ClientSettings, faultOfSettings } from './client-settings.js';
import { ControlFrames, type ControlFramesParts } from './control-frames.js';
import type { FastLane, OutgoingStream, SharedDataFrames } from './fast-lane.js';
import { FrameCutter, type Handling } from './frame-cutter.js';
import { FrameRules } from './frame-rules.js';
import { asks, HeldFrames } from './held-frames.js';
import {
  clientPreface,
  type ErrorCode,
  errorCode,
  frameFlag,
  frameType,
  goAwayCode,
  goAwayFrame,
  incrementOf,
  initialWindowBytes,
  type SettingValue,
  setting,
  settingsIn,
  windowUpdateFrame,
} from './http2-frames.js';
import { withJoinedData } from './joined-data.js';
import { OutgoingFrames } from './outgoing-frames.js';
import type { SessionPlace, SessionPlaces } from './session-places.js';
import { SessionStream, type Written } from './session-stream.js';

/** What all gates of a server have in common. */
export interface FrameGateParts {
  /** How long a connection may stay open when it is over, in milliseconds. */
  readonly closeMsMax: number;
  /** How long a client may take nothing of what waits for its windows and no call waits for any more, in milliseconds. */
  readonly stallMsMax: number;
  /** Undefined: there are no fast lanes. */
  readonly shared: SharedDataFrames | undefined;
  /** For as long as there is no session. */
  readonly control: ControlFramesParts;
  /** When sessions begin; without, at once. */
  readonly places?: SessionPlaces;
  /** What is held of a connection that waits for its session and has asked nothing, in bytes. */
  readonly heldBytesMax?: number;
  /** A client begins its first call: here the session is made that `stream` carries. */
  readonly begin: (gate: FrameGate, stream: Duplex) => void;
  /** A client broke a rule of HTTP/2, and its connection ends with this code. */
  readonly refused: (gate: FrameGate, code: ErrorCode) => void;
  /** Nothing more goes through it. */
  readonly closed?: (gate: FrameGate) => void;
}

/** What the session is told of the client if there are lanes: header blocks must not refer to each other, because some may have to wait. */
const noHeaderTable: SettingValue = [setting.headerTableSize, 0];

const isInitialWindow = ([id]: SettingValue): boolean => id === setting.initialWindowSize;

/**
 * Stands between a connection's socket and the HTTP/2 session of node:http2, because some orders of frames make the session end
 * the whole process (an assertion in nghttp2, which JavaScript cannot catch). It hands on what a client may send. At the first
 * fault it answers with a GOAWAY of its own, hands on nothing more, and closes. An ended connection, whatever ended it, is
 * closed within `closeMsMax`, whether the client closes its side or not.
 *
 * A session is expensive, so there is none before the client's first call: until then the gate itself has the connection's side of
 * HTTP/2. Then the session gets what it would have received; its answers to that are dropped, because the gate has given them.
 *
 * Since it knows what goes out and what the client's windows are, it has fast lanes: DATA that goes to the socket past the
 * session.
 */
export class FrameGate {
  /** The connection. TCP or TLS: what is read and written are HTTP/2's bytes. */
  readonly socket: Socket;
  readonly #parts: FrameGateParts;
  readonly #rules = new FrameRules();
  readonly #incoming: FrameCutter;
  /** From the session on. */
  #outgoing: OutgoingFrames | undefined;
  #stream: SessionStream | undefined;
  #prefaceLeft = clientPreface.length;
  /** While there is no session. */
  #control: ControlFrames | undefined;
  /** Where its PING was not answered when the session came. */
  #asking: ControlFrames | undefined;
  #faultCode: ErrorCode | undefined;
  /** Whether the client's first acknowledgement of our settings was kept from nghttp2. */
  #settingsKept = false;
  #granting = false;
  /** What came since the first call was begun, while there is no session. */
  #held: HeldFrames | undefined;
  #place: SessionPlace | undefined;
  /** Whether the session may be made. */
  #mayBegin = false;
  /** Nothing goes to the session or comes from it any more. */
  #over = false;
  #closing: NodeJS.Timeout | undefined;
  #stall: NodeJS.Timeout | undefined;
  #closed = false;

  /** `socket`'s first byte is the preface's. */
  constructor(socket: Socket, parts: FrameGateParts) {
    this.socket = socket;
    this.#parts = parts;
    this.#control = new ControlFrames(socket, parts.control);
    this.#incoming = new FrameCutter({
      head: (type, flags, stream, length) => this.#judge(type, flags, stream, length),
      gathered: (frame) => this.#gathered(frame),
      pass: (bytes) => this.#stream?.handOn(bytes),
      held: (rest) => this.#hold(rest),
    });
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('end', () => {
      if (this.#held?.asked) this.#begin();
      if (!this.#over) this.#stream?.emit('end');
      this.#close({ atOnce: false });
    });
    socket.on('close', () => this.#ended());
  }

  /** What carries the session; undefined while there is none. */
  get stream(): Duplex | undefined {
    return this.#stream?.duplex;
  }

  /**
   * Ends a connection that is no longer wanted. A GOAWAY (NO_ERROR) tells its client so, and that calls it begins now were not
   * handled. With `atOnce` the socket is closed without time for the client to read that.
   */
  dismiss({ atOnce }: { readonly atOnce: boolean }): void {
    if (this.#over) return;
    this.#sayGoAway(errorCode.noError);
    this.#end({ atOnce: true });
    if (atOnce) this.socket.destroySoon();
  }

  /** The way past the session for a stream that the client has begun and that goes on; undefined if there is none. */
  lane(stream: number): FastLane | undefined {
    return this.#outgoing?.lane(stream);
  }

  /** How a stream goes out that the client has begun and that goes on; undefined if there is none. */
  outgoing(stream: number): OutgoingStream | undefined {
    return this.#outgoing?.stream(stream);
  }

  #receive(bytes: Buffer): void {
    if (this.#over) return;
    let frames = bytes;
    if (this.#prefaceLeft > 0) {
      const taken = Math.min(bytes.length, this.#prefaceLeft);
      const at = clientPreface.length - this.#prefaceLeft;
      if (clientPreface.compare(bytes, 0, taken, at, at + taken) !== 0) {
        // What does not speak HTTP/2 understands no GOAWAY (section 3.4).
        this.#parts.refused(this, errorCode.protocolError);
        this.#end({ atOnce: true });
        return;
      }
      this.#prefaceLeft -= taken;
      if (this.#prefaceLeft > 0) return;
      this.#rules.sent(frameType.settings, 0, 0);
      this.#control?.begin();
      frames = bytes.subarray(taken);
    }
    if (this.#held) this.#holdMore(this.#held, frames);
    else this.#cut(frames);
  }

  #cut(frames: Buffer): void {
    const left = this.#incoming.frameBytesLeft;
    this.#incoming.cut(left === undefined ? frames : withJoinedData(frames, left));
    this.#control?.flush();
    if (this.#faultCode !== undefined) this.#refuse(this.#faultCode);
    else this.#look();
  }

  /** The first call is begun. The session is made when it may be. */
  #hold(rest: Buffer): void {
    const { places } = this.#parts;
    const held = new HeldFrames();
    this.#held = held;
    held.add(rest);
    this.#place = places?.enter({
      asked: held.asked,
      begin: () => this.#begin(),
      // Its client is told that nothing of what it began was worked on.
      overdue: () => this.dismiss({ atOnce: false }),
    });
    this.#lookAtHeld(held);
  }

  #holdMore(held: HeldFrames, bytes: Buffer): void {
    const wasAsked = held.asked;
    held.add(bytes);
    if (held.asked && !wasAsked) this.#place?.asked();
    this.#lookAtHeld(held);
  }

  #lookAtHeld(held: HeldFrames): void {
    if (this.#held !== held) return;
    // Its turn comes soon; what is more than was read already waits outside.
    if (held.asked) this.socket.pause();
    else if (held.bytes > (this.#parts.heldBytesMax ?? Number.POSITIVE_INFINITY)) {
      this.#refuse(errorCode.enhanceYourCalm);
    }
  }

  /** Goes on from where the first call was begun, which makes the session. */
  #begin(): void {
    const held = this.#held;
    if (!held || this.#over) return;
    this.#held = undefined;
    this.#mayBegin = true;
    this.#cut(held.all());
    if (!this.#stream && !this.socket.destroyed) this.socket.resume();
    else if (held.asked && !this.socket.destroyed) this.#stream?.letRead();
  }

  /** What may follow from what has come or gone. */
  #look(): void {
    const outgoing = this.#outgoing;
    if (outgoing?.waits) this.#watch(outgoing);
    else if (this.#rules.over) this.#refuse(errorCode.noError);
    // Not at once: this may be within the session's turn.
    if (!outgoing?.windows.grantable || this.#granting) return;
    this.#granting = true;
    setImmediate(() => this.#grant());
  }

  /** Tells the session what it may send, between two frames of the client's. */
  #grant(): void {
    this.#granting = false;
    if (this.#over || !this.#incoming.atBoundary) return;
    const more = this.#outgoing?.windows.grant() ?? 0;
    if (more > 0) this.#stream?.handOn(windowUpdateFrame(more));
  }

  #judge(type: number, flags: number, stream: number, length: number): Handling {
    if (this.#over) return 'stop';
    if (type === frameType.headers && this.#control && !this.#mayBegin && this.#parts.places) return 'hold';
    if (this.#place && asks(type, flags)) {
      this.#place.asked();
      this.#place = undefined;
    }
    const newest = this.#rules.lastStream;
    const code = this.#rules.judge(type, flags, stream, length);
    if (code !== undefined) {
      this.#faultCode = code;
      return 'stop';
    }
    if (this.#control) {
      if (type !== frameType.headers) return this.#judgeWithoutSession(type, flags);
      this.#beginSession(this.#control);
      if (this.#over) return 'stop';
    }
    switch (type) {
      case frameType.headers:
        if (stream > newest && this.#rules.answers) this.#outgoing?.begin(stream);
        return 'pass';
      case frameType.resetStream:
        this.#outgoing?.drop(stream);
        return 'pass';
      case frameType.settings:
        return flags & frameFlag.ack ? this.#settingsAcknowledged() : 'gather';
      case frameType.ping:
        return this.#asking && flags & frameFlag.ack ? 'gather' : 'pass';
      case frameType.windowUpdate:
      case frameType.goAway:
        return 'gather';
      default:
        return 'pass';
    }
  }

  /** A frame that may come before any stream was begun. */
  #judgeWithoutSession(type: number, flags: number): Handling {
    switch (type) {
      case frameType.settings:
        return flags & frameFlag.ack ? this.#settingsAcknowledged() : 'gather';
      case frameType.ping:
      case frameType.windowUpdate:
        return 'gather';
      case frameType.goAway:
        this.#faultCode = errorCode.noError;
        return 'stop';
      default:
        return 'skip';
    }
  }

  /**
   * With the limit of streams not acknowledged, nghttp2 refuses a stream too many with REFUSED_STREAM (section 5.1.2); else it
   * would end the connection. We send settings once, and nothing else in them waits for this.
   */
  #settingsAcknowledged(): Handling {
    if (this.#settingsKept) return 'pass';
    this.#settingsKept = true;
    return 'skip';
  }

  /** Brings a new session to where the connection is. */
  #beginSession(control: ControlFrames): void {
    const { socket } = this;
    const { begin, shared } = this.#parts;
    // Settings count from their acknowledgement, and what the session sends is to come after it.
    control.flush();
    control.end();
    this.#control = undefined;
    if (control.asks) this.#asking = control;
    this.#outgoing = new OutgoingFrames({
      shared,
      connectionWindow: control.window,
      initialWindow: control.settings.of(setting.initialWindowSize) ?? initialWindowBytes,
      write: (frames, sent) => {
        socket.write(frames, sent);
      },
      unsentBytes: () => socket.writableLength,
      settingsSent: this.#parts.control.settings,
      noted: (type, flags, stream) => this.#rules.sent(type, flags, stream),
    });
    const stream = new SessionStream({
      socket,
      write: (bytes, written) => this.#write(bytes, written),
      ended: (how) => {
        this.#stop();
        this.#close(how);
      },
    });
    this.#stream = stream;
    begin(this, stream.duplex);
    stream.handOn(clientPreface);
    stream.handOn(shared ? control.settings.frame(noHeaderTable) : control.settings.frame());
    const opened = control.window - initialWindowBytes;
    if (!shared && opened > 0) stream.handOn(windowUpdateFrame(opened));
  }

  /** The session writes. */
  #write(bytes: Buffer, written: Written): void {
    const outgoing = this.#outgoing;
    if (!outgoing || this.#over || this.socket.destroyed) {
      written();
      return;
    }
    outgoing.bySession(bytes, written);
    if (outgoing.goAway !== undefined && outgoing.goAway !== errorCode.noError) this.#end({ atOnce: true });
    else this.#look();
  }

  #gathered(frame: Buffer): Buffer | undefined {
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

  #settings(frame: Buffer): Buffer | undefined {
    const values = settingsIn(frame);
    const fault = faultOfSettings(values) ?? this.#control?.settingsCame(values);
    if (fault !== undefined) {
      this.#fault(fault);
      return undefined;
    }
    if (this.#control) return undefined;
    this.#outgoing?.windows.settingsCame(values.findLast(isInitialWindow)?.[1]);
    if (!this.#parts.shared) return frame;
    const settings = new ClientSettings();
    settings.add(values);
    return settings.frame(noHeaderTable);
  }

  #ping(frame: Buffer): Buffer | undefined {
    if (this.#control) {
      const fault = this.#control.pingCame(frame);
      if (fault !== undefined) this.#fault(fault);
      return undefined;
    }
    if (!this.#asking?.answersOurs(frame)) return frame;
    this.#asking = undefined;
    return undefined;
  }

  #windowUpdate(frame: Buffer): Buffer | undefined {
    const increment = incrementOf(frame);
    const stream = frame.readUInt32BE(5) & 0x7fffffff;
    const outgoing = this.#outgoing;
    if (increment === 0 && !outgoing?.hasLane(stream)) {
      // Of a stream, too: an error of it may be one of its connection (section 5.4).
      this.#fault(errorCode.protocolError);
      return undefined;
    }
    if (!outgoing) {
      if (this.#control?.openWindow(increment) === false) this.#fault(errorCode.flowControlError);
      return undefined;
    }
    if (stream !== 0) return outgoing.openStream(stream, increment) ? frame : undefined;
    if (!this.#parts.shared) return frame;
    if (outgoing.windows.openConnection(increment)) outgoing.flush();
    else this.#fault(errorCode.flowControlError);
    return undefined;
  }

  #fault(code: ErrorCode): void {
    this.#faultCode = code;
    this.#incoming.stop();
  }

  /** Cuts a client that takes nothing of what the session has ended: nobody else waits for it any more. */
  #watch(outgoing: OutgoingFrames): void {
    if (this.#stall || !outgoing.sessionWaits) return;
    const { progress } = outgoing;
    this.#stall = setTimeout(() => {
      this.#stall = undefined;
      if (outgoing.progress === progress && outgoing.sessionWaits) this.socket.destroy();
      else this.#watch(outgoing);
    }, this.#parts.stallMsMax);
    this.#stall.unref();
  }

  #refuse(code: ErrorCode): void {
    if (this.#over) return;
    if (code !== errorCode.noError) this.#parts.refused(this, code);
    this.#sayGoAway(code);
    this.#end({ atOnce: code !== errorCode.noError });
  }

  #sayGoAway(code: ErrorCode): void {
    const outgoing = this.#outgoing;
    if (this.#prefaceLeft > 0 || outgoing?.goAway !== undefined || outgoing?.atBoundary === false) return;
    this.socket.write(goAwayFrame(this.#rules.lastStream, code));
  }

  /** The connection is over, and its session ends with it: in another turn, for this may be within its own. */
  #end(how: { readonly atOnce: boolean }): void {
    if (this.#over) return;
    this.#stop();
    this.#close(how);
    setImmediate(() => this.#ended());
  }

  #stop(): void {
    this.#over = true;
    this.#held = undefined;
    this.#place?.leave();
    this.#control?.end();
    this.#stream?.stop();
    this.#incoming.stop();
    this.#outgoing?.close();
    clearTimeout(this.#stall);
  }

  /** Closes our side when all is written, and the rest after `closeMsMax`; unless `atOnce`, not while the client takes of it. */
  #close({ atOnce }: { readonly atOnce: boolean }): void {
    const { socket } = this;
    const { closeMsMax } = this.#parts;
    if (this.#closing || socket.destroyed) return;
    // What still comes is dropped; unread, it would make the system reset the connection, and the GOAWAY be lost.
    socket.resume();
    socket.end();
    const closeAfter = (unwritten: number): void => {
      this.#closing = setTimeout(() => {
        if (!atOnce && socket.writableLength < unwritten) closeAfter(socket.writableLength);
        else socket.destroy();
      }, closeMsMax);
      this.#closing.unref();
    };
    closeAfter(socket.writableLength);
  }

  #ended(): void {
    if (this.socket.destroyed) clearTimeout(this.#closing);
    if (this.#closed) return;
    this.#closed = true;
    this.#stop();
    this.#stream?.emit('close');
    this.#parts.closed?.(this);
  }
}
