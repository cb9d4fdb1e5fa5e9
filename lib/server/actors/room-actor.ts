import { map, type Observable, Subject, type Subscription, tap, timer } from 'rxjs';
import { type Command, ordinalOf } from '../../core/command.js';
import type { LeftReason } from '../../core/event.js';
import type { Limits } from '../../core/limits.js';
import { rejection } from '../../core/rejection.js';
import { isTooFarAhead } from '../../core/room.js';
import { emptyRoom, type RoomState } from '../../core/room-state.js';
import { sessionTag } from '../../core/session-tag.js';
import type { Journal } from '../../platform/journal.js';
import type { SessionHoldings } from '../access/sessions.js';
import { type EventLog, type Group, LogDamaged, type LogUnwritable } from '../log/event-log.js';
import { Broadcast } from '../room/broadcast.js';
import { type CommittedGroup, decideGroup } from '../room/decide-group.js';
import type {
  Answer,
  Pending,
  PendingCommand,
  PendingResume,
  Ref,
  ResumeAnswer,
  SessionMessage,
  StreamNotice,
} from '../room/pending.js';
import { roomPipeline } from '../room/pipeline.js';
import { rebuildState } from '../room/recover.js';
import type { RoomsMemory } from '../room/rooms-memory.js';
import { Unanswered } from '../room/unanswered.js';
import { Mailbox } from './mailbox.js';
import type { ParticipantsAnswer, Submit } from './messages.js';
import { RoomAdmission } from './room-admission.js';
import { RoomDelivery } from './room-delivery.js';
import { RoomSessions, type SessionTimeout } from './room-sessions.js';
import type { Time } from './time.js';
import type { Turns } from './turns.js';

export type RoomMessage =
  | SessionMessage
  | { readonly kind: 'resume'; readonly pending: PendingResume }
  | { readonly kind: 'list-participants'; readonly replyTo: Ref<ParticipantsAnswer> }
  | SessionTimeout
  /** End the sessions that the event log has and no connection, resumable ones after their grace; tells `repaired` when that is durable, or cannot be yet. */
  | { readonly kind: 'end-orphans'; readonly reason: LeftReason }
  /** If nobody is in the room and nothing is under way, it takes nothing more in and tells `room-retired`; else `room-stays`. */
  | { readonly kind: 'retire' }
  /** Go on from the event log, after a failure. */
  | { readonly kind: 'restart' }
  /** Take nothing more in; tells `room-closed` when what was taken in is durable and told. */
  | { readonly kind: 'close' }
  /** No more at all: every stream of the room errors with `error`. */
  | { readonly kind: 'end'; readonly error: unknown };

/** What a room tells its supervisor. */
export type RoomReport =
  /** It waits for 'restart' or 'end'. */
  | { readonly kind: 'room-failed'; readonly room: string; readonly error: unknown }
  /** It cannot be opened, for its event log cannot be read: it takes nothing more in, and answers all who wait. */
  | { readonly kind: 'room-unreadable'; readonly room: string; readonly error: unknown }
  /** It takes nothing more in: it was asked to, or has come to nothing, for its first join was refused. */
  | { readonly kind: 'room-retired'; readonly room: string }
  | { readonly kind: 'room-stays'; readonly room: string }
  /** The last participant has left. */
  | { readonly kind: 'room-emptied'; readonly room: string }
  /** What was to be done for the sessions without a connection is done. */
  | { readonly kind: 'repaired'; readonly room: string }
  /** It is at its end, with this state, all of which is in the event log; without one where it failed. */
  | { readonly kind: 'room-closed'; readonly room: string; readonly state: RoomState | undefined }
  /** Comes to a room that is no more: it is another's. */
  | Submit;

