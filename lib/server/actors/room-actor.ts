import { Subject, type Subscription, timer } from 'rxjs';
import { ParticipantNames } from '../../codec/participant-names.js';
import { type Draft, ordinalOf } from '../../core/draft.js';
import type { LeftReason } from '../../core/event.js';
import type { Limits } from '../../core/limits.js';
import { type Rejection, rejection } from '../../core/rejection.js';
import { emptyRoom, type RoomState } from '../../core/room-state.js';
import { sessionTag } from '../../core/session-tag.js';
import type { Journal } from '../../platform/journal.js';
import { type Origin, PublishAllowance } from '../access/origin.js';
import { Pace } from '../access/pace.js';
import { publishRate } from '../access/rates.js';
import type { SessionHoldings } from '../access/sessions.js';
import {
  type EncodedEntry,
  type EventLog,
  type Group,
  LogDamaged,
  type LogUnwritable,
  type Run,
} from '../log/event-log.js';
import { Broadcast } from '../room/broadcast.js';
import { type Committed, type Decided, foldGroup, snapshotGroup } from '../room/decide-group.js';
import type { Answer, Pending, ResumeAnswer, Resumption, Submission, Visit } from '../room/pending.js';
import { OwedLeaves } from '../room/pending-leaves.js';
import { roomPipeline } from '../room/pipeline.js';
import { recoverRoom } from '../room/recover.js';
import { resumeRefusal } from '../room/resume-position.js';
import type { RoomsMemory } from '../room/rooms-memory.js';
import { type Follower, Visitors } from '../room/session-streams.js';
import { Unanswered } from '../room/unanswered.js';
import { Mailbox, type Ref } from './mailbox.js';
import type { Time } from './time.js';

export type RoomMessage =
  | { readonly kind: 'submit'; readonly submission: Submission }
  | { readonly kind: 'resume'; readonly resumption: Resumption }
  /** A follower's stream is lost. */
  | { readonly kind: 'lost'; readonly session: string; readonly follower: Follower }
  | { readonly kind: 'list-participants'; readonly answer: (names: ParticipantNames) => void }
  /** A session was not resumed in time. */
  | { readonly kind: 'expired'; readonly session: string; readonly reason: LeftReason }
  /** Try again to write a leave that the log could not take. */
  | { readonly kind: 'pay'; readonly owed: Submission }
  /** End the sessions that the log has and no connection, resumable ones after their grace; `done` is called when that is durable, or cannot be yet. */
  | { readonly kind: 'end-orphans'; readonly reason: LeftReason; readonly done: () => void }
  /** Takes nothing more in and is no more, if nobody is in the room and nothing is under way; `answer` is told whether it is so. */
  | { readonly kind: 'retire'; readonly answer: (retired: boolean) => void }
  /** Go on from the log, after a failure. */
  | { readonly kind: 'restart' }
  /**
   * Take nothing more in; `done` is called when what was taken in is durable and told, with what a log may take in then so
   * that the next start has nothing to replay (`snapshotGroup`).
   */
  | { readonly kind: 'close'; readonly done: (snapshot: () => Group | undefined) => void }
  /** No more at all: every stream of the room errors with `error`. */
  | { readonly kind: 'end'; readonly error: unknown };

export interface RoomParts {
  readonly room: string;
  readonly log: EventLog;
  readonly limits: Limits;
  readonly journal: Journal;
  readonly time: Time;
  /** What all rooms share. */
  readonly memory: RoomsMemory;
  /** Which address has which sessions: is told of their ends, and of those of an earlier life. */
  readonly sessions: SessionHoldings;
  /** The supervisor hears of the newest Lamport time after each group … */
  readonly advanced: (lamport: number) => void;
  /** … of a failure: it answers with 'restart' or 'end' … */
  readonly failed: (error: unknown) => void;
  /** … and when the room has come to nothing, for its first join was refused: it has no event, and takes nothing more in. */
  readonly retired: () => void;
  /** The last participant has left. */
  readonly emptied: () => void;
  /** What is submitted all the same is the supervisor's again. */
  readonly returned: (submission: Submission) => void;
}

