import { catchError, defer, from, map, Observable, of, Subject, type Subscription, tap, timer } from 'rxjs';
import { type Draft, ordinalOf } from '../core/draft.js';
import type { LeftReason } from '../core/event.js';
import type { Limits } from '../core/limits.js';
import { type Rejection, rejection } from '../core/rejection.js';
import { emptyRoom, evolve, type RoomState, restoreRoom } from '../core/room-state.js';
import type { Journal } from '../journal/journal.js';
import { type EventLog, LogUnwritable, type Run } from '../log/event-log.js';
import { runOf } from '../log/run.js';
import { type Decided, type Folded, foldGroup } from './fold-group.js';
import { follow } from './follow.js';
import { inGroups } from './in-groups.js';
import { Mailbox, type Ref } from './mailbox.js';
import type { Answer, Submission, Visit } from './messages.js';
import { sessionTag } from './session-tag.js';
import { Tail } from './tail.js';
import { TokenBucket } from './token-bucket.js';

export type RoomMessage =
  | { readonly kind: 'submit'; readonly submission: Submission }
  | { readonly kind: 'list-participants'; readonly answer: (names: readonly string[]) => void }
  /** End the sessions that the log has and no connection; `done` is called when that is durable, or cannot be yet. */
  | { readonly kind: 'end-orphans'; readonly reason: LeftReason; readonly done: () => void }
  /** Go on from the log, after a failure. */
  | { readonly kind: 'restart' }
  /** Take nothing more in; `done` is called when what was taken in is durable and told. */
  | { readonly kind: 'close'; readonly done: () => void }
  /** No more at all: every stream of the room errors with `error`. */
  | { readonly kind: 'end'; readonly error: unknown };

export interface RoomParts {
  readonly room: string;
  readonly log: EventLog;
  readonly limits: Limits;
  readonly journal: Journal;
  readonly now: () => number;
  /** The supervisor hears of the newest Lamport time after each group … */
  readonly advanced: (lamport: number) => void;
  /** … of a failure: it answers with 'restart' or 'end' … */
  readonly failed: (error: unknown) => void;
  /** … and when the room has come to nothing, for its first join was refused: it has no event, and takes nothing more in. */
  readonly retired: () => void;
  /** What is submitted all the same is the supervisor's again. */
  readonly returned: (submission: Submission) => void;
}

/** A session as the room serves it; one without a connection has none. */
interface Follower {
  /** The last sequence it is to get: that of its Left, once there is one. */
  last: number;
  readonly left: (() => void) | undefined;
}

const endOfTurn$ = new Observable<void>((subscriber) => {
  const immediate = setImmediate(() => subscriber.next());
  return () => clearImmediate(immediate);
});

/**
 * One room: the only writer of its log. Drafts go through its inlet in single file, are decided in groups by the pure
 * core, made durable, and only then told to anybody, by ringing the bell of all who follow (design: "One event's way").
 */
export class RoomActor implements Ref<RoomMessage> {
  readonly #parts: RoomParts;
  readonly #mailbox: Mailbox<RoomMessage>;
  readonly #tail: Tail;
  readonly #bell$ = new Subject<Run | undefined>();
  readonly #followers = new Map<string, Follower>();
  /** Of each session that is in the room or about to be, by its id. */
  readonly #buckets = new Map<string, TokenBucket>();
  /** In the inlet or in work, not answered yet. */
  readonly #unanswered = new Set<Submission>();
  /** Leaves that the log could not take yet, by session. */
  readonly #owed = new Map<string, Submission>();
  #owedRetry: Subscription | undefined;
  /** When the log could last not be written. */
  #unwritableAtMs = Number.NEGATIVE_INFINITY;
  #retired = false;
  #state: RoomState;
  #names: readonly string[] = [];
  #newest = 0;
  #inlet$ = new Subject<Submission>();
  #pipeline: Subscription | undefined;