export interface RoomParts {
  readonly room: string;
  readonly log: EventLog;
  readonly limits: Limits;
  readonly journal: Journal;
  readonly time: Time;
  /** What all rooms share. */
  readonly memory: RoomsMemory;
  /** In which the rooms' logs are read. */
  readonly openings: Turns;
  /** Which address has which sessions: is told of their ends, and of those of an earlier life. */
  readonly sessions: SessionHoldings;
  readonly supervisor: Ref<RoomReport>;
  readonly observe?: ((message: RoomMessage) => void) | undefined;
}

/**
 * One room: the only writer of its event log. Commands go through its inlet in one order, are decided in groups by the pure
 * core, made durable, and only then delivered (`roomPipeline`). A room that has an event log is opened first, in slices;
 * what it is told meanwhile waits, in order.
 */
export class RoomActor implements Ref<RoomMessage> {
  readonly #parts: RoomParts;
  readonly #mailbox: Mailbox<RoomMessage>;
  readonly #broadcast: Broadcast;
  /** In the inlet or in work, not answered yet. */
  readonly #unanswered: Unanswered<Pending>;
  /** In the mailbox while the room is being opened. */
  readonly #early: Unanswered<Pending>;
  readonly #admission: RoomAdmission;
  readonly #sessions: RoomSessions;
  readonly #delivery: RoomDelivery;
  /** While the state is read from the event log, and the mailbox waits for it. */
  #opening: Subscription | undefined;
  /** Resolves when the append under way has settled, however it did. */
  #appending: Promise<void> | undefined;
  /** Whether nothing more is decided until a restart: then `#state` may be ahead of the event log. */
  #failed = false;
  /** Whether the supervisor is still to be told of a failure. */
  #failing = false;
  /** Why nothing more comes in. */
  #over: 'retired' | 'closing' | 'ended' | undefined;
  /** What those are told who waited for a room that cannot be read. */
  #unreadable: Extract<Answer, { kind: 'failed' | 'damaged' }> | undefined;
  #state: RoomState;
  #inlet$ = new Subject<Pending>();
  #pipeline: Subscription | undefined;

