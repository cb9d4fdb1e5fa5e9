import { randomBytes } from 'node:crypto';
import { firstValueFrom, type Observable } from 'rxjs';
import { ParticipantNames } from '../../codec/participant-names.js';
import type { Command } from '../../core/command.js';
import type { LeftReason } from '../../core/event.js';
import type { Limits } from '../../core/limits.js';
import { isRoomName } from '../../core/name.js';
import { rejection } from '../../core/rejection.js';

import type { RoomState } from '../../core/room-state.js';
import { roomOfSession } from '../../core/session-id.js';
import type { Journal } from '../../platform/journal.js';
import { Pace } from '../access/pace.js';
import { Shares } from '../access/shares.js';
import type { EventLog } from '../log/event-log.js';
import { snapshotGroup } from '../room/decide-group.js';
import { type CommandReply, type PendingResume, type Ref, refuse, rejected } from '../room/pending.js';
import { type ServerMemory, serverMemory } from '../room/shared-memory.js';
import { ConnectionActor } from './connection-actor.js';
import { type Handlers, handle, Mailbox } from './mailbox.js';
import type {
  ConnectionMessage,
  ConnectionReport,
  HistoryAnswer,
  RoomReport,
  ServerRequest,
  SessionRequest,
  Submit,
} from './messages.js';
import type { Peer } from './peer.js';
import { historyOf, readable, resumeRefusal } from './queries.js';
import { RoomActor } from './room-actor.js';
import { RoomsAdmission } from './rooms-admission.js';
import { ServerStop, writeClosingSnapshots } from './server-stop.js';
import { type RepairOutcome, StartRepair } from './start-repair.js';
import { heartbeatLooks } from './stream-sending.js';
import { systemTime, type Time, Turns } from './turns.js';

export interface ServerParts {
  readonly log: EventLog;
  readonly limits: Limits;
  readonly journal: Journal;
  /** What the actors share with the door and the calls; default: their own. */
  readonly shares?: Shares;
  /** Default: the system's. */
  readonly time?: Time;
  /** 16 bytes that cannot be guessed; default from the system's source. */
  readonly newSecret?: () => Uint8Array;
  /** Is shown each message before its actor handles it, for a journal of them; default: none is. Must not throw. */
  readonly observe?: (actor: string, message: { readonly kind: string }) => void;
}

type ServerMessage =
  | ServerRequest
  | ConnectionReport
  | RoomReport
  | { readonly kind: 'repair' }
  | { readonly kind: 'repair-next' }
  /** The event log has forgotten the room, or it could not. */
  | { readonly kind: 'room-removed'; readonly room: string; readonly error?: unknown }
  | { readonly kind: 'stop' };

/** The participants of a room that no actor has. */
const none = ParticipantNames.of([]);

/** A room in the server's table. `restarts` allows so many in a minute. */
interface Supervised {
  readonly actor: RoomActor;
  readonly restarts: Pace;
}

/**
 * The actor at the top: starts connections and rooms and supervises them [T1], and finds the room for each command. A
 * room's failure ends no stream unless it comes again and again; a connection's failure ends that one only.
 */