/**
 * One room: the only writer of its log. Drafts go through its inlet in single file, are decided in groups by the pure
 * core, made durable, and only then told to anybody, by ringing the bell of all who follow (design: "One event's way").
 */
export class RoomActor implements Ref<RoomMessage> {
  readonly #parts: RoomParts;
  readonly #mailbox: Mailbox<RoomMessage>;
  readonly #broadcast: Broadcast;
  readonly #visitors: Visitors;
  /** Of each session that is in the room or about to be, by its id. */
  readonly #allowances = new Map<string, PublishAllowance>();
  /** In the inlet or in work, not answered yet. */
  readonly #unanswered: Unanswered<Pending>;
  /**
   * The sessions that `#unanswered` asks to resume; where their grace ran out meanwhile, with the reason of their Left if
   * the resume is refused.
   */
  readonly #resuming = new Map<string, LeftReason | undefined>();
  readonly #owed: OwedLeaves;
  /** Resolves when the append under way has settled, however it did. */
  #appending: Promise<void> | undefined;
  /** Whether the supervisor is still to be told of a failure. */
  #failing = false;
  /** When the log could last not be written. */
  #unwritableAtMs = Number.NEGATIVE_INFINITY;
  #retired = false;
  #state: RoomState;
  /** Who is present, as of the last event that was told. */
  #names = ParticipantNames.of([]);
  #inlet$ = new Subject<Pending>();
  #pipeline: Subscription | undefined;