  constructor(parts: RoomParts) {
    this.#parts = parts;
    this.#broadcast = new Broadcast(parts);
    this.#unanswered = new Unanswered(parts.memory.requests);
    this.#early = new Unanswered(parts.memory.requests);
    this.#admission = new RoomAdmission({ ...parts, unanswered: sumOf(this.#unanswered, this.#early) });
    this.#mailbox = new Mailbox({
      handle: (message) => this.#handle(message),
      failed: (error) => this.#fail(error),
      messagesMax: parts.limits.mailboxMessagesMax,
      observe: parts.observe,
    });
    this.#sessions = new RoomSessions({
      ...parts,
      room: this,
      leave: (session, reason) => this.#endSession(session, reason),
      orphansEnded: () => this.#report({ kind: 'repaired', room: parts.room }),
    });
    this.#delivery = new RoomDelivery({
      ...parts,
      name: parts.room,
      room: this,
      broadcast: this.#broadcast,
      admission: this.#admission,
      sessions: this.#sessions,
      holdings: parts.sessions,
      answer: (pending, answer) => this.#answer(pending, answer),
      answerResume: (pending, answer) => this.#answerResume(pending, answer),
    });
    this.#state = emptyRoom(parts.room);
    if (parts.log.head(parts.room)) {
      this.#open({ opened: () => {}, failed: (error) => this.#giveUpUnreadable(error) });
    } else this.#start(this.#state);
  }

  tell(message: RoomMessage): void {
    if (this.#opening) this.#tellEarly(message);
    else this.#mailbox.tell(message);
  }

  /** Told while the room is being opened: it waits, if there is room for it; what the supervisor decides of the room itself does not. */
  #tellEarly(message: RoomMessage): void {
    switch (message.kind) {
      case 'restart':
      case 'close':
      case 'end':
      case 'retire':
        this.#parts.observe?.(message);
        this.#handle(message);
        return;
      case 'submit': {
        const { pending } = message;
        const full = pending.owed ? undefined : this.#admission.refusalIfFull(ordinalOf(pending.command));
        if (full) {
          this.#answer(pending, { kind: 'rejected', rejection: full });
          return;
        }
        this.#early.add(pending);
        break;
      }
      case 'resume': {
        const full = this.#admission.refusalIfFull(0);
        if (full) {
          this.#replyToResume(message.pending, { kind: 'rejected', rejection: full });
          return;
        }
        this.#early.add(message.pending);
        break;
      }
    }
    this.#mailbox.tell(message);
  }

  #handle(message: RoomMessage): void {
    // What it still answers are requests; nothing else is its own any more.
    const isRequest = message.kind === 'submit' || message.kind === 'resume' || message.kind === 'list-participants';
    if (!isRequest && (this.#over === 'closing' || this.#over === 'ended')) return;
    switch (message.kind) {
      case 'submit':
        this.#submit(message.pending);
        break;
      case 'resume':
        this.#resume(message.pending);
        break;
      case 'lost':
        this.#lost(message.session, message.stream);
        break;
      case 'expired':
        this.#sessions.expired(message.session, message.reason);
        break;
      case 'retry-leave':
        if (this.#sessions.mayRetry(message.owed)) this.#submit(message.owed);
        else this.#sessions.postpone(message.owed);
        break;
      case 'list-participants':
        this.#listParticipants(message.replyTo);
        break;
      case 'end-orphans':
        this.#sessions.endOrphans(this.#state.sessions.values(), message.reason);
        break;
      case 'retire':
        this.#report({ kind: this.#retire() ? 'room-retired' : 'room-stays', room: this.#parts.room });
        break;
      case 'restart':
        this.#restart();
        break;
      case 'close':
        this.#close();
        break;
      case 'end':
        this.#end(message.error);
        break;
    }
  }

  /** Reads the state that the event log has, and goes on from it; until then messages wait. */
  #open({ opened, failed }: { readonly opened: () => void; readonly failed: (error: unknown) => void }): void {
    this.#opening?.unsubscribe();
    this.#mailbox.pause();
    this.#opening = this.#recover()
      .pipe(
        // In the pipe and not in the observer, where a throw would be nobody's and end the process.
        tap((state) => {
          this.#start(state);
          opened();
        }),
      )
      .subscribe({ next: () => this.#goOn(), error: (error) => failed(error) });
  }

  /** The room is open, or will not be: what waited comes in, or is answered. */
  #goOn(): void {
    this.#opening?.unsubscribe();
    this.#opening = undefined;
    this.#early.drain();
    this.#mailbox.resume();
  }

  /** Goes on from `state`, and opens the inlet. */
  #start(state: RoomState): void {
    const { limits, time } = this.#parts;
    this.#state = state;
    this.#parts.sessions.adopt(this.#parts.room, this.#state.sessions.keys());
    this.#delivery.startFrom(this.#state);
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

  /** The state that the event log has, read in slices. */
  #recover(): Observable<RoomState> {
    const { log, room, limits, openings } = this.#parts;
    return openings.run(rebuildState(log, room, limits));
  }

  #report(report: RoomReport): void {
    this.#parts.supervisor.tell(report);
  }

  #submit(pending: PendingCommand): void {
    const { room, limits, memory, sessions } = this.#parts;
    if (this.#unreadable) {
      this.#answer(pending, this.#unreadable);
      return;
    }
    if (this.#over === 'closing') {
      const refusal = rejection('OVERLOADED', ordinalOf(pending.command), limits.overloadedRetryMs);
      this.#answer(pending, { kind: 'rejected', rejection: refusal });
      return;
    }
    if (this.#over) {
      this.#report({ kind: 'submit', room, pending });
      return;
    }
    const { command, owed } = pending;
    if (owed) {
      // It has to come in: a time for which it would be refused does not count.
      const counts = !isTooFarAhead(command, memory.clock.newest, limits);
      this.#takeIn(counts ? pending : { ...pending, command: { ...command, senderLamport: 0 } });
      return;
    }
    const refusal = this.#admission.refusalOf(command, this.#isPresent);
    if (refusal) {
      if (command.kind === 'join') sessions.end(command.session);
      this.#reply(pending, { kind: 'rejected', rejection: refusal });
      return;
    }
    // From here on, and not only once it is in: publishes may follow their join without waiting for the answer.
    if (command.kind === 'join') this.#admission.allow(command.session, pending.origin);
    this.#takeIn(pending);
  }

  readonly #isPresent = (session: string): boolean => this.#state.sessions.has(session);

  #takeIn(one: Pending): void {
    this.#unanswered.add(one);
    this.#inlet$.next(one);
  }

  /** A resume makes no event, so it may be while the store cannot be written. */
  #resume(pending: PendingResume): void {
    if (this.#unreadable) {
      this.#replyToResume(pending, this.#unreadable);
      return;
    }
    const refusal = this.#over
      ? rejection('OVERLOADED', 0, this.#parts.limits.overloadedRetryMs)
      : this.#admission.refusalIfFull(0);
    if (refusal) {
      this.#replyToResume(pending, { kind: 'rejected', rejection: refusal });
      return;
    }
    this.#sessions.awaitResume(pending.resume.session);
    this.#takeIn(pending);
  }

  #replyToResume({ replyTo }: PendingResume, answer: ResumeAnswer): void {
    replyTo.tell({ kind: 'answered', request: 'resume', answer });
  }

  #listParticipants(replyTo: Ref<ParticipantsAnswer>): void {
    // Of a room that is closed before it was open nobody knows.
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
    return this.#recover().pipe(
      map((state) => {
        this.#state = state;
        this.#admission.storeFailed();
        this.#refuse(commands);
      }),
    );
  }

  /** The store could not be written. */
  #refuse(commands: readonly PendingCommand[]): void {
    const { limits } = this.#parts;
    for (const pending of commands) {
      const { command, owed } = pending;
      if (owed) {
        this.#unanswered.delete(pending);
        this.#sessions.postpone(pending);
      } else {
        const refusal = rejection('READ_ONLY', ordinalOf(command), limits.readOnlyMs);
        this.#answer(pending, { kind: 'rejected', rejection: refusal });
      }
    }
  }

  #deliver(committed: CommittedGroup): void {
    this.#delivery.deliver(committed, this.#state);
    if (committed.entries.length > 0 && this.#state.sessions.size === 0) {
      this.#broadcast.forgetRecent();
      this.#report({ kind: 'room-emptied', room: this.#parts.room });
    }
    this.#retireIfEmpty();
  }

  #retire(): boolean {
    if (this.#over) return this.#over === 'retired';
    if (this.#opening) return false;
    const isUsed = this.#state.sessions.size > 0 || this.#unanswered.size > 0 || this.#appending !== undefined;
    if (isUsed || this.#sessions.following > 0) return false;
    this.#over = 'retired';
    this.#pipeline?.unsubscribe();
    return true;
  }

  /** A room that has no event, and will have none of what it took in, is no room: it must not count as one [P12]. */
  #retireIfEmpty(): void {
    if (this.#over || this.#broadcast.position.sequence > 0 || this.#unanswered.size > 0) return;
    this.#over = 'retired';
    this.#report({ kind: 'room-retired', room: this.#parts.room });
  }

  #answer(pending: PendingCommand, answer: Answer): void {
    this.#unanswered.delete(pending);
    const { command } = pending;
    if (command.kind === 'join' && answer.kind !== 'accepted') {
      this.#admission.end(command.session);
      this.#parts.sessions.end(command.session);
    }
    this.#reply(pending, answer);
    if (pending.owed) this.#sessions.leaveSettled(command.session);
  }

  #reply({ command, replyTo }: PendingCommand, answer: Answer): void {
    replyTo?.tell({ kind: 'answered', request: command.kind, answer });
  }

  #answerResume(pending: PendingResume, answer: ResumeAnswer): void {
    this.#unanswered.delete(pending);
    pending.replyTo.tell({ kind: 'answered', request: 'resume', answer });
    this.#sessions.resumeDecided(pending.resume.session, answer.kind === 'rejected');
  }

  /**
   * Nothing more is decided. The supervisor is told only after the append under way has settled: an actor that goes on from the event
   * log any earlier, this one or the next, would decide on the same sequences once more [P1].
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
    // May fail again: then the next start has the answers to give.
    this.#open({ opened: () => this.#restarted(), failed: (error) => this.#fail(error) });
  }

  #restarted(): void {
    const unanswered = this.#unanswered.drain();
    this.#sessions.forgetResumes();
    for (const pending of unanswered) {
      if ('command' in pending && pending.owed) this.#submit(pending);
      else this.#tellFailed(pending);
    }
    this.#forgetTheLeft();
    this.#sessions.endOrphans(this.#state.sessions.values(), 'CONNECTION_LOST');
    // Nobody was told yet of what the event log holds beyond the last run.
    this.#broadcast.notify();
  }

  /** Sessions whose Left became durable before anybody was told. */
  #forgetTheLeft(): void {
    this.#admission.keepOnly(this.#isPresent);
    this.#parts.sessions.keepOnly(this.#parts.room, this.#isPresent);
    this.#sessions.keepOnly(this.#isPresent, this.#broadcast.position.sequence);
  }

  /** Writes the Left of a session without a stream. */
  #endSession(session: string, reason: LeftReason): void {
    const { memory, time } = this.#parts;
    const command: Command = {
      kind: 'leave',
      reason,
      session,
      senderLamport: 0,
      newestLamport: memory.clock.newest,
      timeMs: time.now(),
    };
    this.#submit({ command, owed: true });
  }

  #close(): void {
    if (this.#over) {
      this.#report({ kind: 'room-closed', room: this.#parts.room, state: undefined });
      return;
    }
    this.#over = 'closing';
    if (this.#opening) {
      // What it has to do for its event log's sake, the next life does.
      this.#giveUp();
      this.#report({ kind: 'room-closed', room: this.#parts.room, state: undefined });
      this.#goOn();
      return;
    }
    this.#pipeline?.add(() => {
      this.#giveUp();
      this.#report({ kind: 'room-closed', room: this.#parts.room, state: this.#failed ? undefined : this.#state });
    });
    this.#inlet$.complete();
  }

  #end(error: unknown): void {
    this.#over = 'ended';
    this.#giveUp();
    this.#broadcast.fail(error);
    this.#broadcast.forgetRecent();
    if (this.#opening) this.#goOn();
  }

  /** The room does not open: its event log cannot be read. */
  #giveUpUnreadable(error: unknown): void {
    this.#over = 'ended';
    this.#unreadable = { kind: error instanceof LogDamaged ? 'damaged' : 'failed' };
    // First, so that nobody finds this actor any more.
    this.#report({ kind: 'room-unreadable', room: this.#parts.room, error });
    this.#giveUp();
    this.#goOn();
  }

  #tellFailed(pending: Pending): void {
    if ('command' in pending) this.#reply(pending, { kind: 'failed' });
    else pending.replyTo.tell({ kind: 'answered', request: 'resume', answer: { kind: 'failed' } });
  }

  /** Nothing more is decided: a sender that still waits for an answer is told that there is none. */
  #giveUp(): void {
    this.#sessions.close();
    for (const pending of this.#unanswered.drain()) this.#tellFailed(pending);
    this.#parts.sessions.keepOnly(this.#parts.room, this.#isPresent);
  }
}

/** What waits in either. */
function sumOf(one: Unanswered<Pending>, other: Unanswered<Pending>): Pick<Unanswered<Pending>, 'size' | 'total'> {
  return {
    get size() {
      return one.size + other.size;
    },
    get total() {
      return one.total;
    },
  };
}
