import type { ChatRequest, ChatResponse, HistoryPage, RoomSummary, Welcome } from '../codec/messages.js';
import type { StreamEnd } from './session/protocol.js';

/** What a session needs of a way to its server: gRPC, or another one. */
export interface Transport {
  /** Begins a connection. Throws `CannotConnect` where the address is none. */
  open(): Connection;
}

/** One connection to a server, of one session. */
export interface Connection {
  /**
   * Opens a Chat stream and sends `request`, a join. The answer is one call of `welcomed` or `failed`, later; after
   * `failed` there is no other.
   */
  join(request: ChatRequest, listener: StreamListener): ChatStream;
  /**
   * One page of `room`'s events after `after`, at most `limit` (0: as many as the server gives). `chain`: that at
   * `after`, so that a server whose room has another history refuses with HISTORY_LOST. Rejects with `Refused` and
   * `CannotConnect`.
   */
  readHistory(room: string, after: number, limit: number, chain?: string): Promise<HistoryPage>;
  /** All rooms, by name. Rejects as `readHistory`. */
  listRooms(): Promise<RoomSummary[]>;
  /** Leaves nothing behind, in whatever state it is, and calls off what was asked. */
  close(): void;
}

/** One Chat stream. Between `welcomed` and `listen` nothing comes of it. */
export interface ChatStream {
  /** What came along with the welcome comes, and if not `paused` also what follows. */
  listen(paused: boolean): void;
  send(request: ChatRequest): void;
  /** Takes no more from the server until it is called with false. */
  pause(paused: boolean): void;
  /** Sends no more. After a leave that is one which the server owes, whatever else it refuses. */
  halfClose(): void;
  /**
   * Ends it at once. To the server that is a lost connection, which a resumable session outlives; to a plain one it may
   * be a leave.
   */
  cancel(): void;
}

/** What is told of a stream. */
export interface StreamListener {
  readonly welcomed: (welcome: Welcome) => void;
  /** The join was not accepted: `Refused`, `HistoryDamaged`, or `CannotConnect` without an answer in `joinMsMax`. */
  readonly failed: (error: Error) => void;
  readonly responded: (response: ChatResponse) => void;
  /** The server has ended it; what it had sent is still handed on, and then `lost`. */
  readonly streamEnded: () => void;
  /** It is over, after the last response. */
  readonly lost: (end: StreamEnd) => void;
}
