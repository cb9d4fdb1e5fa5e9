import { type ErrorCode, frameHeadBytes, framePayloadBytesMax, frameType, writeFrameHead } from './http2-frames.js';

/** A stream of the session, which a fault of its client's ends. */
export interface Resettable {
  close(code: ErrorCode): void;
}

/** What is known of one of a client's streams as it goes out, whoever sends on it. */
export interface OutgoingStream {
  /** The stream's DATA that has gone to the connection's socket, in bytes. */
  readonly writtenBytes: number;
  /** How much more DATA the client lets this stream have, by its own window alone, in bytes; 0 or less: none. */
  readonly windowBytes: number;
  /** What the connection's socket holds, in bytes. */
  readonly unsentBytes: number;
  /** Whether it is the only stream of its connection. */
  readonly alone: boolean;
}

/**
 * The way past node:http2 for one stream's DATA: straight to the socket, at less than half the price. The stream's
 * headers and the first response go by node:http2, and so does its end. What is sent here goes out in order, and when
 * the client's windows allow it.
 */
export interface FastLane extends OutgoingStream {
  /** Whether the stream's headers have gone out, so that DATA may follow. */
  readonly begun: boolean;
  /** Whether nothing can be sent any more: the stream was ended or reset, or its connection is over. */
  readonly ended: boolean;
  /** What waits for the client's windows, in bytes. */
  readonly queuedBytes: number;
  /** That, and what the connection's socket holds. */
  readonly heldBytes: number;
  /** Told when nothing waits for the client's windows any more. */
  emptied: (() => void) | undefined;
  /**
   * From here on this is the stream's only way; call it when all that was written to the stream before has gone out.
   */
  enter(wire: Resettable): void;
  /** Sends a message, which never changes. `sent` is called when the system has taken all of it. */
  send(message: Buffer, sent?: (error?: Error | null) => void): void;
}

/**
 * A message as DATA frames. All clients of whom the stream has the same number, which a chat's mostly has, are sent the
 * same bytes, so those of the newest message are kept.
 */
export class SharedDataFrames {
  #message: Buffer | undefined;
  readonly #byStream = new Map<number, Buffer>();

  /** The frames of `message`, which never changes, on `stream`. */
  of(message: Buffer, stream: number): Buffer {
    if (message !== this.#message) {
      this.#byStream.clear();
      this.#message = message;
    }
    let frames = this.#byStream.get(stream);
    if (!frames) {
      frames = dataFrames(message, stream);
      this.#byStream.set(stream, frames);
    }
    return frames;
  }
}

/** `payload`, which is not empty, as DATA frames that every client takes. */
export function dataFrames(payload: Buffer, stream: number, flags = 0): Buffer {
  const count = Math.ceil(payload.length / framePayloadBytesMax);
  const frames = Buffer.allocUnsafe(payload.length + count * frameHeadBytes);
  for (let at = 0, to = 0; at < payload.length; at += framePayloadBytesMax) {
    const length = Math.min(framePayloadBytesMax, payload.length - at);
    const last = at + length === payload.length;
    writeFrameHead(frames, to, length, frameType.data, last ? flags : 0, stream);
    payload.copy(frames, to + frameHeadBytes, at, at + length);
    to += frameHeadBytes + length;
  }
  return frames;
}
