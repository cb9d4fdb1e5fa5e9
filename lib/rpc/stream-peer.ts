import type { ServerDuplexStream, ServerWritableStream } from '@grpc/grpc-js';
import { type Observable, Subject } from 'rxjs';
import type { Ending, Peer } from '../actors/peer.js';
import type { Sockets } from './sockets.js';
import { statusOf } from './status.js';

/** A stream whose messages go through it as bytes. */
export type ByteStream = ServerDuplexStream<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>;

/** The far end of a gRPC stream. The one place that writes to it. */
export class StreamPeer implements Peer {
  readonly address: string;
  readonly drained$: Observable<void>;
  readonly #drained = new Subject<void>();
  readonly #stream: ByteStream;
  readonly #sockets: Sockets;
  readonly #writeBytesMax: number;
  /** Bytes handed to the stream since it was last empty. */
  #held = 0;
  #full = false;
  #ended = false;

  /** `writeBytesMax`: from so many bytes on that the stream holds, it is not writable. */
  constructor(stream: ByteStream, sockets: Sockets, writeBytesMax: number) {
    // Kept, because a stream whose socket is gone no longer knows it.
    this.address = stream.getPeer();
    this.drained$ = this.#drained.asObservable();
    this.#stream = stream;
    this.#sockets = sockets;
    this.#writeBytesMax = writeBytesMax;
    stream.on('drain', this.#flushed);
  }

  get bidirectional(): boolean {
    return 'resume' in this.#stream;
  }

  get writable(): boolean {
    return !this.#full && !this.#ended;
  }

  /** Whether `end` was called: requests that still come in are nobody's. */
  get ended(): boolean {
    return this.#ended;
  }

  send(bytes: Buffer): void {
    // grpc-js would take a write after the end for an error and change the status that is on its way.
    if (this.#ended) return;
    if (this.#stream.writableLength === 0) this.#held = 0;
    this.#held += bytes.length;
    // The stream counts writes, whatever their size, and so it drains by itself only after 16 of them. Who is waited for is
    // told after the last of all that was sent meanwhile.
    if (this.#held < this.#writeBytesMax && !this.#full) this.#full = !this.#stream.write(bytes);
    else {
      this.#full = true;
      this.#stream.write(bytes, this.#flushed);
    }
  }

  pause(): void {
    if ('pause' in this.#stream) this.#stream.pause();
  }

  resume(): void {
    if ('resume' in this.#stream) this.#stream.resume();
  }

  end(ending: Ending): void {
    if (this.#ended) return;
    this.#ended = true;
    if (ending.kind === 'complete') this.#stream.end();
    // Not a fault to grpc-js: its way to end a stream, after what was written, with a status other than OK.
    else this.#stream.emit('error', statusOf(ending));
  }

  destroy(): void {
    this.#ended = true;
    this.#sockets.cut(this.address);
  }

  /** One for all writes, so that none costs a function. */
  readonly #flushed = (error?: Error | null): void => {
    // Later writes may be waiting: then theirs is the end of the wait.
    if (error || !this.#full || this.#stream.writableLength > 0) return;
    this.#full = false;
    this.#drained.next();
  };
}
