import { dataFrames, type FastLane, type OutgoingStream, type Resettable, type SharedDataFrames } from './fast-lane.js';
import { FrameCutter, type FrameSieve, type Handling } from './frame-cutter.js';
import { errorCode, frameFlag, frameHeadBytes, framePayloadBytesMax, frameType, goAwayCode } from './http2-frames.js';
import { SendWindows, type StreamWindow } from './send-windows.js';

/** Told when the system has taken what was written. */
export type Sent = (error?: Error | null) => void;

/** What waits to go out on one stream: DATA, for the windows, and what comes behind it. */
interface Waiting {
  readonly kind: 'data' | 'frame';
  /** A DATA frame's payload, or one of the lane's messages; or whole other frames. */
  bytes: Buffer;
  /** How much of it has gone out. */
  at: number;
  readonly flags: number;
  readonly bySession: boolean;
  readonly sent: Sent | undefined;
}

/** The connection on which frames go out. */
export interface OutgoingOwner {
  /** What the socket holds, in bytes. */
  readonly unsentBytes: number;
  /** Writes whole frames to the socket. */
  write(frames: Buffer, sent?: Sent): void;
  /** A frame of ours goes out, or will as soon as it may. */
  noted(type: number, flags: number, stream: number): void;
}

export interface OutgoingOptions {
  /** For what comes by lanes; undefined: nothing does, and the session alone looks after the windows. */
  readonly shared: SharedDataFrames | undefined;
  /** The SETTINGS the client was sent: the session's, if the same, and its first acknowledgement are not sent again. */
  readonly settingsSent: Buffer;
  /** What the client allows on the connection, and on each new stream, in bytes; default: `initialWindowBytes`. */
  readonly connectionWindow?: number;
  readonly initialWindow?: number;
}

/**
 * All that goes out on one connection: what the session writes, cut into frames, and between them what comes by the
 * lanes. Nothing exceeds the client's windows, and on each stream everything stays in order. Header blocks of different
 * streams may change places, so they must not refer to each other: the session is to have no table for them (RFC 7541,
 * section 4.2).
 */
export class OutgoingFrames implements FrameSieve {
  readonly windows: SendWindows<LaneStream>;
  /** The code of the newest GOAWAY that the session sent. */
  goAway: number | undefined;
  /** Grows whenever something that waited goes out. */
  progress = 0;
  closed = false;
  readonly #owner: OutgoingOwner;
  readonly #shared: SharedDataFrames | undefined;
  readonly #settingsSent: Buffer;
  readonly #cutter = new FrameCutter(this);
  /** The streams on which something waits; most connections never have one. */
  #queued: Set<LaneStream> | undefined;
  /** What of the session's present write goes out. */
  #out: Buffer[] = [];
  /** Whether the session has said what the client knows. */
  #saidSettings = false;
  #saidAck = false;
  /** Of the client's SETTINGS, by the session's present write. */
  #acknowledged = 0;

  constructor(owner: OutgoingOwner, { shared, settingsSent, connectionWindow, initialWindow }: OutgoingOptions) {
    this.#owner = owner;
    this.#shared = shared;
    this.#settingsSent = settingsSent;
    this.windows = new SendWindows(connectionWindow, initialWindow);
  }

  /** Whether another frame may go out now. */
  get atBoundary(): boolean {
    return this.#cutter.atBoundary;
  }

  /** Whether anything waits for the client's windows. */
  get waits(): boolean {
    return this.#queued !== undefined && this.#queued.size > 0;
  }

