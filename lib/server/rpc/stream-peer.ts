import type { ServerHttp2Stream } from 'node:http2';
import { Metadata, type ServerDuplexStream, type ServerWritableStream } from '@grpc/grpc-js';
import { Subject } from 'rxjs';
import type { Ending, Peer } from '../actors/peer.js';
import type { FastLane } from '../door/fast-lane.js';
import type { Sockets } from '../door/listener.js';
import { framed, type SharedFrame } from './grpc-js/framing.js';
import { statusOf } from './status.js';

/** A stream whose messages go through it as bytes. */
export type ByteStream = ServerDuplexStream<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>;

/** The HTTP/2 stream below a call, as far as it is written to. */
export type WireStream = Pick<
  ServerHttp2Stream,
  'close' | 'cork' | 'headersSent' | 'uncork' | 'writable' | 'writableLength' | 'write'
>;

export interface StreamPeerParts {
  readonly stream: ByteStream;
  /** Without it, all writes go through grpc-js. */
  readonly wire: WireStream | undefined;
  /** The way past that HTTP/2 stream. */
  readonly lane?: FastLane | undefined;
  readonly sockets: Sockets;
  /** One for all streams. */
  readonly frame: SharedFrame;
  /** From so many bytes on that the stream holds, it is not writable. */
  readonly writeBytesMax: number;
}

/**
 * The far end of a gRPC stream. The one place that writes to it. A first response that is nobody else's goes through
 * grpc-js, which sends the headers with it; the others, at half the price, straight to the HTTP/2 stream, and from when
 * all of that has gone out, at half the price again, by the fast lane; the end through grpc-js again, which writes its
 * trailers after them.
 */
export class StreamPeer implements Peer {
  readonly address: string;
  readonly drained$ = new Subject<void>();
  readonly #parts: StreamPeerParts;
  /** Whether responses go straight to the HTTP/2 stream; never back. */
  #straight = false;
  /** Whether they go by the fast lane; never back. */
  #byLane = false;
  /** What was sent by the lane, to be told when it has gone out. */
  #untold = 0;
  /** Bytes handed to grpc-js since it held none. */
  #held = 0;
  #full = false;
  /** Whether `end` was called: requests that still come in are nobody's. */
  ended = false;

