import type { Socket } from 'node:net';
import { ControlFrames, type ControlFramesParts } from './control-frames.js';
import type { SharedDataFrames } from './fast-lane.js';
import { HeldFrames } from './held-frames.js';
import {
  clientPreface,
  type ErrorCode,
  errorCode,
  frameType,
  goAwayFrame,
  initialWindowBytes,
  setting,
  windowUpdateFrame,
} from './http2-frames.js';
import { IncomingFrames, type IncomingOwner, noHeaderTable } from './incoming-frames.js';
import { OutgoingFrames, type OutgoingOwner, type Sent } from './outgoing-frames.js';
import type { SessionPlace, SessionPlaces } from './session-places.js';
import { type SessionOwner, SessionStream, type Written } from './session-stream.js';

/** What all gates of a server have in common. */
export interface FrameGateParts {
  /** How long a connection may stay open when it is over, in milliseconds. */
  readonly closeMsMax: number;
  /** How long a client may take nothing of what waits for its windows while no call waits for any, in milliseconds. */
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
  readonly begin: (gate: FrameGate, stream: SessionStream) => void;
  /** A client broke a rule of HTTP/2, and its connection ends with this code. */
  readonly refused: (gate: FrameGate, code: ErrorCode) => void;
  /** Nothing more goes through it. */
  readonly closed?: (gate: FrameGate) => void;
}

/**
 * Stands between a connection's socket and the HTTP/2 session of node:http2, because some orders of frames make the
 * session end the whole process (an assertion in nghttp2, which JavaScript cannot catch). It hands on what a client may
 * send. At the first fault it answers with a GOAWAY of its own, hands on nothing more, and closes. An ended connection,
 * whatever ended it, is closed within `closeMsMax`, whether the client closes its side or not.
 *
 * A session is expensive, so there is none before the client's first call: until then the gate itself has the
 * connection's side of HTTP/2. Then the session gets what it would have received; its answers to that are dropped,
 * because the gate has given them.
 *
 * Since it knows what goes out and what the client's windows are, it has fast lanes: DATA that goes to the socket past
 * the session.
 */
export class FrameGate implements IncomingOwner, OutgoingOwner, SessionOwner {
  /** The connection. TCP or TLS: what is read and written are HTTP/2's bytes. */
  readonly socket: Socket;
  readonly #parts: FrameGateParts;
  readonly #incoming: IncomingFrames;
  /** From the session on: the client's streams that go on, as they go out, and their ways past the session. */
  outgoing: OutgoingFrames | undefined;
  /** Whether the session may not be made yet. */
  holdsCalls: boolean;
  /** What carries the session; undefined while there is none. */
  stream: SessionStream | undefined;
  #prefaceLeft = clientPreface.length;
  /** Until the client's preface is there. */
  #control: ControlFrames | undefined;
  #granting = false;
  /** What came since the first call was begun, while there is no session. */
  #held: HeldFrames | undefined;
  #place: SessionPlace | undefined;
  /** Nothing goes to the session or comes from it any more. */
  #over = false;
  #closing: NodeJS.Timeout | undefined;
  #stall: NodeJS.Timeout | undefined;
  #closed = false;

  /** `socket`'s first byte is the preface's. */
  constructor(socket: Socket, parts: FrameGateParts) {
    this.socket = socket;
    this.#parts = parts;
    this.holdsCalls = parts.places !== undefined;
    this.#control = new ControlFrames(socket, parts.control);
    this.#incoming = new IncomingFrames(this, this.#control, parts.shared !== undefined);
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('end', () => {
      if (this.#held?.asked) this.#begin();
      if (!this.#over) this.stream?.handOnEnd();
      this.#close({ atOnce: false });
    });
    socket.on('close', () => this.#ended());
  }

  /**
   * Ends a connection that is no longer wanted. A GOAWAY (NO_ERROR) tells its client so, and that calls it begins now
   * were not handled. With `atOnce` the socket is closed without time for the client to read that.
   */
  dismiss({ atOnce }: { readonly atOnce: boolean }): void {
    if (this.#over) return;
    this.#sayGoAway(errorCode.noError);
    this.#end({ atOnce: true });
    if (atOnce) this.socket.destroySoon();
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
      this.noted(frameType.settings, 0, 0);
      this.#control?.begin();
      this.#control = undefined;
      frames = bytes.subarray(taken);
    }
    const held = this.#held;
    if (!held) {
      this.#cut(frames);
      return;
    }
    const wasAsked = held.asked;
    held.add(frames);
    if (held.asked && !wasAsked) this.asked();
    this.#lookAtHeld(held);
  }

  #cut(frames: Buffer): void {
    const fault = this.#incoming.cut(frames);
    if (fault !== undefined) this.#refuse(fault);
    else this.#look();
  }

  /** The first call is begun. The session is made when it may be. */
  hold(rest: Buffer): void {
    const held = new HeldFrames();
    this.#held = held;
    held.add(rest);
    const place = this.#parts.places?.enter({
      asked: held.asked,
      begin: () => this.#begin(),
      // Its client is told that nothing of what it began was worked on.
      overdue: () => this.dismiss({ atOnce: false }),
    });
    if (!held.asked) this.#place = place;
    this.#lookAtHeld(held);
  }

