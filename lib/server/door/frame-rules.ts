import { settingsPayloadBytesMax } from './control-frames.js';
import { type ErrorCode, errorCode, frameFlag, framePayloadBytesMax, frameType, settingBytes } from './http2-frames.js';

/** Streams that we have ended and the client may not know it yet: so many of the newest may still be sent on. */
const endedByUsMax = 256;

/** Streams that the client has ended, newest last, of which we still know that they were no others'. */
const endedByClientMax = 64;

/** What may still come on a stream, or go out on it. */
interface Open {
  /** Whether the client may send on it. */
  fromClient: boolean;
  /** Whether we have neither ended nor reset it. */
  fromUs: boolean;
}

/**
 * What a client may send next on one HTTP/2 connection, as far as the frames' headers tell (RFC 9113). It refuses
 * nothing that a client may do, and so leaves to nghttp2 what takes more to judge: header blocks, padding, settings'
 * values, windows. It judges by what the client itself has ended, never by what we have: frames that were under way
 * then are no fault.
 */
export class FrameRules {
  #first = true;
  /** The stream of a header block that goes on in the next frame; 0: none. */
  #block = 0;
  /** The newest stream that the client began, which a GOAWAY names; 0: none. */
  lastStream = 0;
  /** From the first stream on: most connections wait long for it. */
  #open: Map<number, Open> | undefined;
  /** How many of them we have not ended. */
  #unfinished = 0;
  /** Those that the client may send on, though we have ended them. */
  #endedByUs: Set<number> | undefined;
  #endedByClient: Set<number> | undefined;
  /** Our SETTINGS that the client has not acknowledged. */
  #settingsUnanswered = 0;
  #clientGoesAway = false;
  #weGoAway = false;

