import { map, type Observable, Subject, type Subscription, timer } from 'rxjs';
import type { Command } from '../../core/command.js';
import type { LeftReason } from '../../core/event.js';
import { rejection } from '../../core/rejection.js';
import { isTooFarAhead } from '../../core/room.js';
import { emptyRoom, forgetEnded, type RoomState } from '../../core/room-state.js';
import { sessionTag } from '../../core/session-id.js';
import { type Group, LogDamaged, type LogUnwritable } from '../log/event-log.js';
import { Broadcast } from '../room/broadcast.js';
import { type CommittedGroup, decideGroup } from '../room/decide-group.js';
import {
  type Pending,
  type PendingCommand,
  type Ref,
  type Refusal,
  refuse,
  rejected,
  type StreamNotice,
} from '../room/pending.js';
import { roomPipeline } from '../room/pipeline.js';
import type { MemoryHolder } from '../room/shared-memory.js';
import { type Handlers, handle, Mailbox } from './mailbox.js';
import type { ParticipantsAnswer, RoomMessage, RoomReport } from './messages.js';
import { RoomAdmission, Unanswered } from './room-admission.js';
import { RoomDelivery } from './room-delivery.js';
import { RoomOpening } from './room-opening.js';
import type { RoomParts } from './room-parts.js';
import { RoomSessions } from './room-sessions.js';

/**
 * One room: the only writer of its event log. Commands go through its inlet in one order, are decided in groups by the
 * pure core, made durable, and only then delivered (`roomPipeline`). A room that has an event log is opened first
 * (`RoomOpening`).
 */