  /** Whether anything of the session's does, which it takes for sent: no call is left that would notice. */
  get sessionWaits(): boolean {
    for (const { queue } of this.#queued ?? []) if (queue.some(({ bySession }) => bySession)) return true;
    return false;
  }

  /** A stream that the client began. */
  begin(stream: number): void {
    this.windows.streams.set(stream, new LaneStream(this, stream, this.windows.initial));
  }

  /** The client has reset it, or we have. */
  drop(stream: number): void {
    const dropped = this.windows.streams.get(stream);
    if (!dropped) return;
    for (const { kind, bytes, at, bySession } of dropped.queue) {
      if (kind === 'data' && bySession) this.windows.dropped(bytes.length - at);
    }
    this.#forget(dropped);
  }

  /** Whether a stream's windows are nothing to the session. */
  hasLane(stream: number): boolean {
    return this.windows.streams.get(stream)?.entered === true;
  }

  /** The client opens a stream's window. Whether the session is to hear of it: not where the lane has the stream. */
  openStream(id: number, increment: number): boolean {
    const stream = this.windows.streams.get(id);
    if (!stream) return true;
    const opened = increment > 0 && this.windows.openStream(stream, increment);
    if (!stream.entered) return true;
    if (opened) this.flush();
    else stream.resetFor(increment);
    return false;
  }

  lane(stream: number): FastLane | undefined {
    return this.#shared && this.windows.streams.get(stream);
  }

  /** How a stream goes out that the client has begun and that goes on. */
  stream(id: number): OutgoingStream | undefined {
    return this.windows.streams.get(id);
  }

  /** The session writes. Not to be called from within `write`. */
  bySession(bytes: Buffer, sent: Sent): void {
    this.#cutter.cut(bytes);
    const out = this.#out;
    this.#out = [];
    const last = out.pop();
    for (const part of out) this.#owner.write(part);
    // What waits counts as sent: the session could not answer a PING while it did not.
    if (last) this.#owner.write(last, sent);
    else sent();
    for (; this.#acknowledged > 0; this.#acknowledged -= 1) this.windows.settingsAcknowledged();
    if (this.waits) this.flush();
  }

  /** What waited goes out as far as it may, one frame of each stream after the other. */
  flush(): void {
    const emptied: LaneStream[] = [];
    for (let before = -1; before !== this.progress && this.#cutter.atBoundary; ) {
      before = this.progress;
      for (const stream of this.#queued ?? []) {
        this.#flushOne(stream);
        if (stream.queue.length > 0) continue;
        this.#queued?.delete(stream);
        emptied.push(stream);
      }
    }
    for (const { emptied: told } of emptied) told?.();
  }

  /** Nothing goes out any more. */
  close(): void {
    this.closed = true;
    this.#queued?.clear();
    this.#cutter.stop();
  }

  get unsentBytes(): number {
    return this.#owner.unsentBytes;
  }

  /** A lane's message. */
  byLane(stream: LaneStream, message: Buffer, sent: Sent | undefined): void {
    const { windows } = this;
    const shared = this.#shared;
    if (
      shared &&
      stream.queue.length === 0 &&
      message.length <= stream.windowBytes &&
      message.length <= windows.connection &&
      this.#cutter.atBoundary
    ) {
      windows.spend(stream, message.length, false);
      stream.writtenBytes += message.length;
      this.#owner.write(shared.of(message, stream.id), sent);
      return;
    }
    this.#queue(stream, { kind: 'data', bytes: message, at: 0, flags: 0, bySession: false, sent });
    this.flush();
  }

  head(type: number, flags: number, id: number, length: number): Handling {
    if (type === frameType.settings) return this.#settings(flags);
    this.#owner.noted(type, flags, id);
    const stream = this.windows.streams.get(id);
    if (!this.#shared) {
      if (stream && type === frameType.data) {
        stream.windowBytes -= length;
        stream.writtenBytes += length;
      }
      if (stream && (type === frameType.resetStream || hasEnd(type, flags))) this.#forget(stream);
      return type === frameType.goAway ? 'gather' : 'pass';
    }
    switch (type) {
      case frameType.data:
        this.windows.sentBySession(length);
        if (!stream || stream.queue.length > 0 || length > Math.min(this.windows.connection, stream.windowBytes))
          return 'gather';
        this.windows.spend(stream, length, true);
        stream.writtenBytes += length;
        break;
      case frameType.headers:
      case frameType.continuation:
        if (stream && stream.queue.length > 0) return 'gather';
        if (stream) stream.begun = true;
        break;
      case frameType.resetStream:
        this.drop(id);
        return 'pass';
      case frameType.goAway:
        return 'gather';
      default:
        return 'pass';
    }
    if (stream && hasEnd(type, flags)) this.#forget(stream);
    return 'pass';
  }

  #settings(flags: number): Handling {
    if ((flags & frameFlag.ack) === 0) return 'gather';
    if (!this.#saidAck) {
      this.#saidAck = true;
      return 'skip';
    }
    this.#owner.noted(frameType.settings, flags, 0);
    this.#acknowledged += 1;
    return 'pass';
  }

  pass(bytes: Buffer): void {
    this.#out.push(bytes);
  }

  gathered(frame: Buffer): Buffer | undefined {
    if (frame[3] === frameType.settings) {
      const isKnown = !this.#saidSettings && frame.equals(this.#settingsSent);
      this.#saidSettings = true;
      if (isKnown) return undefined;
      this.#owner.noted(frameType.settings, 0, 0);
      return frame;
    }
    if (frame[3] === frameType.goAway) {
      this.goAway = goAwayCode(frame);
      return frame;
    }
    const stream = this.windows.streams.get(frame.readUInt32BE(5));
    const payload = frame.subarray(frameHeadBytes);
    if (!stream) {
      // DATA, of a stream that the client has reset and the session does not know it yet.
      this.windows.dropped(payload.length);
      return undefined;
    }
    const flags = frame[4] as number;
    if (frame[3] === frameType.data) {
      this.#queue(stream, { kind: 'data', bytes: payload, at: 0, flags, bySession: true, sent: undefined });
    } else if (frame[3] === frameType.continuation) {
      // Nothing may come between the frames of a header block.
      const begun = stream.queue.at(-1);
      if (begun) begun.bytes = Buffer.concat([begun.bytes, frame]);
    } else this.#queue(stream, { kind: 'frame', bytes: frame, at: 0, flags, bySession: true, sent: undefined });
    return undefined;
  }

  #queue(stream: LaneStream, waiting: Waiting): void {
    stream.queue.push(waiting);
    if (waiting.kind === 'data' && !waiting.bySession) stream.queuedBytes += waiting.bytes.length;
    this.#queued ??= new Set();
    this.#queued.add(stream);
  }

