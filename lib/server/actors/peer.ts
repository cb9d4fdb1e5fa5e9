import type { Observable } from 'rxjs';
import type { Limits } from '../../core/limits.js';
import type { Rejection } from '../../core/rejection.js';
import type { Origin } from '../access/origin.js';
import type { ServerMemory } from '../room/shared-memory.js';
import type { Time } from './turns.js';

/** How a stream ends, for its status. */
export type Ending =
  /** As its client wished. */
  | { readonly kind: 'complete' }
  | { readonly kind: 'refused'; readonly rejection: Rejection }
  /** What the client sent was not protobuf. */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'stopping' }
  /** What it was to be sent is damaged in the event log. */
  | { readonly kind: 'damaged' }
  /** A fault of the server's own. */
  | { readonly kind: 'failed' };

/** The far end of one stream, as a connection actor knows it. */
export interface Peer {
  /** `host:port`, for log records. */
  readonly address: string;
  /**
   * Whether the stream has a place for refusals: Chat does, Subscribe has not and is told by status only.
   * A Subscribe's request side also closes at once, which means nothing.
   */
  readonly bidirectional: boolean;
  /** False once the transport holds as much as it should, until `drained$`. */
  readonly writable: boolean;
  /** Emits when the stream is writable again. */
  readonly drained$: Observable<void>;
  /**
   * How many bytes the far end has taken so far: of this stream, or where that is not known, of its connection. To be
   * compared with what it was before, while the stream is not writable.
   */
  readonly taken: number;
  /** What the stream holds that the system has not taken, in bytes, about; 0 if that is nothing. */
  readonly held: number;
  /**
   * Hands bytes to the transport, whether it is writable or not: the caller minds `writable`. `rest` goes behind them
   * in the same message; it is not copied, so that many may be sent the same one.
   */
  send(bytes: Buffer, rest?: Buffer): void;
  /** Stops and goes on with taking requests from the stream. */
  pause(): void;
  resume(): void;
  /** Ends the stream after what was sent. Once; a peer that does not read may keep it from ending. */
  end(ending: Ending): void;
  /** Cuts the connection below the stream. */
  destroy(): void;
}

/** One stream, and what it lives by. */
export interface StreamParts {
  readonly peer: Peer;
  readonly limits: Limits;
  readonly time: Time;
  /** Where it comes from; released with its end. */
  readonly origin: Origin;
  /** What all streams share. */
  readonly memory: Pick<ServerMemory, 'clock' | 'refusals' | 'unjoined' | 'untaken'>;
}
