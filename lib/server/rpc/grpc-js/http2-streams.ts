import type { ServerHttp2Stream } from 'node:http2';
import type { Metadata } from '@grpc/grpc-js';

/**
 * Which HTTP/2 stream each call has, which grpc-js does not tell. It begins a call, its metadata included, from within
 * the event of the call's stream (read in 1.14.7). Where another version does not, a call's stream is not known, and all
 * that is written to it goes through grpc-js.
 */
export class Http2Streams {
  #opening: ServerHttp2Stream | undefined;
  readonly #byMetadata = new WeakMap<Metadata, ServerHttp2Stream>();

  /** Runs `open`, in which grpc-js begins the call of `stream`. Throws what it throws. */
  opening(stream: ServerHttp2Stream, open: () => void): void {
    this.#opening = stream;
    try {
      open();
    } finally {
      this.#opening = undefined;
    }
  }

  /** The call that is being begun has this metadata, which its handler is given too. */
  begun(metadata: Metadata): void {
    if (this.#opening) this.#byMetadata.set(metadata, this.#opening);
  }

  of(call: { readonly metadata: Metadata }): ServerHttp2Stream | undefined {
    return this.#byMetadata.get(call.metadata);
  }
}