export class RoomActor implements Ref<RoomMessage> {
  static readonly #handlers: Handlers<RoomActor, RoomMessage> = {
    submit: (room, { pending }) => room.#receive(pending),
    resume: (room, { pending }) => room.#receive(pending),
    'list-participants': (room, { replyTo }) => room.#listParticipants(replyTo),
    lost: (room, { session, stream }) => room.#lost(session, stream),
    expired: (room, { session, reason }) => room.#sessions.expired(session, reason),
    'retry-leave': (room, { owed }) => room.#retryLeave(owed),
    'end-orphans': (room, { reason }) => room.#sessions.endOrphans(room.#state, reason),
    retire: (room) => room.#report({ kind: room.#retire() ? 'room-retired' : 'room-stays', room: room.#parts.room }),
    restart: (room) => room.#restart(),
    close: (room) => room.#close(),
    end: (room, { error }) => room.#end(error),
  };
  readonly #parts: RoomParts;
  readonly #mailbox: Mailbox<RoomMessage>;
  readonly #broadcast: Broadcast;
  readonly #unanswered: Unanswered<Pending>;
  readonly #admission: RoomAdmission;
  readonly #sessions: RoomSessions;
  readonly #delivery: RoomDelivery;
  readonly #opening: RoomOpening;
  readonly #endedOrdinals: MemoryHolder = { letGo: () => forgetEnded(this.#state) };
  /** Resolves when the append under way has settled, however it did. */
  #appending: Promise<void> | undefined;
  /** Whether nothing more is decided until a restart: then `#state` may be ahead of the event log. */
  #failed = false;
  /** Whether the supervisor is still to be told of a failure. */
  #failing = false;
  /** Why nothing more comes in. */
  #over: 'retired' | 'closing' | 'ended' | undefined;
  /** How requests are answered that waited for a room that cannot be read. */
  #unreadable: Refusal | undefined;
  #state: RoomState;
  #inlet$ = new Subject<Pending>();
  #pipeline: Subscription | undefined;

  constructor(parts: RoomParts) {
    this.#parts = parts;
    const { room, limits, log, memory } = parts;
    this.#broadcast = new Broadcast(parts);
    this.#unanswered = new Unanswered(memory.requests);
    this.#admission = new RoomAdmission({ ...parts, unanswered: this.#unanswered, isPresent: this.#isPresent });
    this.#mailbox = new Mailbox({
      handle: (message) => this.#handle(message),
      failed: (error) => this.#fail(error),
      messagesMax: limits.mailboxMessagesMax,
      observe: parts.observe,
    });
    this.#sessions = new RoomSessions({
      ...parts,
      actor: this,
      leave: (session, reason) => this.#endSession(session, reason),
      orphansEnded: () => this.#report({ kind: 'repaired', room }),
    });
    const own = { broadcast: this.#broadcast, admission: this.#admission, unanswered: this.#unanswered };
    this.#delivery = new RoomDelivery({ ...parts, ...own, sessions: this.#sessions, actor: this });
    const refuseNow = (pending: Pending, answer: Refusal) => this.#refuse(pending, answer);
    this.#opening = new RoomOpening({ ...parts, ...own, mailbox: this.#mailbox, refuse: refuseNow });
    this.#state = emptyRoom(room);
    if (log.head(room)) {
      this.#opening.begin(
        (state) => this.#start(state),
        (error) => this.#giveUpUnreadable(error),
      );
    } else this.#start(this.#state);
  }

  tell(message: RoomMessage): void {
    if (this.#opening.isUnderWay) {
      if (decidedOfIt.has(message.kind)) {
        this.#parts.observe?.(message);
        this.#handle(message);
        return;
      }
      const isRequest = message.kind === 'submit' || message.kind === 'resume';
      if (isRequest && !this.#opening.holds(message.pending)) return;
    }
    this.#mailbox.tell(message);
  }

  #handle(message: RoomMessage): void {
    // A room that is over still answers requests, and does nothing else.
    const isOver = this.#over === 'closing' || this.#over === 'ended';
    if (!isOver || requests.has(message.kind)) handle(RoomActor.#handlers, this, message);
  }

  #start(state: RoomState): void {
    const { room, limits, time, holdings } = this.#parts;
    this.#state = state;
    holdings.adopt(room, state.sessions.keys());
    this.#delivery.startFrom(state);
    this.#noteEnded(state.ended.count);
    this.#inlet$ = new Subject();
    this.#failed = false;
    this.#pipeline = this.#inlet$
      .pipe(
        roomPipeline({
          grouping: {
            groupMax: limits.groupDraftsMax,
            turn$: time.endOfTurn$,
            company$: timer(limits.companyMsMax, time.scheduler),
          },
          decide: (commands) => decideGroup(this.#state, commands, limits),
          append: (group) => this.#append(group),
          undo: (commands, error) => this.#undo(commands, error),
          holding: limits,
          listeners: () => this.#sessions.following,
          deliver: (committed) => this.#deliver(committed),
        }),
      )
      .subscribe({ error: (error) => this.#fail(error) });
  }

  #report(report: RoomReport): void {
    this.#parts.supervisor.tell(report);
  }

  readonly #isPresent = (session: string): boolean => this.#state.sessions.has(session);

  #receive(pending: Pending): void {
    const { room, limits } = this.#parts;
    if (this.#unreadable) this.#refuse(pending, this.#unreadable);
    else if (!this.#over) this.#admit(pending);
    else if (this.#over === 'closing' || 'resume' in pending) {
      this.#refuse(pending, rejected(pending, 'OVERLOADED', limits.overloadedRetryMs));
    } else this.#report({ kind: 'submit', room, pending });
  }

  /** Into the inlet, or refused. A resume makes no event, so it may be while the store cannot be written. */
  #admit(pending: Pending): void {
    if ('command' in pending && pending.owed) {
      this.#takeIn(this.#mustComeIn(pending));
      return;
    }
    const isResume = 'resume' in pending;
    const refusal = isResume ? this.#admission.refusalIfFull(pending) : this.#admission.refusalOf(pending);
    if (refusal) {
      this.#refuse(pending, refusal);
      return;
    }
    if (isResume) this.#sessions.awaitResume(pending.resume.session);
    // From here on, and not only once it is in: publishes may follow their join without waiting for the answer.
    else if (pending.command.kind === 'join') this.#admission.allow(pending.command.session, pending.origin);
    this.#takeIn(pending);
  }

  /** A command that the room owes must not be refused: a sender's time that is too far ahead is left out of it. */
  #mustComeIn(owed: PendingCommand): PendingCommand {
    const { limits, memory } = this.#parts;
    const { command } = owed;
    return isTooFarAhead(command, memory.clock.newest, limits)
      ? { ...owed, command: { ...command, senderLamport: 0 } }
      : owed;
  }

  #takeIn(pending: Pending): void {
    this.#unanswered.add(pending);
    this.#inlet$.next(pending);
  }

  /** Refuses what has not come in. */
  #refuse(pending: Pending, answer: Refusal): void {
    if ('command' in pending && pending.command.kind === 'join') this.#parts.holdings.end(pending.command.session);
    refuse(pending, answer);
  }

  #retryLeave(owed: PendingCommand): void {
    if (this.#sessions.mayRetry(owed)) this.#receive(owed);
    else this.#sessions.postpone(owed);
  }

  #listParticipants(replyTo: Ref<ParticipantsAnswer>): void {
    // Of a room that is closed before it was open nothing is known.
    if (this.#over === 'closing') {
      replyTo.tell({ kind: 'rejected', rejection: rejection('OVERLOADED', 0, this.#parts.limits.overloadedRetryMs) });
    } else replyTo.tell({ kind: 'participants', names: this.#delivery.names });
  }

  #lost(session: string, stream: Ref<StreamNotice>): void {
    if (!this.#sessions.lost(session, stream)) return;
    const { room, limits, journal } = this.#parts;
    const participant = this.#state.sessions.get(session)?.name;
    journal.info('awaited', { room, participant, session: sessionTag(session), graceMs: limits.graceMs });
  }

  #append(group: Group): Promise<void> {
    const appended = this.#parts.log.append(group);
    const settled = () => {
      this.#appending = undefined;
    };
    this.#appending = appended.then(settled, settled);
    return appended;
  }

  /** The event log took nothing of the group: the room goes back to what it was, and then says so. */
  #undo(commands: readonly PendingCommand[], error: LogUnwritable): Observable<void> {
    const { room, journal } = this.#parts;
    journal.error('log-unwritable', { room, err: error.cause ?? error });
    this.#admission.storeFailed();
    return this.#opening.recover().pipe(
      map((state) => {
        this.#state = state;
        this.#noteEnded(state.ended.count);
        this.#admission.storeFailed();
        for (const pending of commands) this.#notWritten(pending);
      }),
    );
  }

  #notWritten(pending: PendingCommand): void {
    if (pending.owed) {
      this.#unanswered.delete(pending);
      this.#sessions.postpone(pending);
    } else this.#delivery.answer(pending, rejected(pending, 'READ_ONLY', this.#parts.limits.readOnlyMs));
  }

  #deliver(committed: CommittedGroup): void {
    this.#delivery.deliver(committed, this.#state);
    this.#noteEnded(this.#state.ended.count);
    if (committed.entries.length > 0 && this.#state.sessions.size === 0) {
      this.#broadcast.forgetRecent();
      this.#report({ kind: 'room-emptied', room: this.#parts.room });
    }
    this.#retireIfEmpty();
  }

  #noteEnded(ordinals: number): void {
    this.#parts.memory.endedOrdinals.used(this.#endedOrdinals, ordinals);
  }

  #retire(): boolean {
    if (this.#over) return this.#over === 'retired';
    if (this.#opening.isUnderWay) return false;
    const isUsed = this.#state.sessions.size > 0 || this.#unanswered.size > 0 || this.#appending !== undefined;
    if (isUsed || this.#sessions.following > 0) return false;
    this.#over = 'retired';
    this.#noteEnded(0);
    this.#pipeline?.unsubscribe();
    return true;
  }

  /** A room that has no event, and will have none of what it took in, is no room: it must not count as one [P12]. */
  #retireIfEmpty(): void {
    if (this.#over || this.#broadcast.position.sequence > 0 || this.#unanswered.size > 0) return;
    this.#over = 'retired';
    this.#report({ kind: 'room-retired', room: this.#parts.room });
  }

  /**
   * Nothing more is decided. The supervisor is told only after the append under way has settled: an actor that goes on
   * from the event log any earlier, this one or the next, would decide on the same sequences once more [P1].
   */
  #fail(error: unknown): void {
    this.#failed = true;
    this.#pipeline?.unsubscribe();
    // What else fails until then is mended by the same restart.
    if (this.#failing) return;
    this.#failing = true;
    const report = () => {
      this.#failing = false;
      this.#report({ kind: 'room-failed', room: this.#parts.room, error });
    };
    if (this.#appending) void this.#appending.then(report);
    else report();
  }

  /** After a failure it is unknown which of the commands became events: this is what their senders are told. */
  #restart(): void {
    this.#pipeline?.unsubscribe();
    this.#opening.begin(
      (state) => {
        this.#start(state);
        this.#restarted();
      },
      // The next start has the answers to give.
      (error) => this.#fail(error),
    );
  }

  #restarted(): void {
    const unanswered = this.#unanswered.drain();
    this.#sessions.forgetResumes();
    for (const pending of unanswered) {
      if ('command' in pending && pending.owed) this.#receive(pending);
      else refuse(pending, { kind: 'failed' });
    }
    // Sessions whose Left became durable before any cursor was told.
    this.#admission.keepOnlyPresent();
    this.#parts.holdings.keepOnly(this.#parts.room, this.#isPresent);
    this.#sessions.keepOnly(this.#isPresent, this.#broadcast.position.sequence);
    this.#sessions.endOrphans(this.#state, 'CONNECTION_LOST');
    // No cursor was told yet of what the event log holds beyond the last run.
    this.#broadcast.notify();
  }

  /** Writes the Left of a session without a stream. */
  #endSession(session: string, reason: LeftReason): void {
    const { memory, time } = this.#parts;
    const taken = { senderLamport: 0, newestLamport: memory.clock.newest, timeMs: time.now() };
    const command: Command = { kind: 'leave', reason, session, ...taken };
    this.#receive({ command, owed: true });
  }

  #close(): void {
    const { room } = this.#parts;
    if (this.#over) {
      this.#report({ kind: 'room-closed', room, state: undefined });
      return;
    }
    this.#over = 'closing';
    const closed = (): void => {
      this.#giveUp();
      // What a room that is not open has to do for its event log's sake, the next life does.
      const isWhole = !this.#failed && !this.#opening.isUnderWay;
      this.#report({ kind: 'room-closed', room, state: isWhole ? this.#state : undefined });
      this.#opening.end();
    };
    if (this.#opening.isUnderWay) closed();
    else {
      this.#pipeline?.add(closed);
      this.#inlet$.complete();
    }
  }

  #end(error: unknown): void {
    this.#over = 'ended';
    this.#giveUp();
    this.#broadcast.fail(error);
    this.#broadcast.forgetRecent();
    this.#opening.end();
  }

  /** The room does not open: its event log cannot be read. */
  #giveUpUnreadable(error: unknown): void {
    this.#over = 'ended';
    this.#unreadable = { kind: error instanceof LogDamaged ? 'damaged' : 'failed' };
    // First, so that this actor is not found any more.
    this.#report({ kind: 'room-unreadable', room: this.#parts.room, error });
    this.#giveUp();
    this.#opening.end();
  }

  /** Nothing more is decided: a sender that still waits for an answer is told that there is none. */
  #giveUp(): void {
    this.#noteEnded(0);
    this.#sessions.close();
    for (const pending of this.#unanswered.drain()) refuse(pending, { kind: 'failed' });
    this.#parts.holdings.keepOnly(this.#parts.room, this.#isPresent);
  }
}

/** What the supervisor decides of the room itself does not wait for its opening. */
const decidedOfIt: ReadonlySet<RoomMessage['kind']> = new Set(['restart', 'close', 'end', 'retire']);

/** What is answered also by a room that is over. */
const requests: ReadonlySet<RoomMessage['kind']> = new Set(['submit', 'resume', 'list-participants']);
