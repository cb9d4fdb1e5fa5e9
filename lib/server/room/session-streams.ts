import { type SchedulerLike, type Subscription, timer } from 'rxjs';
import type { LeftReason } from '../../core/event.js';
import type { Ref, StreamNotice } from './pending.js';

/** A session's stream, as its room serves it. */
export interface SessionStream {
  /** The last sequence it is to get: that of its session's Left, once there is one. */
  last: number;
  readonly connection: Ref<StreamNotice>;
}

export interface SessionStreamsOptions {
  /** How long a session without a stream is waited for, in milliseconds. */
  readonly graceMs: number;
  readonly scheduler: SchedulerLike;
  /** A session was not resumed in time; it is still waited for until `left`. */
  readonly expired: (session: string, reason: LeftReason) => void;
}

/**
 * The sessions of one room by the state of their streams: sessions with a stream that follows, and sessions that lost their stream
 * and may be resumed (docs/protocol.md, "Resuming after a lost connection"). At most one stream follows for each session.
 */
export class SessionStreams {
  readonly #options: SessionStreamsOptions;
  readonly #following = new Map<string, SessionStream>();
  readonly #awaited = new Map<string, Subscription>();

  constructor(options: SessionStreamsOptions) {
    this.#options = options;
  }

  /** How many streams follow. */
  get following(): number {
    return this.#following.size;
  }

  /** Whether the session has a stream, or is waited for. */
  knows(session: string): boolean {
    return this.#following.has(session) || this.#awaited.has(session);
  }

  /** From here on the session has this stream, up to its end; one that it had before is told. */
  enter(session: string, connection: Ref<StreamNotice>): SessionStream {
    this.#stopAwaiting(session);
    const before = this.#following.get(session);
    const stream = { last: Number.POSITIVE_INFINITY, connection };
    this.#following.set(session, stream);
    before?.connection.tell({ kind: 'taken-over' });
    return stream;
  }

  /** The stream is lost: its session is waited for. False if another stream has it already, or it is over. */
  lost(session: string, connection: Ref<StreamNotice>): boolean {
    if (this.#following.get(session)?.connection !== connection) return false;
    this.#following.delete(session);
    this.await(session, 'CONNECTION_LOST');
    return true;
  }

  /** Waits for a session without a stream; `reason` is that of its Left if it does not come back. */
  await(session: string, reason: LeftReason): void {
    this.#stopAwaiting(session);
    const { graceMs, scheduler, expired } = this.#options;
    this.#awaited.set(
      session,
      timer(graceMs, scheduler).subscribe(() => expired(session, reason)),
    );
  }

  /** The session has ended, by its Left at `sequence`. */
  left(session: string, sequence: number): void {
    this.#stopAwaiting(session);
    const stream = this.#following.get(session);
    if (!stream) return;
    this.#following.delete(session);
    stream.last = sequence;
    stream.connection.tell({ kind: 'left' });
  }

  /** Those known, for whom `isPresent` is false, have left by `sequence` at the latest. */
  keepOnly(isPresent: (session: string) => boolean, sequence: number): void {
    for (const session of [...this.#following.keys(), ...this.#awaited.keys()]) {
      if (!isPresent(session)) this.left(session, sequence);
    }
  }

  /** Ends all waits for resumes. */
  close(): void {
    for (const session of [...this.#awaited.keys()]) this.#stopAwaiting(session);
  }

  #stopAwaiting(session: string): void {
    this.#awaited.get(session)?.unsubscribe();
    this.#awaited.delete(session);
  }
}
