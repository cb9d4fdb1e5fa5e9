import { initialWindowBytes, windowBytesMax } from './http2-frames.js';

/** What may be sent on one stream, by its own window: below zero where the client has made its windows smaller. */
export interface StreamWindow {
  /** In bytes. */
  windowBytes: number;
}

/**
 * What a client allows us to send on one connection (RFC 9113, section 5.2), where two send on it: the HTTP/2 session,
 * which knows of itself only, and the fast lane.
 *
 * The session believes that the connection's window is what it was told; so it is told only what is left by both, and
 * never ahead: at most `initialWindowBytes`, which it begins with anyhow. By so much it may think that it has more than
 * there is, and what it sends then waits. A stream belongs to one of the two at a time, and its window is looked after
 * here for both.
 */
export class SendWindows<Stream extends StreamWindow = StreamWindow> {
  readonly streams = new Map<number, Stream>();
  /** What may be sent on the connection now, in bytes. */
  connection: number;
  /** A new stream's window. */
  initial: number;
  /** What the session may send, by what it was told. */
  #session = initialWindowBytes;
  /** What the session has sent and is not spent yet. */
  #waiting = 0;
  /** What the client's SETTINGS that we have not acknowledged make of the streams' windows, in order. */
  readonly #settings: (number | undefined)[] = [];

  /** Of a client whose connection has this window, and whose new streams have that one, in bytes. */
  constructor(connection = initialWindowBytes, initial = initialWindowBytes) {
    this.connection = connection;
    this.initial = initial;
  }

  /** The session has sent DATA of so many bytes; they wait until they are spent, or dropped. */
  sentBySession(bytes: number): void {
    this.#session -= bytes;
    this.#waiting += bytes;
  }

  /** So many bytes go out. `bySession`: of those that wait. */
  spend(stream: StreamWindow | undefined, bytes: number, bySession: boolean): void {
    this.connection -= bytes;
    if (stream) stream.windowBytes -= bytes;
    if (bySession) this.#waiting -= bytes;
  }

  /** So many of the session's bytes that waited will never go out. */
  dropped(bytes: number): void {
    this.#waiting -= bytes;
  }

  /** The client opens the connection's window. False if it must not. */
  openConnection(increment: number): boolean {
    if (increment > windowBytesMax - this.connection) return false;
    this.connection += increment;
    return true;
  }

  /** The client opens a stream's window. False if it must not. */
  openStream(stream: StreamWindow, increment: number): boolean {
    if (increment > windowBytesMax - stream.windowBytes) return false;
    stream.windowBytes += increment;
    return true;
  }

  /** The client has sent SETTINGS, in which new streams have this window or nothing is said of it. */
  settingsCame(initial: number | undefined): void {
    this.#settings.push(initial);
  }

  /**
   * Our acknowledgement of the oldest SETTINGS goes out: from here on the client, and we, go by them (section 6.9.2).
   */
  settingsAcknowledged(): void {
    const initial = this.#settings.shift();
    if (initial === undefined) return;
    const change = initial - this.initial;
    this.initial = initial;
    for (const stream of this.streams.values()) stream.windowBytes += change;
  }

  /** What the session is to be told now that it may send in addition, in bytes; 0: nothing. It counts as told. */
  grant(): number {
    // Half a window at a time: the session is not to be told of each frame.
    if (this.#session >= initialWindowBytes / 2) return 0;
    const more = Math.min(initialWindowBytes, this.connection - this.#waiting) - this.#session;
    if (more <= 0) return 0;
    this.#session += more;
    return more;
  }

  /** Whether `grant` would give anything. */
  get grantable(): boolean {
    return this.#session < initialWindowBytes / 2 && this.connection - this.#waiting > this.#session;
  }
}