export class ServerActor {
  static readonly #handlers: Handlers<ServerActor, ServerMessage> = {
    submit: (server, message) => server.#submit(message),
    resume: (server, { room, pending }) => server.#resume(room, pending),
    request: (server, { request, replyTo }) => server.#request(request, replyTo),
    'read-history': (server, message) => server.#readHistory(message),
    'list-rooms': (server, { after, limit, replyTo }) => replyTo.tell({ rooms: server.#admission.rooms(after, limit) }),
    'list-participants': (server, message) => server.#listParticipants(message),
    repair: (server) => server.#repairs.run((outcome) => server.#startRepaired(outcome)),
    'repair-next': (server) => server.#repairs.next(),
    repaired: (server, { room }) => server.#repairs.done(room),
    ended: (server, { connection }) => server.#streamEnded(connection),
    'room-emptied': (server, { room }) => server.#admission.emptied(room),
    'room-stays': (server, { room }) => server.#admission.stays(room),
    'room-retired': (server, { room }) => server.#retired(room),
    'room-removed': (server, { room, error }) => server.#admission.removed(room, error),
    'room-failed': (server, { room, error }) => server.#roomFailed(room, error),
    'room-unreadable': (server, { room, error }) => server.#roomUnreadable(room, error),
    'room-closed': (server, { room, state }) => server.#roomClosed(room, state),
    stop: (server) => server.#close(),
  };
  readonly #parts: Required<Omit<ServerParts, 'observe'>> & Pick<ServerParts, 'observe'>;
  readonly #mailbox: Mailbox<ServerMessage>;
  readonly #rooms = new Map<string, Supervised>();
  readonly #connections = new Set<Ref<ConnectionMessage>>();
  readonly #repairs: StartRepair;
  /** Rooms that are being opened. */
  readonly #openings: Turns;
  readonly #memory: ServerMemory;
  readonly #heartbeat$: Observable<unknown> | undefined;
  readonly #admission: RoomsAdmission;
  readonly #stop = new ServerStop(this.#connections);
  #repaired: (() => void) | undefined;

  constructor(parts: ServerParts) {
    const own = { time: systemTime, newSecret: () => randomBytes(16), shares: new Shares(parts.limits) };
    this.#parts = { ...own, ...parts };
    const { log, limits, journal, time } = this.#parts;
    const heads = log.heads();
    this.#admission = new RoomsAdmission({ ...this.#parts, heads });
    this.#memory = serverMemory(limits, Math.max(0, ...heads.map(({ place }) => place.lamport)));
    this.#heartbeat$ = heartbeatLooks(parts.limits.heartbeatMs, time.scheduler);
    this.#openings = new Turns(time.endOfTurn$);
    this.#repairs = new StartRepair({
      rooms: heads.flatMap(({ room, participants }) => (participants > 0 ? [room] : [])),
      repair: (room) => this.#open(room, 'SERVER_RESTARTED'),
      busy: () => !this.#openings.idle,
      due: () => this.#mailbox.tell({ kind: 'repair-next' }),
      endOfTurn$: time.endOfTurn$,
    });
    this.#mailbox = new Mailbox<ServerMessage>({
      handle: (message) => handle(ServerActor.#handlers, this, message),
      failed: (error) => journal.error('server-actor-failed', { err: error }),
      messagesMax: Number.POSITIVE_INFINITY,
      observe: this.#observerOf('server'),
    });
  }

  tell(request: ServerRequest): void {
    this.#mailbox.tell(request);
  }

  /**
   * Ends the sessions of the server's earlier life [P8], room after room while requests are answered; those that may be
   * resumed have their whole grace from then on. Resolves when that is durable, or cannot be for now. A room that is
   * asked for before its turn is looked after first. A server that stops leaves the rest to its next life: then it does
   * not resolve.
   */
  repair(): Promise<void> {
    return new Promise((repaired) => {
      this.#repaired = repaired;
      this.#mailbox.tell({ kind: 'repair' });
    });
  }

  /** The actor of a new stream, started. */
  connect(peer: Peer): Ref<ConnectionMessage> {
    // A transport brings its streams one by one: from within an actor, their order would be left to chance.
    if (this.#mailbox.isHandling) throw new Error('a stream was opened from within an actor');
    const { limits, journal, shares, time, newSecret } = this.#parts;
    // All by name: where another object is spread into it, V8 gives each of these objects a hidden class of its own,
    // 400 bytes.
    const connection = new ConnectionActor({
      peer,
      limits,
      journal,
      time,
      newSecret,
      memory: this.#memory,
      heartbeat$: this.#heartbeat$,
      origin: shares.origin(peer.address, time.now()),
      supervisor: this.#mailbox,
      observe: this.#observerOf(`connection ${peer.address}`),
    });
    this.#connections.add(connection);
    if (this.#stop.isAsked) connection.tell({ kind: 'stop' });
    return connection;
  }

  /**
   * Farewell to all; resolves when the last connection has ended, each at most `lingerMsMax` after. Further calls get
   * the same promise.
   */
  stop(): Promise<void> {
    return this.#stop.ask(() => this.#mailbox.tell({ kind: 'stop' }));
  }

  /**
   * After `stop`: writes snapshots of the rooms, so that the next start has nothing to replay; begins with no more
   * rooms once `signal` is aborted. Nothing is lost where they are not written.
   */
  async writeSnapshots(signal: AbortSignal): Promise<void> {
    const { log, time, journal } = this.#parts;
    const outcome = await writeClosingSnapshots({
      rooms: this.#stop.states.map((state) => () => snapshotGroup(state)),
      append: (group) => log.append(group),
      endOfTurn: () => firstValueFrom(time.endOfTurn$),
      signal,
    });
    journal.info('snapshots-written', { ...outcome });
  }

  #submit({ room, pending, placeMade = false }: Submit): void {
    const { command, origin } = pending;
    if (this.#stop.isAsked) {
      refuse(pending, rejected(pending, 'OVERLOADED', this.#parts.limits.overloadedRetryMs));
      return;
    }
    this.#repairs.begin(room);
    const refusal = this.#rooms.has(room) ? undefined : this.#admission.refusalOfFirst(room, command);
    if (refusal) {
      refuse(pending, { kind: 'rejected', rejection: refusal });
      return;
    }
    if (command.kind === 'join' && origin) {
      if (!placeMade && this.#admission.needsPlace(room)) {
        // It comes again after what the room that may go says to that.
        this.#removeUnspoken(this.#parts.limits.unspokenRoomMsMin);
        this.#mailbox.tell({ kind: 'submit', room, pending, placeMade: true });
        return;
      }
      const scarce = this.#admission.refusalOfShare(room, command, origin);
      if (scarce) {
        refuse(pending, { kind: 'rejected', rejection: scarce });
        return;
      }
    }
    // At its first join, or after its actor was given up: then its event log may have sessions without a connection.
    const actor = this.#rooms.get(room)?.actor ?? this.#open(room, 'CONNECTION_LOST');
    actor.tell({ kind: 'submit', pending });
  }

  #resume(room: string, pending: PendingResume): void {
    const { log, limits, journal } = this.#parts;
    if (this.#stop.isAsked) {
      refuse(pending, rejected(pending, 'OVERLOADED', limits.overloadedRetryMs));
      return;
    }
    this.#repairs.begin(room);
    const actor = this.#rooms.get(room)?.actor;
    if (actor) actor.tell({ kind: 'resume', pending });
    else refuse(pending, resumeRefusal({ log, room, journal }, pending.resume, false) ?? { kind: 'failed' });
  }

  /** Lets the room go that is empty for longest, and for `ms` at least, if it never had a message. */
  #removeUnspoken(ms: number): void {
    const room = this.#admission.nextUnspoken(ms);
    if (room === undefined) return;
    const supervised = this.#rooms.get(room);
    if (supervised) supervised.actor.tell({ kind: 'retire' });
    else this.#retired(room);
  }

  /** No actor has the room any more. */
  #retired(room: string): void {
    this.#rooms.delete(room);
    if (!this.#admission.ended(room)) return;
    this.#parts.log.remove(room).then(
      () => this.#mailbox.tell({ kind: 'room-removed', room }),
      (error) => this.#mailbox.tell({ kind: 'room-removed', room, error }),
    );
  }

  /** The room's actor, which ends the sessions without a connection, for this reason, before it does anything else. */
  #open(room: string, reason: LeftReason): RoomActor {
    const { limits, shares } = this.#parts;
    const actor = new RoomActor({
      ...this.#parts,
      ...{ room, memory: this.#memory, openings: this.#openings, holdings: shares.sessions },
      supervisor: this.#mailbox,
      observe: this.#observerOf(`room ${room}`),
    });
    const allowed = limits.roomRestartsPerMinuteMax;
    this.#rooms.set(room, { actor, restarts: new Pace({ perSecond: allowed / 60, burst: allowed }) });
    this.#admission.opened(room);
    actor.tell({ kind: 'end-orphans', reason });
    return actor;
  }

  /** Its event log cannot be read: it is tried again with its next join. */
  #roomUnreadable(room: string, err: unknown): void {
    this.#parts.journal.error('room-unreadable', { room, err });
    this.#rooms.delete(room);
    this.#repairs.unreadable(room);
  }

  #roomFailed(room: string, error: unknown): void {
    this.#parts.journal.error('room-failed', { room, err: error });
    // Its own restart ends what it left; readers that wait for the start's repair must not wait for that.
    this.#repairs.done(room);
    const supervised = this.#rooms.get(room);
    if (!supervised) return;
    const { limits, time } = this.#parts;
    // To a pace a rate of 0 is none at all.
    if (limits.roomRestartsPerMinuteMax > 0 && supervised.restarts.takeDue(time.now()) === 0) {
      supervised.actor.tell({ kind: 'restart' });
      return;
    }
    this.#rooms.delete(room);
    supervised.actor.tell({ kind: 'end', error });
  }

  #request(request: SessionRequest, replyTo: Ref<CommandReply>): void {
    const { kind, session, lamport: senderLamport } = request;
    const ordinal = kind === 'publish' ? request.publish.ordinal : 0;
    const room = roomOfSession(session);
    if (room === undefined || typeof ordinal === 'bigint') {
      const refusal = rejection(room === undefined ? 'SESSION_UNKNOWN' : 'ORDINAL_INVALID', ordinal);
      replyTo.tell({ kind: 'answered', request: kind, answer: { kind: 'rejected', rejection: refusal } });
      return;
    }
    const sent = { session, senderLamport, newestLamport: this.#memory.clock.newest, timeMs: this.#parts.time.now() };
    const command: Command =
      kind === 'publish' ? { kind, ...sent, ...request.publish, ordinal } : { kind, ...sent, reason: 'ASKED' };
    this.#submit({ kind: 'submit', room, pending: { command, replyTo } });
  }

  #readHistory(request: Extract<ServerRequest, { kind: 'read-history' }>): void {
    const { room, replyTo } = request;
    const history = () => readable<HistoryAnswer>(this.#parts.journal, room, () => historyOf(this.#parts, request));
    this.#repairs.whenDone(room, () => replyTo.tell(history()));
  }

  #listParticipants({ room, replyTo }: Extract<ServerRequest, { kind: 'list-participants' }>): void {
    this.#repairs.whenDone(room, () => {
      const present = this.#rooms.get(room);
      if (present) present.actor.tell({ kind: 'list-participants', replyTo });
      else if (isRoomName(room, this.#parts.limits.roomNameLengthMax)) {
        replyTo.tell({ kind: 'participants', names: none });
      } else replyTo.tell({ kind: 'rejected', rejection: rejection('ROOM_INVALID') });
    });
  }

  #startRepaired(outcome: RepairOutcome): void {
    this.#parts.journal.info('start-repaired', { ...outcome });
    this.#repaired?.();
  }

  #streamEnded(connection: Ref<ConnectionMessage>): void {
    this.#connections.delete(connection);
    this.#stop.streamEnded();
    // No room needs its place: one at a time, when a stream ends.
    if (!this.#stop.isAsked) this.#removeUnspoken(this.#parts.limits.unspokenRoomMsMax);
  }

  #roomClosed(room: string, state: RoomState | undefined): void {
    // Readers that still wait for the start's repair are told that the server stops.
    this.#stop.roomClosed(room, state);
    this.#repairs.done(room);
  }

  #close(): void {
    this.#repairs.stop();
    this.#stop.begin(this.#rooms);
  }

  #observerOf(actor: string): ((message: { readonly kind: string }) => void) | undefined {
    const { observe } = this.#parts;
    return observe && ((message) => observe(actor, message));
  }
}