  constructor(parts: StreamPeerParts) {
    // Kept, because a stream whose socket is gone no longer knows it.
    this.address = parts.stream.getPeer();
    this.#parts = parts;
    parts.stream.on('drain', this.#flushed);
  }

  get bidirectional(): boolean {
    return 'resume' in this.#parts.stream;
  }

  get writable(): boolean {
    return !this.#full && !this.ended;
  }

  get taken(): number {
    const { lane, wire, sockets } = this.#parts;
    if (!lane) return sockets.taken(this.address);
    // What waits for the client's windows is behind nothing of the connection's, so what else that takes says nothing.
    // What the socket has is behind all of it.
    const waits = this.#byLane
      ? lane.queuedBytes > 0
      : lane.windowBytes <= 0 && lane.unsentBytes === 0 && (wire?.writableLength ?? 0) > 0;
    return waits ? lane.writtenBytes : lane.writtenBytes + sockets.taken(this.address);
  }

  get held(): number {
    const { lane, stream, wire } = this.#parts;
    if (this.#byLane) return lane?.heldBytes ?? 0;
    return (stream.writableLength > 0 ? this.#held : 0) + (wire?.writableLength ?? 0);
  }

  send(bytes: Buffer, rest?: Buffer): void {
    // grpc-js would take a write after the end for an error and change the status that is on its way.
    if (this.ended) return;
    const { stream, wire, lane } = this.#parts;
    if (wire && lane && this.#enters(lane, wire)) {
      this.#writeByLane(lane, wire, bytes, rest);
      return;
    }
    // What many are sent is not to be copied for each, as grpc-js would.
    if (rest && wire && !wire.headersSent) stream.sendMetadata(new Metadata());
    if (wire && (this.#straight || wire.headersSent)) {
      // A write that grpc-js has under way is in the HTTP/2 stream already. What it would have waiting behind that, one
      // must not overtake.
      this.#straight ||= stream.writableLength <= 1;
      if (this.#straight) {
        this.#write(wire, bytes, rest);
        return;
      }
    }
    this.#writeByGrpc(stream, rest ? Buffer.concat([bytes, rest]) : bytes);
  }

  #write(wire: WireStream, bytes: Buffer, rest: Buffer | undefined): void {
    // grpc-js has ended it (a request too large, a deadline), or it was reset. A write would cost it its status;
    // whoever does not hear of the end in time is cut as one that takes nothing.
    if (!wire.writable) {
      this.#full = true;
      return;
    }
    const { frame, writeBytesMax } = this.#parts;
    const first = rest ? framed(bytes, rest.length) : frame.of(bytes);
    // Both at once, and not the second when the first is gone.
    if (rest) {
      wire.cork();
      wire.write(first);
    }
    const last = rest ?? first;
    if (!this.#full && wire.writableLength + last.length < writeBytesMax) wire.write(last);
    else {
      this.#full = true;
      wire.write(last, this.#flushed);
    }
    if (rest) wire.uncork();
  }

  /** Whether the next response may go by the lane: nothing that was written before is behind it. */
  #enters(lane: FastLane, wire: WireStream): boolean {
    if (this.#byLane) return true;
    if (!lane.begun || this.#parts.stream.writableLength > 0 || wire.writableLength > 0) return false;
    lane.enter(wire);
    this.#byLane = true;
    return true;
  }

  #writeByLane(lane: FastLane, wire: WireStream, bytes: Buffer, rest: Buffer | undefined): void {
    // As below.
    if (!wire.writable || lane.ended) {
      this.#full = true;
      return;
    }
    const { frame, writeBytesMax } = this.#parts;
    const message = rest ? Buffer.concat([framed(bytes, rest.length), rest]) : frame.of(bytes);
    if (!this.#full && lane.heldBytes + message.length < writeBytesMax) lane.send(message);
    else {
      this.#full = true;
      this.#untold += 1;
      lane.send(message, this.#goneByLane);
    }
  }

  #writeByGrpc(stream: ByteStream, bytes: Buffer): void {
    if (stream.writableLength === 0) this.#held = 0;
    this.#held += bytes.length;
    // The stream counts writes, whatever their size, and so it drains by itself only after 16 of them. Who is waited
    // for is told after the last of all that was sent meanwhile.
    if (this.#held < this.#parts.writeBytesMax && !this.#full) this.#full = !stream.write(bytes);
    else {
      this.#full = true;
      stream.write(bytes, this.#flushed);
    }
  }

  pause(): void {
    const { stream } = this.#parts;
    if ('pause' in stream) stream.pause();
  }

  resume(): void {
    const { stream } = this.#parts;
    if ('resume' in stream) stream.resume();
  }

  end(ending: Ending): void {
    if (this.ended) return;
    this.ended = true;
    const { lane } = this.#parts;
    // The trailers go out behind all that was sent: as long as that waits for the client, so does the end.
    if (lane && lane.queuedBytes > 0) lane.emptied = () => this.#endStream(ending);
    else this.#endStream(ending);
  }

  #endStream(ending: Ending): void {
    const { stream } = this.#parts;
    if (ending.kind === 'complete') stream.end();
    // Not a fault to grpc-js: its way to end a stream, after what was written, with a status other than OK.
    else stream.emit('error', statusOf(ending));
  }

  destroy(): void {
    this.ended = true;
    this.#parts.sockets.cut(this.address);
  }

  readonly #goneByLane = (error?: Error | null): void => {
    this.#untold -= 1;
    // Later ones may be waiting: then theirs is the end of the wait.
    if (error || !this.#full || this.#untold > 0) return;
    this.#full = false;
    this.drained$.next();
  };

  /** One for all writes, so that none costs a function. */
  readonly #flushed = (error?: Error | null): void => {
    // Later writes may be waiting: then theirs is the end of the wait.
    if (error || !this.#full) return;
    const { stream, wire } = this.#parts;
    if (stream.writableLength > 0 || (wire && wire.writableLength > 0)) return;
    this.#full = false;
    this.drained$.next();
  };
}
