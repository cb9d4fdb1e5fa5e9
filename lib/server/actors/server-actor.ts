import { randomBytes } from 'node:crypto';
import { firstValueFrom, type Observable } from 'rxjs';
import { ParticipantNames } from '../../codec/participant-names.js';
import { type Draft, ordinalOf } from '../../core/draft.js';
import type { Limits } from '../../core/limits.js';
import { noMoreRooms, type Rejection, type RejectionReason, rejection } from '../../core/rejection.js';
import { decide, isTooFarAhead } from '../../core/room.js';
import { isRoomName } from '../../core/room-name.js';
import { emptyRoom } from '../../core/room-state.js';
import { roomOfSession } from '../../core/session-id.js';
import type { Journal } from '../../platform/journal.js';
import type { Origin } from '../access/origin.js';
import type { Excess } from '../access/portion.js';
import { Shares } from '../access/shares.js';
import { type EventLog, type Group, LogDamaged, type RoomHead } from '../log/event-log.js';
import type { Answer, ResumeAnswer, Resumption, Submission } from '../room/pending.js';
import { holdsChain, resumeRefusal } from '../room/resume-position.js';
import { RoomNames } from '../room/room-names.js';
import { type RoomsMemory, roomsMemory } from '../room/rooms-memory.js';
import { EmptyRooms, isUnspoken } from '../room/unspoken-rooms.js';
import { writeClosingSnapshots } from './closing-snapshots.js';
import { ConnectionActor } from './connection-actor.js';
import { heartbeatLooks } from './heartbeat.js';
import { Mailbox, type Ref } from './mailbox.js';
import type { ConnectionMessage, HistoryAnswer, ServerRequest, SessionRequest } from './messages.js';
import type { Peer } from './peer.js';
import { RoomActor } from './room-actor.js';
import { StartRepair } from './start-repair.js';
import { systemTime, type Time } from './time.js';
import { TokenBucket } from './token-bucket.js';

export interface ServerParts {
  readonly log: EventLog;
  readonly limits: Limits;
  readonly journal: Journal;
  /** What the actors share with the door and the calls; default: their own. */
  readonly shares?: Shares;
  /** Default: the system's. */
  readonly time?: Time;
  /** 16 bytes that nobody can guess; default from the system's source. */
  readonly newSecret?: () => Uint8Array;
}

type ServerMessage =
  | ServerRequest
  | { readonly kind: 'submit'; readonly room: string; readonly submission: Submission }
  | { readonly kind: 'resume'; readonly room: string; readonly resumption: Resumption }
  | { readonly kind: 'repair'; readonly done: () => void }
  | { readonly kind: 'repair-next' }
  | { readonly kind: 'repaired'; readonly room: string }
  | { readonly kind: 'connect'; readonly peer: Peer; readonly connected: (connection: ConnectionActor) => void }
  | { readonly kind: 'ended'; readonly connection: ConnectionActor }
  | { readonly kind: 'advanced'; readonly lamport: number }
  | { readonly kind: 'room-failed'; readonly room: string; readonly error: unknown }
  | { readonly kind: 'room-retired'; readonly room: string }
  | { readonly kind: 'room-emptied'; readonly room: string }
  /** The log has forgotten the room, or it could not. */
  | { readonly kind: 'room-removed'; readonly room: string; readonly error?: unknown }
  | { readonly kind: 'stop'; readonly done: () => void }
  | { readonly kind: 'farewell' };

/** Empty rooms that are looked at for one that may go. */
const emptyRoomsLookedAtMax = 8;

/** Who is in a room that nobody has opened. */
const nobody = ParticipantNames.of([]);

type ReadHistory = Extract<ServerRequest, { kind: 'read-history' }>;

/** A room in the server's table. `restarts` allows so many in a minute. */
interface Supervised {
  readonly actor: RoomActor;
  readonly restarts: TokenBucket;
}

/**
 * The actor at the top: starts connections and rooms and supervises them [T1], and finds the room for each draft. A
 * room's failure ends no stream unless it comes again and again; a connection's failure ends that one only.
 */