  /** One frame, if there is a window for it. */
  #flushOne(stream: LaneStream): void {
    const [next] = stream.queue;
    if (!next) return;
    if (next.kind === 'frame') this.#owner.write(next.bytes);
    else if (!this.#flushData(stream, next)) return;
    this.progress += 1;
    if (next.kind === 'data' && next.at < next.bytes.length) return;
    stream.queue.shift();
    if (next.bySession && next.flags & frameFlag.endStream) this.#forget(stream);
  }

  #flushData(stream: LaneStream, data: Waiting): boolean {
    const rest = data.bytes.length - data.at;
    // Also what the session has counted against its stream's window: the client may have made that smaller since.
    const length = Math.min(rest, this.windows.connection, stream.windowBytes, framePayloadBytesMax);
    if (length < rest && (length <= 0 || data.flags & frameFlag.padded)) return false;
    const all = length === rest;
    this.windows.spend(stream, length, data.bySession);
    stream.writtenBytes += length;
    const payload = data.bytes.subarray(data.at, data.at + length);
    this.#owner.write(dataFrames(payload, stream.id, all ? data.flags : 0), all ? data.sent : undefined);
    data.at += length;
    if (!data.bySession) stream.queuedBytes -= length;
    return true;
  }

  #forget(stream: LaneStream): void {
    stream.gone = true;
    stream.queue = [];
    stream.queuedBytes = 0;
    this.#queued?.delete(stream);
    this.windows.streams.delete(stream.id);
  }
}

/** Whether a frame that goes out is the last of its stream. */
function hasEnd(type: number, flags: number): boolean {
  return (type === frameType.data || type === frameType.headers) && (flags & frameFlag.endStream) !== 0;
}

/** A stream as it goes out: its window, what waits on it, and its lane. */
class LaneStream implements StreamWindow, FastLane {
  readonly id: number;
  windowBytes: number;
  begun = false;
  gone = false;
  queue: Waiting[] = [];
  queuedBytes = 0;
  writtenBytes = 0;
  emptied: (() => void) | undefined;
  readonly #out: OutgoingFrames;
  #wire: Resettable | undefined;

  constructor(out: OutgoingFrames, id: number, windowBytes: number) {
    this.#out = out;
    this.id = id;
    this.windowBytes = windowBytes;
  }

  /** Whether the lane has it, and its windows are nothing to the session. */
  get entered(): boolean {
    return this.#wire !== undefined;
  }

  get ended(): boolean {
    return this.gone || this.#out.closed;
  }

  get unsentBytes(): number {
    return this.#out.unsentBytes;
  }

  get heldBytes(): number {
    return this.queuedBytes + this.unsentBytes;
  }

  get alone(): boolean {
    return this.#out.windows.streams.size === 1;
  }

  enter(wire: Resettable): void {
    this.#wire = wire;
  }

  send(message: Buffer, sent?: Sent): void {
    if (!this.ended) this.#out.byLane(this, message, sent);
  }

  /** Ends the stream, for a window that the client opened by nothing, or too far (RFC 9113, section 6.9). */
  resetFor(increment: number): void {
    this.#wire?.close(increment === 0 ? errorCode.protocolError : errorCode.flowControlError);
  }
}
