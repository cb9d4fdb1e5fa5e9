import { type Subscription, timer } from 'rxjs';
import type { LeftReason } from '../../core/event.js';
import { isOver, type RoomState, type Session } from '../../core/room-state.js';
import type { SessionStream } from '../room/broadcast.js';
import type { PendingCommand, Ref, StreamNotice } from '../room/pending.js';
import type { SessionTimeout } from './messages.js';
import type { RoomParts } from './room-parts.js';

export interface RoomSessionsParts extends Pick<RoomParts, 'limits' | 'time'> {
  readonly actor: Ref<SessionTimeout>;
  /** Writes the Left of a session without a stream. */
  readonly leave: (session: string, reason: LeftReason) => void;
  /** The sessions that `endOrphans` has ended have their Left, or it is kept until it can be written. */
  readonly orphansEnded: () => void;
}

/**
 * The sessions of one room by what is to become of them [P8]: those with a stream, those without one that may be
 * resumed (docs/protocol.md, "Resuming after a lost connection"), those about to be resumed, and those whose Left is
 * still to be written.
 */
export class RoomSessions {
  readonly #parts: RoomSessionsParts;
  /** The streams, at most one for each session. */
  readonly #streams = new Map<string, SessionStream>();
  /** The waits for sessions without a stream. */
  readonly #graces = new Map<string, Subscription>();
  /** Sessions with an undecided resume; if their grace ran out meanwhile, with the reason of their Left, if refused. */
  readonly #resuming = new Map<string, LeftReason | undefined>();
  /** The sessions that the log had and no connection, that cannot come back, and that have no Left yet. */
  readonly #orphans = new Set<string>();
  /** Leaves that the event log could not take yet, by session, and the wait until they are tried again. */
  readonly #leaves = new Map<string, PendingCommand>();
  #leavesWait: Subscription | undefined;

  constructor(parts: RoomSessionsParts) {
    this.#parts = parts;
  }

  get following(): number {
    return this.#streams.size;
  }

  /** From here on the session has this stream, up to its end; one that it had before is told. */
  enter(session: string, connection: Ref<StreamNotice>): SessionStream {
    this.#stopWaiting(session);
    // No participant was told that the session had left, so it has not.
    this.#leaves.delete(session);
    const before = this.#streams.get(session);
    const stream = { last: Number.POSITIVE_INFINITY, connection };
    this.#streams.set(session, stream);
    before?.connection.tell({ kind: 'taken-over' });
    return stream;
  }

  /** The stream is lost: its session is waited for. False if another stream has it already, or it is over. */
  lost(session: string, connection: Ref<StreamNotice>): boolean {
    if (this.#streams.get(session)?.connection !== connection) return false;
    this.#streams.delete(session);
    this.#await(session, 'CONNECTION_LOST');
    return true;
  }

  /** A resume of the session was asked for: until that is decided, it does not end for having waited too long. */
  awaitResume(session: string): void {
    if (!this.#resuming.has(session)) this.#resuming.set(session, undefined);
  }

  /** The resume is decided and answered; a session that may not go on ends if its time is over. */
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
    const { session } = owed.command;
    const { limits, time, actor } = this.#parts;
    // The first has the reason: a session whose stream is lost after it asked to leave has still asked.
    if (!this.#leaves.has(session)) this.#leaves.set(session, owed);
    this.#leavesWait ??= timer(limits.readOnlyMs, time.scheduler).subscribe(() => {
      this.#leavesWait = undefined;
      const all = [...this.#leaves.values()];
      this.#leaves.clear();
      for (const one of all) actor.tell({ kind: 'retry-leave', owed: one });
    });
    this.leaveSettled(session);
  }

  /** Whether a leave may be tried again: a session about to come back is not sent away before that is decided. */
  mayRetry(owed: PendingCommand): boolean {
    return !this.#resuming.has(owed.command.session);
  }

  /** The session's Left is durable, or kept until it can be. */
  leaveSettled(session: string): void {
    if (this.#orphans.delete(session) && this.#orphans.size === 0) this.#parts.orphansEnded();
  }

  /** The session has ended, by its Left at `sequence`. */
  end(session: string, sequence: number): void {
    this.#stopWaiting(session);
    const stream = this.#streams.get(session);
    if (!stream) return;
    this.#streams.delete(session);
    stream.last = sequence;
    stream.connection.tell({ kind: 'left' });
  }

  /**
   * Sessions of an earlier life, and those whose join became durable but whose connection was told nothing: plain ones
   * and those that are over (`isOver`) are ended, the others waited for.
   */
  endOrphans(state: Pick<RoomState, 'sessions' | 'logIdAfter'>, reason: LeftReason): void {
    const isOrphan = ({ id }: Session) => !this.#streams.has(id) && !this.#graces.has(id);
    const mayComeBack = (session: Session) => session.resumable && !isOver(state, session);
    const orphans = [...state.sessions.values()].filter(isOrphan);
    this.#orphans.clear();
    for (const session of orphans) if (!mayComeBack(session)) this.#orphans.add(session.id);
    if (this.#orphans.size === 0) this.#parts.orphansEnded();
    for (const session of orphans) {
      if (mayComeBack(session)) this.#await(session.id, reason);
      else this.#parts.leave(session.id, reason);
    }
  }

  /** No resume will be decided: the sessions whose grace ran out meanwhile are waited for anew. */
  forgetResumes(): void {
    for (const [session, reason] of this.#resuming) if (reason) this.#await(session, reason);
    this.#resuming.clear();
  }

  /** All others have left, by `sequence` at the latest. */
  keepOnly(isPresent: (session: string) => boolean, sequence: number): void {
    for (const session of [...this.#streams.keys(), ...this.#graces.keys()]) {
      if (!isPresent(session)) this.end(session, sequence);
    }
  }

  /** Ends all waits, and writes no more leaves. */
  close(): void {
    this.#leavesWait?.unsubscribe();
    for (const session of [...this.#graces.keys()]) this.#stopWaiting(session);
  }

  /** Waits for a session without a stream; `reason` is that of its Left if it does not come back. */
  #await(session: string, reason: LeftReason): void {
    this.#stopWaiting(session);
    const { limits, time, actor } = this.#parts;
    const expire = () => actor.tell({ kind: 'expired', session, reason });
    this.#graces.set(session, timer(limits.graceMs, time.scheduler).subscribe(expire));
  }

  #stopWaiting(session: string): void {
    this.#graces.get(session)?.unsubscribe();
    this.#graces.delete(session);
  }
}