export class ServerActor {
  readonly #parts: Required<ServerParts>;
  readonly #mailbox: Mailbox<ServerMessage>;
  readonly #rooms = new Map<string, Supervised>();
  readonly #connections = new Set<ConnectionActor>();
  readonly #repairs: StartRepair;
  readonly #memory: RoomsMemory;
  readonly #heartbeat$: Observable<unknown> | undefined;
  /** The names of all rooms that count for `roomsMax`: those in the log and those that were opened. */
  readonly #names: RoomNames;
  readonly #empty = new EmptyRooms();
  /** Those that the log is about to forget: nobody may begin them anew before it has. */
  readonly #removing = new Set<string>();
  /** The newest Lamport time in any room. */
  #known: number;
  /** Of each room that is closed, what the log may still take in for the next start. */
  readonly #closingSnapshots: (() => Group | undefined)[] = [];
  #stopping: Promise<void> | undefined;
  #stopped: (() => void) | undefined;

  constructor(parts: ServerParts) {
    this.#parts = {
      time: systemTime,
      newSecret: () => randomBytes(16),
      shares: new Shares(parts.limits),
      ...parts,
    };
    const heads = parts.log.heads();
    this.#names = new RoomNames(heads.map(({ room }) => room));
    this.#known = Math.max(0, ...heads.map(({ place }) => place.lamport));
    for (const { room, participants } of heads) {
      if (participants === 0) this.#empty.emptied(room, this.#parts.time.now());
    }
    this.#memory = roomsMemory(parts.limits);
    this.#heartbeat$ = heartbeatLooks(parts.limits.heartbeatMs, this.#parts.time.scheduler);
    this.#repairs = new StartRepair({
      rooms: heads.flatMap(({ room, participants }) => (participants > 0 ? [room] : [])),
      repair: (room) => this.#repairRoom(room),
      due: () => this.#mailbox.tell({ kind: 'repair-next' }),
      endOfTurn$: this.#parts.time.endOfTurn$,
    });
    this.#mailbox = new Mailbox<ServerMessage>({
      handle: (message) => this.#handle(message),
      failed: (error) => parts.journal.error('server-actor-failed', { err: error }),
      messagesMax: Number.POSITIVE_INFINITY,
    });
  }

  tell(request: ServerRequest): void {
    this.#mailbox.tell(request);
  }

  /**
   * Ends the sessions of the server's earlier life [P8], room after room while requests are answered; those that may be
   * resumed have their whole grace from then on. Resolves when that is durable, or cannot be for now. A room that is asked
   * for before its turn is looked after first. A server that stops leaves the rest to its next life: then it does not resolve.
   */
  repair(): Promise<void> {
    return new Promise((done) => this.#mailbox.tell({ kind: 'repair', done }));
  }

  /** The actor of a new stream, started. */
  connect(peer: Peer): Ref<ConnectionMessage> {
    let actor: ConnectionActor | undefined;
    const connected = (connection: ConnectionActor) => {
      actor = connection;
    };
    this.#mailbox.tell({ kind: 'connect', peer, connected });
    // A transport brings its streams one by one, never from within an actor: the message was handled at once.
    if (!actor) throw new Error('a stream was opened from within an actor');
    return actor;
  }

  /**
   * Farewell to all; resolves when the last connection has ended, each at most `lingerMsMax` after. Further calls get the
   * same promise.
   */
  stop(): Promise<void> {
    this.#stopping ??= new Promise((done) => this.#mailbox.tell({ kind: 'stop', done }));
    return this.#stopping;
  }

  /**
   * After `stop`: writes snapshots of the rooms, so that the next start has nothing to replay; begins with no more rooms once
   * `signal` is aborted. Nothing is lost where they are not written.
   */
  async writeSnapshots(signal: AbortSignal): Promise<void> {
    const { log, time, journal } = this.#parts;
    const outcome = await writeClosingSnapshots({
      rooms: this.#closingSnapshots,
      append: (group) => log.append(group),
      endOfTurn: () => firstValueFrom(time.endOfTurn$),
      signal,
    });
    journal.info('snapshots-written', { ...outcome });
  }

  #handle(message: ServerMessage): void {
    switch (message.kind) {
      case 'connect':
        message.connected(this.#connect(message.peer));
        break;
      case 'submit':
        this.#submit(message.room, message.submission);
        break;
      case 'resume':
        this.#resume(message.room, message.resumption);
        break;
      case 'request':
        this.#request(message.request, message.answer);
        break;
      case 'read-history':
        this.#repairs.whenDone(message.room, () =>
          message.answer(this.#readable<HistoryAnswer>(message.room, () => this.#readHistory(message))),
        );
        break;
      case 'list-rooms':
        message.answer(this.#roomsAfter(message.after, message.limit));
        break;
      case 'list-participants':
        this.#repairs.whenDone(message.room, () => this.#listParticipants(message));
        break;
      case 'repair':
        this.#repairs.run((outcome) => {
          this.#parts.journal.info('start-repaired', { ...outcome });
          message.done();
        });
        break;
      case 'repair-next':
        this.#repairs.next();
        break;
      case 'repaired':
        this.#repairs.done(message.room);
        break;
      case 'advanced':
        this.#known = Math.max(this.#known, message.lamport);
        break;
      case 'ended':
        this.#connections.delete(message.connection);
        this.#stopIfLast();
        // Nobody needs its place: one at a time, when somebody goes.
        if (!this.#stopped) this.#removeUnspoken(this.#parts.limits.unspokenRoomMsMax);
        break;
      case 'room-emptied':
        this.#empty.emptied(message.room, this.#parts.time.now());
        break;
      case 'room-removed':
        this.#roomRemoved(message.room, message.error);
        break;
      case 'room-failed':
        this.#roomFailed(message.room, message.error);
        break;
      case 'room-retired':
        this.#rooms.delete(message.room);
        this.#names.delete(message.room);
        this.#parts.shares.rooms.end(message.room);
        break;
      case 'stop':
        this.#stop(message.done);
        break;
      case 'farewell':
        this.#farewell();
        break;
    }
  }

  #connect(peer: Peer): ConnectionActor {
    const { limits, journal, shares, time, newSecret } = this.#parts;
    const connection: ConnectionActor = new ConnectionActor({
      peer,
      origin: shares.origin(peer.address, time.now()),
      limits,
      journal,
      time,
      newSecret,
      heartbeat$: this.#heartbeat$,
      submit: (room, submission) => this.#mailbox.tell({ kind: 'submit', room, submission }),
      resume: (room, resumption) => this.#mailbox.tell({ kind: 'resume', room, resumption }),
      ended: () => this.#mailbox.tell({ kind: 'ended', connection }),
    });
    this.#connections.add(connection);
    if (this.#stopped) connection.tell({ kind: 'stop' });
    return connection;
  }

  #submit(room: string, submission: Submission): void {
    const { sender } = submission.draft;
    // What is owed has to come in: a time for which it would be refused does not count.
    const counts = !submission.owed || !isTooFarAhead(submission.draft, this.#known, this.#parts.limits);
    const draft: Draft = { ...submission.draft, known: this.#known, sender: counts ? sender : 0 };
    if (!this.#stopped) this.#repairs.begin(room);
    const refusal = this.#stopped
      ? this.#stoppingRefusal(draft)
      : (this.#roomRefusal(room, draft) ?? this.#shareRefusal(room, draft, submission.origin));
    if (refusal) {
      submission.answer({ kind: 'rejected', rejection: refusal });
      return;
    }
    const actor = this.#rooms.get(room)?.actor ?? this.#reopen(room);
    if ('tell' in actor) actor.tell({ kind: 'submit', submission: { ...submission, draft } });
    else {
      this.#parts.shares.sessions.end(draft.session);
      submission.answer(actor);
    }
  }

  #resume(room: string, resumption: Resumption): void {
    if (!this.#stopped) this.#repairs.begin(room);
    const actor = this.#rooms.get(room)?.actor;
    if (actor && !this.#stopped) actor.tell({ kind: 'resume', resumption });
    else resumption.answer(this.#refusedResume(room, resumption));
  }

  /** The answer where no actor holds the room, or the server stops. */
  #refusedResume(room: string, { resume }: Resumption): ResumeAnswer {
    const { log, limits, journal } = this.#parts;
    if (this.#stopped) return { kind: 'rejected', rejection: rejection('OVERLOADED', 0, limits.overloadedRetryMs) };
    return resumeRefusal({ log, room, resume, journal, present: false }) ?? { kind: 'failed' };
  }

  /** What `read` gives; where the room's log cannot be read, that is told in the log records, and the answer says so. */
  #readable<Given>(room: string, read: () => Given): Given | { readonly kind: 'failed' | 'damaged' } {
    try {
      return read();
    } catch (err) {
      return this.#unreadable(room, err);
    }
  }

  #unreadable(room: string, err: unknown): { readonly kind: 'failed' | 'damaged' } {
    // Of a damaged event the store has told.
    if (err instanceof LogDamaged) return { kind: 'damaged' };
    this.#parts.journal.error('room-unreadable', { room, err });
    return { kind: 'failed' };
  }

  /** A room at its first join, or after its actor was given up: then its log may have sessions that nobody holds. */
  #reopen(room: string): RoomActor | { readonly kind: 'failed' | 'damaged' } {
    const actor = this.#open(room);
    if ('tell' in actor) actor.tell({ kind: 'end-orphans', reason: 'CONNECTION_LOST', done: () => {} });
    return actor;
  }

  /** What keeps a draft from a room that is not there: a room begins with a join that would be its first event. */
  #roomRefusal(room: string, draft: Draft): Rejection | undefined {
    const { limits } = this.#parts;
    if (this.#rooms.has(room)) return undefined;
    if (draft.kind !== 'join') return rejection('SESSION_UNKNOWN', ordinalOf(draft));
    if (!isRoomName(room, limits.roomNameLengthMax)) return rejection('ROOM_INVALID');
    if (this.#names.has(room)) return undefined;
    const decision = decide(emptyRoom(room), draft, limits);
    return decision.kind === 'rejected' ? decision.rejection : undefined;
  }

  /** What keeps a join from a room because its address has its share, or there is no more for anybody [P12]. */
  #shareRefusal(room: string, draft: Draft, origin: Origin | undefined): Rejection | undefined {
    if (draft.kind !== 'join' || !origin) return undefined;
    const { limits, shares, time } = this.#parts;
    const isNew = !this.#names.has(room);
    if (this.#removing.has(room)) return rejection('OVERLOADED', 0, limits.overloadedRetryMs);
    if (isNew) {
      if (this.#names.size >= limits.roomsMax) this.#removeUnspoken(limits.unspokenRoomMsMin);
      // Somebody else's rooms may be there for good, so trying again makes no sense.
      const excess = shares.rooms.excess(origin.principal, this.#names.size);
      if (excess) return this.#noMoreRooms(room, origin, excess);
      const waitMs = origin.takeRoom(time.now());
      if (waitMs > 0) return rejection('OVERLOADED', 0, waitMs);
    }
    const none = shares.sessions.begin(draft.session, room, origin.principal);
    if (none) return none.scarce === 'seats' ? rejection('ROOM_FULL') : rejection('OVERLOADED', 0, limits.graceMs);
    if (isNew) shares.rooms.begin(room, origin.principal);
    return undefined;
  }

  #noMoreRooms(room: string, { principal: address }: Origin, excess: Excess): Rejection {
    const { journal, limits } = this.#parts;
    const limit = excess === 'own' ? 'roomsPerAddressMax' : excess === 'total' ? 'roomsMax' : 'reservedPercent';
    journal.warn('rooms-full', { room, address, rooms: this.#names.size, limit, limitValue: limits[limit] });
    return { ...rejection('OVERLOADED'), detail: noMoreRooms[excess === 'total' ? 'server' : 'address'] };
  }

  /** Lets the room go that is empty for longest, and for `ms` at least, if nobody ever spoke there. */
  #removeUnspoken(ms: number): void {
    const { log, shares, time, journal } = this.#parts;
    for (let looked = 0; looked < emptyRoomsLookedAtMax; looked += 1) {
      const room = this.#empty.take(time.now(), ms);
      if (room === undefined) return;
      const unspoken = this.#readable(room, () => ({ kind: isUnspoken(log, room) ? 'unspoken' : 'spoken' }));
      if (unspoken.kind !== 'unspoken' || !this.#retire(room)) continue;
      this.#rooms.delete(room);
      this.#names.delete(room);
      this.#removing.add(room);
      shares.rooms.end(room);
      journal.info('room-removed', { room });
      log.remove(room).then(
        () => this.#mailbox.tell({ kind: 'room-removed', room }),
        (error) => this.#mailbox.tell({ kind: 'room-removed', room, error }),
      );
      return;
    }
  }

  /** Whether no actor has the room any more. */
  #retire(room: string): boolean {
    let retired = true;
    this.#rooms.get(room)?.actor.tell({
      kind: 'retire',
      answer: (answer) => {
        retired = answer;
      },
    });
    return retired;
  }

  #roomRemoved(room: string, error: unknown): void {
    this.#removing.delete(room);
    if (error === undefined) return;
    // It is still there, and tried again when it has been empty for as long again.
    this.#parts.journal.error('room-not-removed', { room, err: error });
    this.#names.add(room);
    this.#empty.emptied(room, this.#parts.time.now());
  }

  #stoppingRefusal(draft: Draft): Rejection {
    return rejection('OVERLOADED', ordinalOf(draft), this.#parts.limits.overloadedRetryMs);
  }

  /** Where the room's log cannot be read, that is told in the log records, and the result says why. */
  #open(room: string): RoomActor | { readonly kind: 'failed' | 'damaged' } {
    const { log, limits, journal, shares, time } = this.#parts;
    try {
      const actor = new RoomActor({
        room,
        log,
        limits,
        journal,
        time,
        memory: this.#memory,
        sessions: shares.sessions,
        advanced: (lamport) => this.#mailbox.tell({ kind: 'advanced', lamport }),
        failed: (error) => this.#mailbox.tell({ kind: 'room-failed', room, error }),
        retired: () => this.#mailbox.tell({ kind: 'room-retired', room }),
        emptied: () => this.#mailbox.tell({ kind: 'room-emptied', room }),
        returned: (submission) => this.#mailbox.tell({ kind: 'submit', room, submission }),
      });
      const allowed = limits.roomRestartsPerMinuteMax;
      this.#rooms.set(room, { actor, restarts: new TokenBucket(allowed / 60, allowed, time.now()) });
      this.#names.add(room);
      return actor;
    } catch (err) {
      journal.error('room-unreadable', { room, err });
      return { kind: err instanceof LogDamaged ? 'damaged' : 'failed' };
    }
  }

  #roomFailed(room: string, error: unknown): void {
    this.#parts.journal.error('room-failed', { room, err: error });
    // Its own restart ends what it left; whoever waits for the start's repair must not wait for that.
    this.#repairs.done(room);
    const supervised = this.#rooms.get(room);
    if (!supervised) return;
    const { limits, time } = this.#parts;
    // To the bucket a rate of 0 is none at all.
    if (limits.roomRestartsPerMinuteMax > 0 && supervised.restarts.take(time.now()) === 0) {
      supervised.actor.tell({ kind: 'restart' });
      return;
    }
    this.#rooms.delete(room);
    supervised.actor.tell({ kind: 'end', error });
  }

  #request(request: SessionRequest, answer: (answer: Answer) => void): void {
    const refuse = (reason: RejectionReason) => answer({ kind: 'rejected', rejection: rejection(reason, ordinal) });
    const ordinal = request.kind === 'publish' ? request.publish.ordinal : 0;
    const room = roomOfSession(request.session);
    if (room === undefined) {
      refuse('SESSION_UNKNOWN');
      return;
    }
    if (typeof ordinal === 'bigint') {
      refuse('ORDINAL_INVALID');
      return;
    }
    const { session, lamport: sender } = request;
    const sent = { session, sender, known: this.#known, timeMs: this.#parts.time.now() };
    const draft: Draft =
      request.kind === 'publish'
        ? { kind: 'publish', ...sent, ...request.publish, ordinal }
        : { kind: 'leave', ...sent, reason: 'ASKED' };
    this.#submit(room, { draft, answer });
  }

  #readHistory({ room, after, limit, bytesMax, chain }: ReadHistory): HistoryAnswer {
    const { log, limits } = this.#parts;
    if (!isRoomName(room, limits.roomNameLengthMax)) return { kind: 'rejected', rejection: rejection('ROOM_INVALID') };
    const head = log.head(room);
    // What the reader has read is of another history.
    if (chain !== undefined && !holdsChain(log, { room, after, chain })) {
      return { kind: 'rejected', rejection: rejection('HISTORY_LOST') };
    }
    if (!head) return { kind: 'page', events: Buffer.alloc(0), last: after, logId: '', newest: 0 };
    // An event is never skipped in silence [P11].
    if (after + 1 < log.oldest(room)) return { kind: 'rejected', rejection: rejection('HISTORY_LOST') };
    const newest = head.place.sequence;
    const max = Math.min(limit || limits.historyEventsMax, limits.historyEventsMax);
    const run = after < newest ? log.read(room, after, max, bytesMax) : undefined;
    return {
      ...{ kind: 'page', events: run?.bytes ?? Buffer.alloc(0), last: run?.last ?? after },
      ...{ logId: head.logId, newest },
    };
  }

  /** Rooms that have an event, by name. */
  #roomsAfter(after: string, limit: number): RoomHead[] {
    const heads: RoomHead[] = [];
    for (const room of this.#names.after(after)) {
      if (heads.length >= limit) break;
      const head = this.#parts.log.head(room);
      if (head) heads.push(head);
    }
    return heads;
  }

  #listParticipants({ room, answer }: Extract<ServerRequest, { kind: 'list-participants' }>): void {
    if (!isRoomName(room, this.#parts.limits.roomNameLengthMax)) {
      answer({ kind: 'rejected', rejection: rejection('ROOM_INVALID') });
      return;
    }
    const present = this.#rooms.get(room);
    if (!present) answer({ kind: 'participants', names: nobody });
    else {
      present.actor.tell({
        kind: 'list-participants',
        answer: (names) => answer({ kind: 'participants', names }),
      });
    }
  }

  #repairRoom(room: string): boolean {
    const actor = this.#open(room);
    if (!('tell' in actor)) return false;
    const done = () => this.#mailbox.tell({ kind: 'repaired', room });
    actor.tell({ kind: 'end-orphans', reason: 'SERVER_RESTARTED', done });
    return true;
  }

  /** First the rooms, so that what they took in is told; then the streams. */
  #stop(done: () => void): void {
    this.#stopped = done;
    this.#repairs.stop();
    let open = this.#rooms.size;
    const farewell = () => this.#mailbox.tell({ kind: 'farewell' });
    for (const { actor } of this.#rooms.values()) {
      actor.tell({
        kind: 'close',
        done: (snapshot) => {
          this.#closingSnapshots.push(snapshot);
          open -= 1;
          if (open === 0) farewell();
        },
      });
    }
    if (open === 0) farewell();
  }

  #farewell(): void {
    for (const connection of this.#connections) connection.tell({ kind: 'stop' });
    this.#stopIfLast();
  }

  #stopIfLast(): void {
    if (this.#connections.size === 0) this.#stopped?.();
  }
}
