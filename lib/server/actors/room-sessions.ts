import type { LeftReason } from '../../core/event.js';
import type { Limits } from '../../core/limits.js';
import type { Session } from '../../core/room-state.js';
import type { PendingCommand, Ref, SessionMessage, StreamNotice } from '../room/pending.js';
import { PendingLeaves } from '../room/pending-leaves.js';
import { type SessionStream, SessionStreams } from '../room/session-streams.js';
import type { Time } from './time.js';

/** What a room tells itself of its sessions, when its timers say so. */
export type SessionTimeout =
  /** A session was not resumed in time. */
  | { readonly kind: 'expired'; readonly session: string; readonly reason: LeftReason }
  /** Try again to write a leave that the store could not take. */
  | { readonly kind: 'retry-leave'; readonly owed: PendingCommand };

export interface RoomSessionsParts {
  readonly limits: Pick<Limits, 'graceMs' | 'readOnlyMs'>;
  readonly time: Pick<Time, 'scheduler'>;
  readonly room: Ref<SessionTimeout | SessionMessage>;
  /** Writes the Left of a session without a stream. */
  readonly leave: (session: string, reason: LeftReason) => void;
  /** The sessions that `endOrphans` has ended have their Left, or it is kept until it can be written. */
  readonly orphansEnded: () => void;
}

/**
 * The sessions of one room by what is to become of them [P8]: those that have a stream, those that are waited for, those that
 * are about to be resumed, and those whose Left is still to be written.
 */
export class RoomSessions {
  readonly #parts: RoomSessionsParts;
  readonly #streams: SessionStreams;
  readonly #leaves: PendingLeaves;
  /**
   * The sessions with a resume that is not decided on; if their grace ran out meanwhile, with the reason of their Left in case the
   * resume is refused.
   */
  readonly #resuming = new Map<string, LeftReason | undefined>();
  /** The plain sessions that the log had and no connection, and that have no Left yet. */
  readonly #orphans = new Set<string>();

  constructor(parts: RoomSessionsParts) {
    this.#parts = parts;
    const { limits, time, room } = parts;
    this.#streams = new SessionStreams({
      graceMs: limits.graceMs,
      scheduler: time.scheduler,
      expired: (session, reason) => room.tell({ kind: 'expired', session, reason }),
    });
    this.#leaves = new PendingLeaves({
      retryMs: limits.readOnlyMs,
      scheduler: time.scheduler,
      retry: (owed) => room.tell({ kind: 'retry-leave', owed }),
    });
  }

  /** How many streams follow. */
  get following(): number {
    return this.#streams.following;
  }

  /** From here on the session has this stream, which is its first. */
  begin(session: string, stream: Ref<StreamNotice>): SessionStream {
    return this.#streams.enter(session, stream);
  }

  /** The stream is lost: its session is waited for. False if another stream has it already, or it is over. */
  lost(session: string, stream: Ref<StreamNotice>): boolean {
    return this.#streams.lost(session, stream);
  }

  /** Somebody asks to go on with the session: until that is decided, it does not end for having waited too long. */
  awaitResume(session: string): void {
    if (!this.#resuming.has(session)) this.#resuming.set(session, undefined);
  }

  /** The session goes on with this stream. */
  resume(session: string, stream: Ref<StreamNotice>): SessionStream {
    // Nobody was told that it had left, so it has not.
    this.#leaves.cancel(session);
    return this.#streams.enter(session, stream);
  }

  /** What was asked for is decided, and answered; a session that may not go on ends if its time is over. */
  resumeDecided(session: string, refused: boolean): void {
    const overdue = this.#resuming.get(session);
    this.#resuming.delete(session);
    if (overdue && refused) this.#parts.leave(session, overdue);
  }

  expired(session: string, reason: LeftReason): void {
    // One that has come back in time is not sent away for having to wait for its answer.
    if (this.#resuming.has(session)) this.#resuming.set(session, reason);
    // One that has asked to leave is owed that, and not another reason.
    else if (!this.#leaves.has(session)) this.#parts.leave(session, reason);
  }

  /** Keeps a leave that the store did not take, until it is time to try again. */
  postpone(owed: PendingCommand): void {
    this.#leaves.add(owed);
    this.leaveSettled(owed.command.session);
  }

  /** Whether a leave may be tried again: a session that is about to come back is not sent away before that is decided. */
  mayRetry(owed: PendingCommand): boolean {
    return !this.#resuming.has(owed.command.session);
  }

  /** The session's Left is durable, or kept until it can be. */
  leaveSettled(session: string): void {
    if (this.#orphans.delete(session) && this.#orphans.size === 0) this.#parts.orphansEnded();
  }

  /** The session has ended, by its Left at `sequence`. */
  end(session: string, sequence: number): void {
    this.#streams.left(session, sequence);
  }

  /**
   * Sessions of an earlier life, and those whose join became durable but whose connection was told nothing: plain ones are
   * ended, resumable ones waited for.
   */
  endOrphans(present: Iterable<Session>, reason: LeftReason): void {
    const orphans = [...present].filter(({ id }) => !this.#streams.knows(id));
    this.#orphans.clear();
    for (const { id, resumable } of orphans) if (!resumable) this.#orphans.add(id);
    if (this.#orphans.size === 0) this.#parts.orphansEnded();
    for (const { id, resumable } of orphans) {
      if (resumable) this.#streams.await(id, reason);
      else this.#parts.leave(id, reason);
    }
  }

  /** Nothing that was asked for will be decided: those that it concerns are waited for anew. */
  forgetResumes(): void {
    for (const [session, reason] of this.#resuming) if (reason) this.#streams.await(session, reason);
    this.#resuming.clear();
  }

  /** All others have left, by `sequence` at the latest. */
  keepOnly(isPresent: (session: string) => boolean, sequence: number): void {
    this.#streams.keepOnly(isPresent, sequence);
  }

  /** Waits for nobody any more, and writes no more leaves. */
  close(): void {
    this.#leaves.close();
    this.#streams.close();
  }
}