  constructor(parts: RoomParts) {
    this.#parts = parts;
    this.#broadcast = new Broadcast(parts);
    this.#unanswered = new Unanswered(parts.memory.requests);
    this.#mailbox = new Mailbox({
      handle: (message) => this.#handle(message),
      failed: (error) => this.#fail(error),
      messagesMax: parts.limits.mailboxMessagesMax,
    });
    this.#visitors = new Visitors({
      graceMs: parts.limits.graceMs,
      scheduler: parts.time.scheduler,
      expired: (session, reason) => this.tell({ kind: 'expired', session, reason }),
    });
    this.#owed = new OwedLeaves({
      retryMs: parts.limits.readOnlyMs,
      scheduler: parts.time.scheduler,
      retry: (owed) => this.tell({ kind: 'pay', owed }),
    });
    this.#state = emptyRoom(parts.room);
    this.#start();
  }

  tell(message: RoomMessage): void {
    this.#mailbox.tell(message);
  }

  #handle(message: RoomMessage): void {
    switch (message.kind) {
      case 'submit':
        this.#submit(message.submission);
        break;
      case 'resume':
        this.#resume(message.resumption);
        break;
      case 'lost':
        this.#lost(message.session, message.follower);
        break;
      case 'expired':
        this.#expired(message.session, message.reason);
        break;
      case 'pay':
        // Whoever is about to come back is not sent away before that is decided.
        if (this.#resuming.has(message.owed.draft.session)) this.#owe(message.owed);
        else this.#submit(message.owed);
        break;
      case 'list-participants':
        message.answer(this.#names);
        break;
      case 'end-orphans':
        this.#endOrphans(message.reason, message.done);
        break;
      case 'retire':
        message.answer(this.#retire());
        break;
      case 'restart':
        this.#restart();
        break;
      case 'close':
        this.#close(message.done);
        break;
      case 'end':
        this.#end(message.error);
        break;
    }
  }

  /** Takes the state that the log has, and opens the inlet. */
  #start(): void {
    const { limits, time } = this.#parts;
    this.#state = this.#recover();
    this.#parts.sessions.adopt(this.#parts.room, this.#state.sessions.keys());
    this.#broadcast.startFrom(this.#state.place);
    this.#names = ParticipantNames.of(this.#state.byName.keys());
    this.#inlet$ = new Subject();
    this.#pipeline = this.#inlet$
      .pipe(
        roomPipeline({
          grouping: {
            groupMax: limits.groupDraftsMax,
            turn$: time.endOfTurn$,
            company$: timer(limits.companyMsMax, time.scheduler),
          },
          decide: (commands) => foldGroup(this.#state, commands, limits),
          append: (group) => this.#append(group),
          undo: (commands, error) => this.#undo(commands, error),
          holding: limits,
          listeners: () => this.#visitors.following,
          deliver: (committed) => this.#deliver(committed),
        }),
      )
      .subscribe({ error: (error) => this.#fail(error) });
  }

  #recover(): RoomState {
    const { log, room, limits } = this.#parts;
    return recoverRoom(log, room, limits);
  }

  #submit(submission: Submission): void {
    if (this.#retired) {
      this.#parts.returned(submission);
      return;
    }
    const refusal = submission.owed ? undefined : this.#refusal(submission);
    const { draft } = submission;
    if (refusal) {
      if (draft.kind === 'join') this.#parts.sessions.end(draft.session);
      submission.answer({ kind: 'rejected', rejection: refusal });
      return;
    }
    // From here on, and not only once it is in: publishes may follow their join without waiting for the answer.
    if (draft.kind === 'join') this.#allow(draft.session, submission.origin);
    this.#takeIn(submission);
  }

  #takeIn(one: Pending): void {
    this.#unanswered.add(one);
    this.#inlet$.next(one);
  }

  /** A resume makes no event, so it may be while the log cannot be written. */
  #resume(resumption: Resumption): void {
    const { limits } = this.#parts;
    if (this.#isFull()) {
      resumption.answer({ kind: 'rejected', rejection: rejection('OVERLOADED', 0, limits.overloadedRetryMs) });
      return;
    }
    const { session } = resumption.resume;
    if (!this.#resuming.has(session)) this.#resuming.set(session, undefined);
    this.#takeIn(resumption);
  }

  #isFull(): boolean {
    const { inletDraftsMax, inletsDraftsMax } = this.#parts.limits;
    return this.#unanswered.size >= inletDraftsMax || this.#unanswered.total >= inletsDraftsMax;
  }

  #lost(session: string, follower: Follower): void {
    if (!this.#visitors.lost(session, follower)) return;
    const { room, limits, journal } = this.#parts;
    const participant = this.#state.sessions.get(session)?.name;
    journal.info('awaited', { room, participant, session: sessionTag(session), graceMs: limits.graceMs });
  }

  #expired(session: string, reason: LeftReason): void {
    // Whoever has come back in time is not sent away for having to wait for his answer.
    if (this.#resuming.has(session)) this.#resuming.set(session, reason);
    // Whoever has asked to leave is owed that, and not another reason.
    else if (!this.#owed.has(session)) this.#endSession(session, reason, () => {});
  }

  /** What the session may publish, as it comes from `origin`; what it had before goes on. */
  #allow(session: string, origin: Origin | undefined): void {
    const { limits, time } = this.#parts;
    const before = this.#allowances.get(session);
    const allowance =
      origin?.allowance(time.now(), before) ?? before ?? new PublishAllowance(new Pace(publishRate(limits)), []);
    this.#allowances.set(session, allowance);
  }

  /** What keeps a draft out before the room has decided on it [P12]. */
  #refusal({ draft }: Submission): Rejection | undefined {
    const { limits, time } = this.#parts;
    const ordinal = ordinalOf(draft);
    if (this.#isFull()) return rejection('OVERLOADED', ordinal, limits.overloadedRetryMs);
    const nowMs = time.now();
    const sinceMs = nowMs - this.#unwritableAtMs;
    // A clock that was set back says nothing of how long it is: then it is tried.
    if (sinceMs >= 0 && sinceMs < limits.readOnlyMs)
      return rejection('READ_ONLY', ordinal, limits.readOnlyMs - sinceMs);
    if (draft.kind !== 'publish') return undefined;
    // One of the server's earlier life publishes by calls of its own before it has come back.
    if (!this.#allowances.has(draft.session) && this.#state.sessions.has(draft.session))
      this.#allow(draft.session, undefined);
    const waitMs = this.#allowances.get(draft.session)?.take(nowMs) ?? 0;
    return waitMs > 0 ? rejection('RATE_LIMITED', ordinal, waitMs) : undefined;
  }

  #append(group: Group): Promise<void> {
    const appended = this.#parts.log.append(group);
    const settled = () => {
      this.#appending = undefined;
    };
    this.#appending = appended.then(settled, settled);
    return appended;
  }

  /** The log took nothing of the group: the room is as it was, and says so. */
  #undo(submissions: readonly Submission[], error: LogUnwritable): void {
    const { room, limits, time, journal } = this.#parts;
    journal.error('log-unwritable', { room, err: error.cause ?? error });
    this.#state = this.#recover();
    this.#unwritableAtMs = time.now();
    for (const submission of submissions) {
      const { draft, owed } = submission;
      if (owed) this.#owe(submission);
      else {
        const refusal = rejection('READ_ONLY', ordinalOf(draft), limits.readOnlyMs);
        this.#answer(submission, { kind: 'rejected', rejection: refusal });
      }
    }
  }

  #owe(submission: Submission): void {
    this.#unanswered.delete(submission);
    this.#owed.keep(submission);
  }

  /** Tells everybody what became durable: newcomers too, for the run that brings them in is also theirs. */
  #deliver({ decided, entries, resumptions }: Committed): void {
    const runs = entries.length > 0 ? this.#broadcast.add(entries, this.#state.place) : [];
    if (entries.length > 0) {
      this.#parts.advanced(this.#state.place.lamport);
      // Messages, which come by the thousands, change nothing about who is there.
      this.#countIn(entries);
    }
    const answers: (() => void)[] = [];
    const welcomes: (() => void)[] = [];
    for (const one of decided) {
      if (one.before) welcomes.push(this.#admit(one, one.before));
      else {
        if (one.submission.draft.kind === 'leave') this.#dismiss(one);
        answers.push(() => this.#answer(one.submission, this.#answerOf(one)));
      }
    }
    // Not before all who left have: a visit may begin and end in one group.
    for (const welcome of welcomes) welcome();
    for (const resumption of resumptions) this.#readmit(resumption);
    if (entries.length > 0) this.#notify(runs);
    for (const answer of answers) answer();
    this.#retireIfEmpty();
  }

  /** Takes in who is present now: those who came go behind the others, whose names stay as they are encoded. */
  #countIn(entries: readonly EncodedEntry[]): void {
    if (entries.some(({ event }) => event.kind === 'left')) {
      this.#names = ParticipantNames.of(this.#state.byName.keys());
      return;
    }
    for (const { event } of entries) if (event.kind === 'joined') this.#names = this.#names.with(event.participant);
  }

  #notify(runs: readonly Run[]): void {
    this.#parts.journal.debug('delivery', {
      room: this.#state.room,
      sequence: runs[0]?.first,
      last: runs.at(-1)?.last,
      lamport: this.#broadcast.place.lamport,
      logId: this.#broadcast.logId,
      chain: this.#broadcast.place.chain,
      participants: this.#visitors.following,
    });
    for (const run of runs) this.#broadcast.ring(run);
    if (this.#state.sessions.size > 0) return;
    this.#broadcast.forgetTail();
    this.#parts.emptied();
  }

  #retire(): boolean {
    if (this.#retired) return true;
    const isUsed = this.#state.sessions.size > 0 || this.#unanswered.size > 0 || this.#appending !== undefined;
    if (isUsed || this.#visitors.following > 0) return false;
    this.#retired = true;
    this.#pipeline?.unsubscribe();
    return true;
  }

  /** A room that has no event, and will have none of what it took in, is no room: it must not count as one [P12]. */
  #retireIfEmpty(): void {
    if (this.#retired || this.#broadcast.place.sequence > 0 || this.#unanswered.size > 0) return;
    this.#retired = true;
    this.#parts.retired();
  }

  /** Counts a newcomer in; the result welcomes him. */
  #admit(decided: Decided, before: NonNullable<Decided['before']>): () => void {
    const { submission, decision, event } = decided;
    const { draft, stream } = submission;
    if (decision.kind !== 'accepted' || draft.kind !== 'join' || !event || !stream) return () => {};
    const follower: Follower = { last: Number.POSITIVE_INFINITY, ...stream };
    const { sequence, participant } = decision.entry.event;
    this.#visitors.enter(draft.session, follower);
    this.#record('broadcast-join', decided);
    const { place, participants } = before;
    return () => {
      const from = this.#broadcast.historyPlace(place, submission.history ?? 0);
      const standing = { session: draft.session, lamport: place.lamport, newest: place.sequence, participants };
      const welcome = this.#broadcast.welcome({ ...standing, ...from, resumed: false, ordinal: 0 });
      const visit = this.#visit(follower, { participant, resumable: draft.resumable, welcome });
      this.#answer(submission, { kind: 'accepted', sequence, event, visit });
    };
  }

  /** Gives a session that goes on its new stream, or tells why it does not. */
  #readmit(resumption: Resumption): void {
    const { resume, stream, origin } = resumption;
    const { log, room, journal } = this.#parts;
    const present = this.#state.sessions.get(resume.session);
    const refusal = resumeRefusal({ log, room, resume, journal, present: present !== undefined });
    if (refusal || !present) {
      this.#answerResume(resumption, refusal ?? { kind: 'failed' });
      return;
    }
    const follower: Follower = { last: Number.POSITIVE_INFINITY, ...stream };
    this.#visitors.enter(resume.session, follower);
    // Nobody was told that it had left, so it has not.
    this.#owed.forgive(resume.session);
    this.#allow(resume.session, origin);
    if (origin) this.#parts.sessions.move(resume.session, origin.principal);
    const { id: session, name: participant, resumable, ordinals } = present;
    const { lamport, sequence: newest } = this.#broadcast.place;
    journal.info('resumed', { room, participant, session: sessionTag(session), sequence: resume.sequence, lamport });
    const { sequence, chain } = resume;
    const standing = { session, sequence, chain, lamport, newest, participants: this.#names };
    const welcome = this.#broadcast.welcome({ ...standing, resumed: true, ordinal: ordinals.newest });
    this.#answerResume(resumption, {
      kind: 'resumed',
      visit: this.#visit(follower, { participant, resumable, welcome }),
    });
  }

  #visit(follower: Follower, visit: Pick<Visit, 'welcome' | 'participant' | 'resumable'>): Visit {
    const { session } = visit.welcome;
    return {
      ...visit,
      lost: () => this.tell({ kind: 'lost', session, follower }),
      follow: this.#broadcast.follow(visit.welcome, follower),
    };
  }

  #dismiss(decided: Decided): void {
    if (decided.decision.kind !== 'accepted') return;
    const { session } = decided.submission.draft;
    const { sequence } = decided.decision.entry.event;
    this.#record('broadcast-leave', decided);
    this.#allowances.delete(session);
    this.#parts.sessions.end(session);
    this.#visitors.left(session, sequence);
  }

  #answerOf({ submission, decision, event }: Decided): Answer {
    switch (decision.kind) {
      case 'accepted':
        return { kind: 'accepted', sequence: decision.entry.event.sequence, event: event as Buffer };
      case 'rejected':
        return decision;
      case 'repeated':
        return this.#repeated(decision.sequence, submission.draft);
    }
  }

  #repeated(sequence: number, draft: Draft): Answer {
    const { log, room } = this.#parts;
    try {
      const run = sequence >= log.oldest(room) ? log.read(room, sequence - 1, 1) : undefined;
      if (run) return { kind: 'repeated', sequence, event: run.bytes };
    } catch (error) {
      if (error instanceof LogDamaged) return { kind: 'damaged' };
      throw error;
    }
    return { kind: 'rejected', rejection: rejection('ORDINAL_INVALID', ordinalOf(draft)) };
  }

  #answer(submission: Submission, answer: Answer): void {
    this.#unanswered.delete(submission);
    const { draft } = submission;
    if (draft.kind === 'join' && answer.kind !== 'accepted') {
      this.#allowances.delete(draft.session);
      this.#parts.sessions.end(draft.session);
    }
    submission.answer(answer);
  }

  #answerResume(resumption: Resumption, answer: ResumeAnswer): void {
    const { session } = resumption.resume;
    this.#unanswered.delete(resumption);
    const overdue = this.#resuming.get(session);
    this.#resuming.delete(session);
    resumption.answer(answer);
    if (overdue && answer.kind === 'rejected') this.#endSession(session, overdue, () => {});
  }

  #record(event: string, { submission, decision }: Decided): void {
    if (decision.kind !== 'accepted') return;
    const { sequence, lamport, participant, chain } = decision.entry.event;
    const { room, journal } = this.#parts;
    const session = sessionTag(submission.draft.session);
    journal.info(event, { room, participant, session, sequence, lamport, logId: this.#broadcast.logId, chain });
  }

  /**
   * Nothing more is decided. The supervisor is not told before the append under way has settled: whoever goes on from the log
   * any earlier, this actor or the next one, would decide on the same sequences once more [P1].
   */
  #fail(error: unknown): void {
    this.#pipeline?.unsubscribe();
    // What else fails until then is mended by the same restart.
    if (this.#failing) return;
    this.#failing = true;
    const report = () => {
      this.#failing = false;
      this.#parts.failed(error);
    };
    if (this.#appending) void this.#appending.then(report);
    else report();
  }

  /** After a failure nobody knows which of the drafts became events: their senders are told just that. */
  #restart(): void {
    this.#pipeline?.unsubscribe();
    // May fail again: then the next start has the answers to give.
    this.#start();
    const unanswered = this.#unanswered.take();
    for (const [session, reason] of this.#resuming) if (reason) this.#visitors.await(session, reason);
    this.#resuming.clear();
    for (const submission of unanswered) {
      if ('owed' in submission && submission.owed) this.#submit(submission);
      else submission.answer({ kind: 'failed' });
    }
    this.#forgetTheLeft();
    this.#endOrphans('CONNECTION_LOST', () => {});
    // Nobody was told yet of what the log holds beyond the last run.
    this.#broadcast.ring();
  }

  /** Sessions whose Left became durable before anybody was told. */
  #forgetTheLeft(): void {
    const isPresent = (session: string) => this.#state.sessions.has(session);
    for (const session of this.#allowances.keys()) if (!isPresent(session)) this.#allowances.delete(session);
    this.#parts.sessions.keepOnly(this.#parts.room, isPresent);
    this.#visitors.keepOnly(isPresent, this.#broadcast.place.sequence);
  }

  /**
   * Sessions of an earlier life, and those whose join became durable but whose connection was told nothing [P8]: plain
   * ones are ended, resumable ones waited for.
   */
  #endOrphans(reason: LeftReason, done: () => void): void {
    const orphans = [...this.#state.sessions.values()].filter(({ id }) => !this.#visitors.knows(id));
    const open = new Set(orphans.filter(({ resumable }) => !resumable).map(({ id }) => id));
    if (open.size === 0) done();
    for (const { id, resumable } of orphans) {
      if (resumable) this.#visitors.await(id, reason);
      else {
        this.#endSession(id, reason, () => {
          // A leave may be kept more than once before it is answered.
          if (open.delete(id) && open.size === 0) done();
        });
      }
    }
  }

  /** Writes the Left of a session without a stream; `settled` is called when it is durable, and each time it is kept. */
  #endSession(session: string, reason: LeftReason, settled: () => void): void {
    const { lamport: known } = this.#state.place;
    const draft: Draft = { kind: 'leave', reason, session, sender: 0, known, timeMs: this.#parts.time.now() };
    this.#submit({ draft, owed: true, kept: settled, answer: settled });
  }

  #close(done: (snapshot: () => Group | undefined) => void): void {
    this.#mailbox.close();
    this.#pipeline?.add(() => {
      this.#giveUp();
      done(() => snapshotGroup(this.#state));
    });
    this.#inlet$.complete();
  }

  #end(error: unknown): void {
    this.#mailbox.close();
    this.#giveUp();
    this.#broadcast.fail(error);
    this.#broadcast.forgetTail();
  }

  /** Nothing more is decided: whoever still waits for an answer is told that there is none. */
  #giveUp(): void {
    this.#owed.close();
    this.#visitors.close();
    for (const submission of this.#unanswered.take()) submission.answer({ kind: 'failed' });
    this.#parts.sessions.keepOnly(this.#parts.room, (session) => this.#state.sessions.has(session));
  }
}