  /** Whether one side has said that it takes no new streams, and none is left to be answered. */
  get over(): boolean {
    return (this.#clientGoesAway || this.#weGoAway) && this.#unfinished === 0;
  }

  /** Whether streams that the client begins now will be answered. */
  get answers(): boolean {
    return !this.#weGoAway;
  }

  /** The next frame's header, as it came. The code by which the connection is to end, or undefined if it may come. */
  judge(type: number, flags: number, stream: number, length: number): ErrorCode | undefined {
    // Section 4.2.
    if (length > framePayloadBytesMax) return errorCode.frameSizeError;
    // Section 3.4: the preface ends with a SETTINGS frame.
    if (this.#first) {
      if (type !== frameType.settings || flags & frameFlag.ack) return errorCode.protocolError;
      this.#first = false;
    }
    // Section 6.10: nothing may come between the frames of a header block.
    if (this.#block !== 0 && (type !== frameType.continuation || stream !== this.#block))
      return errorCode.protocolError;
    switch (type) {
      case frameType.data:
        return this.#data(flags, stream);
      case frameType.headers:
        return this.#headers(flags, stream);
      case frameType.priority:
        if (stream === 0) return errorCode.protocolError;
        return sizeIs(length, 5);
      case frameType.resetStream:
        return this.#reset(stream, length);
      case frameType.settings:
        return this.#settings(flags, stream, length);
      case frameType.pushPromise:
        // Section 8.4: only servers push.
        return errorCode.protocolError;
      case frameType.ping:
        if (stream !== 0) return errorCode.protocolError;
        return sizeIs(length, 8);
      case frameType.goAway:
        if (stream !== 0) return errorCode.protocolError;
        if (length < 8) return errorCode.frameSizeError;
        this.#clientGoesAway = true;
        return undefined;
      case frameType.windowUpdate:
        if (this.#isIdle(stream)) return errorCode.protocolError;
        return sizeIs(length, 4);
      case frameType.continuation:
        if (this.#block === 0) return errorCode.protocolError;
        if (flags & frameFlag.endHeaders) this.#block = 0;
        return undefined;
      default:
        // Section 5.5: what one does not know, one ignores.
        return undefined;
    }
  }

  /** The header of a frame that we send. */
  sent(type: number, flags: number, stream: number): void {
    if (type === frameType.resetStream) this.#endedHere(stream);
    else if (type === frameType.settings) this.#settingsUnanswered += flags & frameFlag.ack ? 0 : 1;
    else if (type === frameType.goAway) this.#weGoAway = true;
    else if ((type === frameType.data || type === frameType.headers) && flags & frameFlag.endStream) {
      this.#endedHere(stream);
    }
  }

  #data(flags: number, stream: number): ErrorCode | undefined {
    if (stream === 0 || this.#isIdle(stream)) return errorCode.protocolError;
    if (!this.#open?.get(stream)?.fromClient) return errorCode.streamClosed;
    if (flags & frameFlag.endStream) this.#endedByItsClient(stream, false);
    return undefined;
  }

  #headers(flags: number, stream: number): ErrorCode | undefined {
    if (stream === 0 || stream % 2 === 0) return errorCode.protocolError;
    if (stream > this.lastStream) {
      // Whoever goes away begins nothing more; the GOAWAY it is sent says that this stream was not worked on.
      if (this.#clientGoesAway) return errorCode.noError;
      this.lastStream = stream;
      this.#open ??= new Map();
      this.#open.set(stream, { fromClient: true, fromUs: true });
      this.#unfinished += 1;
      // What comes after our own GOAWAY, nghttp2 does not answer.
      if (this.#weGoAway) this.#endedHere(stream);
    } else if (!this.#open?.get(stream)?.fromClient) {
      // Section 5.1.1: one that was passed over is not to be begun any more.
      return this.#endedByClient?.has(stream) ? errorCode.streamClosed : errorCode.protocolError;
    }
    if (!(flags & frameFlag.endHeaders)) this.#block = stream;
    if (flags & frameFlag.endStream) this.#endedByItsClient(stream, false);
    return undefined;
  }

  #reset(stream: number, length: number): ErrorCode | undefined {
    if (stream === 0 || this.#isIdle(stream)) return errorCode.protocolError;
    if (length !== 4) return errorCode.frameSizeError;
    this.#endedByItsClient(stream, true);
    return undefined;
  }

  #settings(flags: number, stream: number, length: number): ErrorCode | undefined {
    if (stream !== 0) return errorCode.protocolError;
    if (!(flags & frameFlag.ack)) {
      if (length % settingBytes !== 0) return errorCode.frameSizeError;
      return length > settingsPayloadBytesMax ? errorCode.enhanceYourCalm : undefined;
    }
    if (length !== 0) return errorCode.frameSizeError;
    if (this.#settingsUnanswered === 0) return errorCode.protocolError;
    this.#settingsUnanswered -= 1;
    return undefined;
  }

  /** Whether nobody ever used this stream: 0 is the connection, which is none of them. */
  #isIdle(stream: number): boolean {
    return stream !== 0 && (stream % 2 === 0 || stream > this.lastStream);
  }

  #endedByItsClient(stream: number, reset: boolean): void {
    const open = this.#open?.get(stream);
    if (!open) return;
    open.fromClient = false;
    this.#endedByUs?.delete(stream);
    this.#endedByClient ??= new Set();
    keepNewest(this.#endedByClient, stream, endedByClientMax);
    if (reset && open.fromUs) this.#finish(open);
    if (!open.fromUs) this.#open?.delete(stream);
  }

  #endedHere(stream: number): void {
    const open = this.#open?.get(stream);
    if (!open?.fromUs) return;
    this.#finish(open);
    if (!open.fromClient) this.#open?.delete(stream);
    else {
      this.#endedByUs ??= new Set();
      const forgotten = keepNewest(this.#endedByUs, stream, endedByUsMax);
      if (forgotten !== undefined) this.#open?.delete(forgotten);
    }
  }

  #finish(open: Open): void {
    open.fromUs = false;
    this.#unfinished -= 1;
  }
}

function sizeIs(length: number, size: number): ErrorCode | undefined {
  return length === size ? undefined : errorCode.frameSizeError;
}

/** Adds `stream`; returns the oldest if there are more than `max` then. */
function keepNewest(streams: Set<number>, stream: number, max: number): number | undefined {
  streams.add(stream);
  if (streams.size <= max) return undefined;
  const [oldest] = streams;
  streams.delete(oldest as number);
  return oldest;
}