  constructor(parts: RoomParts) {
    this.#parts = parts;
    this.#tail = new Tail(parts.limits.tailBytesMax);
    this.#mailbox = new Mailbox({
      handle: (message) => this.#handle(message),
      failed: parts.failed,
      messagesMax: parts.limits.mailboxMessagesMax,
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
      case 'list-participants':
        message.answer(this.#names);
        break;
      case 'end-orphans':
        this.#endOrphans(message.reason, message.done);
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
    const { limits } = this.#parts;
    this.#state = this.#recover();
    // The log may hold more than was told: a tail that went on from what was told would have a gap [P3].
    this.#tail.clear();
    this.#newest = this.#state.place.sequence;
    this.#names = [...this.#state.byName.keys()];
    this.#inlet$ = new Subject();
    this.#pipeline = this.#inlet$
      .pipe(
        inGroups((group: readonly Submission[]) => this.#commit(group), {
          groupMax: limits.groupDraftsMax,
          urgent: ({ draft }) => draft.kind === 'publish',
          turn$: endOfTurn$,
          company$: timer(limits.companyMsMax),
        }),
        // In the pipe and not in the observer, where a throw would be nobody's and end the process.
        tap((folded) => this.#publish(folded)),
      )
      .subscribe({ error: (error) => this.#fail(error) });
  }

  #recover(): RoomState {
    const { log, room, limits } = this.#parts;
    if (!log.head(room)) return emptyRoom(room);
    const { snapshot, entries } = log.recover(room);
    const state = snapshot ? restoreRoom(room, snapshot) : emptyRoom(room);
    for (const entry of entries) evolve(state, entry, limits.ordinalsRememberedMax);
    return state;
  }

  #submit(submission: Submission): void {
    if (this.#retired) {
      this.#parts.returned(submission);
      return;
    }
    const refusal = submission.owed ? undefined : this.#refusal(submission);
    if (refusal) {
      submission.answer({ kind: 'rejected', rejection: refusal });
      return;
    }
    const { draft } = submission;
    // From here on, and not only once it is in: publishes may follow their join without waiting for the answer.
    if (draft.kind === 'join') this.#buckets.set(draft.session, this.#newBucket());
    this.#unanswered.add(submission);
    this.#inlet$.next(submission);
  }

  #newBucket(): TokenBucket {
    const { limits, now } = this.#parts;
    return new TokenBucket(limits.publishesPerSecondMax, limits.publishBurstMax, now());
  }

  /** What keeps a draft out before the room has decided on it [P12]. */
  #refusal({ draft }: Submission): Rejection | undefined {
    const { limits, now } = this.#parts;
    const ordinal = ordinalOf(draft);
    if (this.#unanswered.size >= limits.inletDraftsMax)
      return rejection('OVERLOADED', ordinal, limits.overloadedRetryMs);
    const nowMs = now();
    const sinceMs = nowMs - this.#unwritableAtMs;
    // A clock that was set back says nothing of how long it is: then it is tried.
    if (sinceMs >= 0 && sinceMs < limits.readOnlyMs)
      return rejection('READ_ONLY', ordinal, limits.readOnlyMs - sinceMs);
    if (draft.kind !== 'publish') return undefined;
    const waitMs = this.#buckets.get(draft.session)?.take(nowMs) ?? 0;
    return waitMs > 0 ? rejection('RATE_LIMITED', ordinal, waitMs) : undefined;
  }

  /** Decides on a group and makes it durable; emits once, when both are done. */
  #commit(submissions: readonly Submission[]): Observable<Folded> {
    return defer(() => {
      const folded = foldGroup(this.#state, submissions, this.#parts.limits);
      if (!folded.group) return of(folded);
      return from(this.#parts.log.append(folded.group)).pipe(
        map(() => folded),
        catchError((error) => {
          if (!(error instanceof LogUnwritable)) throw error;
          this.#unwritten(submissions, error);
          return of<Folded>({ decided: [] });
        }),
      );
    });
  }