  asked(): void {
    this.#place?.asked();
    this.#place = undefined;
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
    this.holdsCalls = false;
    this.#cut(held.all());
    if (this.socket.destroyed) return;
    if (!this.stream) this.socket.resume();
    else if (held.asked) this.stream.letRead();
  }

  /** Brings a new session to where the connection is. */
  beginSession(control: ControlFrames): OutgoingFrames | undefined {
    const { begin, shared } = this.#parts;
    this.outgoing = new OutgoingFrames(this, {
      shared,
      settingsSent: this.#parts.control.settings,
      connectionWindow: control.window,
      initialWindow: control.settings.of(setting.initialWindowSize) ?? initialWindowBytes,
    });
    const stream = new SessionStream(this);
    this.stream = stream;
    begin(this, stream);
    stream.handOn(clientPreface);
    stream.handOn(shared ? control.settings.frame(noHeaderTable) : control.settings.frame());
    const opened = control.window - initialWindowBytes;
    if (!shared && opened > 0) stream.handOn(windowUpdateFrame(opened));
    return this.#over ? undefined : this.outgoing;
  }

  handOn(bytes: Buffer): void {
    this.stream?.handOn(bytes);
  }

  fromSession(bytes: Buffer, written: Written): void {
    const outgoing = this.outgoing;
    if (!outgoing || this.#over || this.socket.destroyed) {
      written();
      return;
    }
    outgoing.bySession(bytes, written);
    if (outgoing.goAway !== undefined && outgoing.goAway !== errorCode.noError) this.#end({ atOnce: true });
    else this.#look();
  }

  sessionEnded(how: { readonly atOnce: boolean }): void {
    this.#stop();
    this.#close(how);
  }

  write(frames: Buffer, sent?: Sent): void {
    this.socket.write(frames, sent);
  }

  get unsentBytes(): number {
    return this.socket.writableLength;
  }

  noted(type: number, flags: number, stream: number): void {
    this.#incoming.rules.sent(type, flags, stream);
  }

  /** What may follow from what has come or gone. */
  #look(): void {
    const outgoing = this.outgoing;
    if (outgoing?.waits) this.#watch(outgoing);
    else if (this.#incoming.rules.over) this.#refuse(errorCode.noError);
    // Not at once: this may be within the session's turn.
    if (!outgoing?.windows.grantable || this.#granting) return;
    this.#granting = true;
    setImmediate(() => this.#grant());
  }

  /** Tells the session what it may send, between two frames of the client's. */
  #grant(): void {
    this.#granting = false;
    if (this.#over || !this.#incoming.atBoundary) return;
    const more = this.outgoing?.windows.grant() ?? 0;
    if (more > 0) this.stream?.handOn(windowUpdateFrame(more));
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
    const outgoing = this.outgoing;
    if (this.#prefaceLeft > 0 || outgoing?.goAway !== undefined || outgoing?.atBoundary === false) return;
    this.socket.write(goAwayFrame(this.#incoming.rules.lastStream, code));
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
    this.stream?.stop();
    this.#incoming.stop();
    this.outgoing?.close();
    clearTimeout(this.#stall);
  }

  /**
   * Closes our side when all is written, and the rest after `closeMsMax`; unless `atOnce`, not while the client takes
   * of it.
   */
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
    this.stream?.closed();
    this.#parts.closed?.(this);
  }
}