  /** The log took nothing of the group: the room is as it was, and says so. */
  #unwritten(submissions: readonly Submission[], error: LogUnwritable): void {
    const { room, limits, now, journal } = this.#parts;
    journal.error('log-unwritable', { room, err: error.cause ?? error });
    this.#state = this.#recover();
    this.#unwritableAtMs = now();
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
    this.#owed.set(submission.draft.session, submission);
    submission.kept?.();
    this.#owedRetry ??= timer(this.#parts.limits.readOnlyMs).subscribe(() => {
      this.#owedRetry = undefined;
      const owed = [...this.#owed.values()];
      this.#owed.clear();
      for (const one of owed) this.tell({ kind: 'submit', submission: one });
    });
  }

  /** Tells everybody what a durable group was: newcomers too, for the run that brings them in is also theirs. */
  #publish({ decided, group }: Folded): void {
    if (group) {
      const { place } = this.#state;
      const run = runOf(
        place.sequence - group.entries.length + 1,
        group.entries.map((entry) => entry.bytes),
      );
      this.#newest = run.last;
      this.#parts.advanced(place.lamport);
      this.#tail.push(run);
      const welcomes: (() => void)[] = [];
      for (const one of decided) {
        if (one.submission.draft.kind === 'leave') this.#dismiss(one);
        else if (one.before) welcomes.push(this.#admit(one, one.before));
      }
      // Not before all who left have: a visit may begin and end in one group.
      for (const welcome of welcomes) welcome();
      this.#parts.journal.debug('delivery', {
        room: this.#state.room,
        sequence: run.first,
        last: run.last,
        lamport: place.lamport,
        participants: this.#followers.size,
      });
      this.#bell$.next(run);
      if (this.#state.sessions.size === 0) this.#tail.clear();
    }
    for (const one of decided) if (!one.before) this.#answer(one.submission, this.#answerOf(one));
    this.#retireIfEmpty();
  }

  /** A room that has no event, and will have none of what it took in, is no room: it must not count as one [P12]. */
  #retireIfEmpty(): void {
    if (this.#retired || this.#newest > 0 || this.#unanswered.size > 0) return;
    this.#retired = true;
    this.#parts.retired();
  }

  /** Counts a newcomer in; the result welcomes him. */
  #admit(decided: Decided, before: NonNullable<Decided['before']>): () => void {
    const { submission, decision, event } = decided;
    if (decision.kind !== 'accepted' || !event) return () => {};
    const follower: Follower = { last: Number.POSITIVE_INFINITY, left: submission.left };
    this.#followers.set(submission.draft.session, follower);
    this.#names = [...this.#names, decision.entry.event.participant];
    this.#record('broadcast-join', decided);
    const { sequence } = decision.entry.event;
    return () =>
      this.#answer(submission, { kind: 'accepted', sequence, event, visit: this.#visit(submission, follower, before) });
  }

  #visit(submission: Submission, follower: Follower, before: NonNullable<Decided['before']>): Visit {
    const { log, room, limits } = this.#parts;
    const history = Math.min(submission.history ?? 0, limits.historyEventsMax);
    const sequence = Math.max(before.place.sequence - history, Math.min(this.#oldestPlace(), before.place.sequence));
    const chain = sequence === before.place.sequence ? before.place.chain : log.chainAt(room, sequence);
    const head = log.head(room);
    if (chain === undefined || !head) throw new Error(`the log of room ${room} does not reach to ${sequence}`);
    return {
      welcome: {
        session: submission.draft.session,
        room,
        logId: head.logId,
        sequence,
        lamport: before.place.lamport,
        chain,
        participants: before.participants,
        resumed: false,
        textLengthMax: limits.textCodePointsMax,
        ordinal: 0,
        newest: before.place.sequence,
      },
      follow: (flow) =>
        follow({ bell$: this.#bell$, read: (after) => this.#read(after), last: () => follower.last }, sequence, flow),
    };
  }

  /** The oldest sequence that a visit can go on from: its chain is still known. */
  #oldestPlace(): number {
    const { log, room } = this.#parts;
    const oldest = log.oldest(room);
    return oldest === 1 ? 0 : oldest;
  }

  #read(after: number): Run | undefined {
    if (after >= this.#newest) return undefined;
    const { log, room, limits } = this.#parts;
    return this.#tail.read(after) ?? log.read(room, after, limits.catchUpEventsMax);
  }

  #dismiss(decided: Decided): void {
    if (decided.decision.kind !== 'accepted') return;
    const { session } = decided.submission.draft;
    const { sequence, participant } = decided.decision.entry.event;
    this.#names = this.#names.filter((name) => name !== participant);
    this.#record('broadcast-leave', decided);
    this.#buckets.delete(session);
    const follower = this.#followers.get(session);
    if (!follower) return;
    follower.last = sequence;
    this.#followers.delete(session);
    follower.left?.();
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
    const run = sequence >= log.oldest(room) ? log.read(room, sequence - 1, 1) : undefined;
    if (run) return { kind: 'repeated', sequence, event: run.bytes };
    return { kind: 'rejected', rejection: rejection('ORDINAL_INVALID', ordinalOf(draft)) };
  }

  #answer(submission: Submission, answer: Answer): void {
    this.#unanswered.delete(submission);
    const { draft } = submission;
    if (draft.kind === 'join' && answer.kind !== 'accepted') this.#buckets.delete(draft.session);
    submission.answer(answer);
  }

  #record(event: string, { submission, decision }: Decided): void {
    if (decision.kind !== 'accepted') return;
    const { sequence, lamport, participant } = decision.entry.event;
    const session = sessionTag(submission.draft.session);
    this.#parts.journal.info(event, { room: this.#parts.room, participant, session, sequence, lamport });
  }

  #fail(error: unknown): void {
    this.#pipeline?.unsubscribe();
    this.#parts.failed(error);
  }

  /** After a failure nobody knows which of the drafts became events: their senders are told just that. */
  #restart(): void {
    this.#pipeline?.unsubscribe();
    // May fail again: then the next start has the answers to give.
    this.#start();
    const unanswered = [...this.#unanswered];
    this.#unanswered.clear();
    for (const submission of unanswered) {
      if (submission.owed) this.#submit(submission);
      else submission.answer({ kind: 'failed' });
    }
    this.#forgetTheLeft();
    this.#endOrphans('CONNECTION_LOST', () => {});
    // Nobody was told yet of what the log holds beyond the last run.
    this.#bell$.next(undefined);
  }

  /** Sessions whose Left became durable before anybody was told. */
  #forgetTheLeft(): void {
    for (const session of this.#buckets.keys()) if (!this.#state.sessions.has(session)) this.#buckets.delete(session);
    for (const [session, follower] of this.#followers) {
      if (this.#state.sessions.has(session)) continue;
      follower.last = this.#newest;
      this.#followers.delete(session);
      follower.left?.();
    }
  }

  /** Sessions of an earlier life, and those whose join became durable but whose connection was told nothing [P8]. */
  #endOrphans(reason: LeftReason, done: () => void): void {
    const orphans = [...this.#state.sessions.keys()].filter((session) => !this.#followers.has(session));
    const open = new Set(orphans);
    if (open.size === 0) done();
    const { lamport: known } = this.#state.place;
    const timeMs = this.#parts.now();
    for (const session of orphans) {
      const draft: Draft = { kind: 'leave', reason, session, sender: 0, known, timeMs };
      // A leave may be kept more than once before it is answered.
      const settled = () => {
        if (open.delete(session) && open.size === 0) done();
      };
      this.#submit({ draft, owed: true, kept: settled, answer: settled });
    }
  }

  #close(done: () => void): void {
    this.#mailbox.close();
    this.#pipeline?.add(() => {
      this.#giveUp();
      done();
    });
    this.#inlet$.complete();
  }

  #end(error: unknown): void {
    this.#mailbox.close();
    this.#giveUp();
    this.#bell$.error(error);
  }

  /** Nothing more is decided: whoever still waits for an answer is told that there is none. */
  #giveUp(): void {
    this.#owedRetry?.unsubscribe();
    for (const submission of this.#unanswered) submission.answer({ kind: 'failed' });
    this.#unanswered.clear();
  }
}
