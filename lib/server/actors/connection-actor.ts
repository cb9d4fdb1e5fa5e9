import { type Observable, Subscription } from 'rxjs';
import type { PublishAction, ResumePlace } from '../../codec/messages.js';
import { encodeFarewell, encodeRejectionResponse, encodeWelcomeToAll } from '../../codec/responses.js';
import type { Command } from '../../core/command.js';
import type { LeftReason } from '../../core/event.js';
import { defaultRoom } from '../../core/name.js';

import { type Rejection, rejection } from '../../core/rejection.js';
import { roomOfSession, sessionId, sessionTag } from '../../core/session-id.js';
import type { Journal } from '../../platform/journal.js';
import type { WaitingPlace } from '../access/waiting-places.js';
import { EventsForgotten, LogDamaged } from '../log/event-log.js';
import type { CommandReply, PendingCommand, Ref, ResumeReply, RoomSession } from '../room/pending.js';
import { type Handlers, handle, Mailbox } from './mailbox.js';
import type { ConnectionMessage, ConnectionReport, StreamRequest, Wait } from './messages.js';
import type { Ending, StreamParts } from './peer.js';
import { StreamReading } from './stream-reading.js';
import { StreamSending } from './stream-sending.js';
import { StreamWaits } from './stream-waits.js';

export interface ConnectionParts extends StreamParts {
  readonly journal: Journal;
  /** 16 bytes that cannot be guessed, for a session's id. */
  readonly newSecret: () => Uint8Array;
  /** When to look whether its stream is quiet for too long (`heartbeatLooks`); without it, a stream may be. */
  readonly heartbeat$?: Observable<unknown> | undefined;
  /** The supervisor, who finds the room of a session that the stream has not got yet. */
  readonly supervisor: Ref<ConnectionReport>;
  readonly observe?: ((message: ConnectionMessage) => void) | undefined;
}

type JoinMessage = Extract<StreamRequest, { readonly kind: 'join' }>;

/** The session of this stream, from the moment its join, or resume, was asked for. */
interface Joined {
  readonly session: string;
  readonly room: string;
  readonly resuming: boolean;
  /** Whether, before the room has answered, the session is taken for one that outlives its stream. */
  readonly resumable: boolean;
  /** The Lamport time at which this stream asked to leave, however answered; not set where it has spoken since. */
  askedToLeaveAt?: number | undefined;
  /** Once the room has let it in. Without the welcome, which names all: each participant would keep that list. */
  letIn?: Pick<RoomSession, 'room' | 'participant' | 'resumable'>;
}

/**
 * One client connection's actor [T1]: a Chat or Subscribe stream with its session, its cursor and its clean-up. It
 * turns requests into commands, and its room's runs into writes while the stream takes them. It ends exactly once,
 * however the stream does, and leaves no session behind [P8].
 */
export class ConnectionActor implements Ref<ConnectionMessage> {
  static readonly #handlers: Handlers<ConnectionActor, ConnectionMessage> = {
    join: (stream, message) => stream.#join(message),
    publish: (stream, { lamport, publish }) => stream.#publish(lamport, publish),
    leave: (stream, { lamport }) => stream.#askToLeave(lamport),
    unknown: (stream) => stream.#refuse(rejection(stream.#joined ? 'NOT_ALLOWED' : 'NOT_JOINED')),
    malformed: (stream) => stream.#end({ kind: 'malformed' }),
    'half-closed': (stream) => stream.#halfClosed(),
    gone: (stream) => stream.#finish(),
    stop: (stream) => stream.#stop(),
    answered: (stream, reply) => stream.#answered(reply),
    left: (stream) => stream.#left(),
    'taken-over': (stream) => stream.#takenOver(),
    lost: (stream, { error }) => stream.#lost(error),
    overdue: (stream, { wait }) => stream.#overdue(wait),
    drained: (stream) => stream.#drained(),
    'crowded-out': (stream) => stream.#crowdedOut(),
    look: (stream) => stream.#look(),
  };
  readonly #parts: ConnectionParts;
  readonly #mailbox: Mailbox<ConnectionMessage>;
  readonly #subscriptions = new Subscription();
  readonly #waits: StreamWaits;
  readonly #reading: StreamReading;
  readonly #sending: StreamSending;
  /** Its place among the streams that have not joined; let go of when it joins. */
  #unjoined: WaitingPlace | undefined;
  /** What came while the first of these, a join, waits for its turn. */
  #heldRequests: StreamRequest[] = [];
  #joined: Joined | undefined;
  /** Whether the session is over, or another stream's: nothing is to be done for it when this one ends. */
  #released = false;
  #ending: Ending['kind'] | undefined;
  #gone = false;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    const { peer, limits, journal, memory, origin } = parts;
    this.#waits = new StreamWaits(parts, (wait) => this.tell({ kind: 'overdue', wait }));
    this.#reading = new StreamReading(parts, {
      send: (refusal) => this.#sending.send(encodeRejectionResponse(refusal)),
      rest: (ms) => this.#waits.start('rest', ms),
    });
    this.#sending = new StreamSending(parts, {
      stalled: () => this.#waits.start('stall', limits.stallMsMax),
      crowdedOut: () => this.tell({ kind: 'crowded-out' }),
    });
    this.#mailbox = new Mailbox({
      handle: (message) => this.#handle(message),
      failed: (error) => this.#fail(error),
      messagesMax: limits.mailboxMessagesMax,
      observe: parts.observe,
    });
    this.#subscriptions.add(peer.drained$.subscribe(() => this.tell({ kind: 'drained' })));
    this.#waits.start('join', limits.joinMsMax);
    const overdue = () => this.tell({ kind: 'overdue', wait: 'join' });
    this.#unjoined = memory.unjoined.enter(origin.principal, overdue);
    journal.info('connect', { peer: peer.address });
  }

  tell(message: ConnectionMessage): void {
    this.#mailbox.tell(message);
  }

  #handle(message: ConnectionMessage): void {
    if (!fromStream.has(message.kind)) handle(ConnectionActor.#handlers, this, message);
    else if (this.#ending) return;
    else if (this.#heldRequests.length > 0) this.#heldRequests.push(message as StreamRequest);
    else handle(ConnectionActor.#handlers, this, message);
  }

  #drained(): void {
    this.#sending.drained();
    this.#waits.stop('stall');
    // It reads what is left for it, so it gets its time anew.
    if (this.#waits.stop('linger')) this.#waits.start('linger', this.#parts.limits.lingerMsMax);
    if (!this.#ending) this.#reading.sendRefusals();
  }

  /** Its session is over: a stream that is not read must not keep its connection after that. */
  #left(): void {
    this.#released = true;
    this.#waits.start('linger', this.#parts.limits.lingerMsMax);
  }

  #takenOver(): void {
    if (this.#ending) return;
    this.#released = true;
    this.#sending.send(encodeFarewell({ reason: 'TAKEN_OVER', resume: false }));
    this.#end({ kind: 'complete' });
  }

  #stop(): void {
    if (this.#ending) return;
    const resume = this.#joined?.letIn?.resumable ?? false;
    this.#parts.peer.send(encodeFarewell({ reason: 'SERVER_STOPPING', resume }));
    this.#end({ kind: 'stopping' });
  }

  #askToLeave(lamport: number): void {
    if (this.#joined) {
      this.#joined.askedToLeaveAt = lamport;
      this.#leave('ASKED', { senderLamport: lamport, owed: false });
    } else this.#refuse(rejection('NOT_JOINED'));
  }

  /** Joins when it is its turn: until then nothing more is read from it. */
  #join(message: JoinMessage): void {
    if (this.#joined) {
      this.#refuse(rejection('ALREADY_JOINED'));
      return;
    }
    const { origin, time } = this.#parts;
    const turn = origin.turn(message.join.resume ? 'resume' : 'join', time.now());
    if (turn.kind === 'over') this.#refuseJoin(rejection('OVERLOADED', 0, turn.retryAfterMs));
    else if (turn.dueInMs === 0) this.#enter(message);
    else {
      this.#waits.stop('join');
      this.#heldRequests = [message];
      this.#reading.pause('turn');
      this.#waits.start('turn', turn.dueInMs);
    }
  }

  #goOnAfterTurn(): void {
    const [join, ...others] = this.#heldRequests;
    this.#heldRequests = [];
    this.#reading.goOn('turn');
    if (join?.kind === 'join') this.#enter(join);
    for (const request of others) this.#handle(request);
  }

  #enter({ lamport, join }: JoinMessage): void {
    this.#unjoined?.leave();
    this.#unjoined = undefined;
    if (join.resume) {
      this.#resume(join.resume, join.room);
      return;
    }
    this.#waits.stop('join');
    const room = join.room || defaultRoom;
    const { name, resumable } = join;
    const session = sessionId(room, this.#parts.newSecret());
    this.#joined = { session, room, resuming: false, resumable };
    this.#submit(
      { kind: 'join', session, senderLamport: lamport, name, resumable, ...this.#taken() },
      { history: join.history, stream: this, origin: this.#parts.origin },
    );
  }

  /** `askedRoom`: empty, or the session's. */
  #resume(resume: ResumePlace, askedRoom: string): void {
    const room = roomOfSession(resume.session);
    if (room === undefined || (askedRoom !== '' && askedRoom !== room)) {
      this.#refuseJoin(rejection('SESSION_UNKNOWN'));
      return;
    }
    this.#waits.stop('join');
    this.#joined = { session: resume.session, room, resuming: true, resumable: true };
    const { supervisor, origin } = this.#parts;
    supervisor.tell({ kind: 'resume', room, pending: { resume, stream: this, origin, replyTo: this } });
  }

  #publish(lamport: number, { text, ordinal, seen }: PublishAction): void {
    if (!this.#joined) this.#refuse(rejection('NOT_JOINED', ordinal));
    else if (typeof ordinal === 'bigint') this.#refuse(rejection('ORDINAL_INVALID', ordinal));
    else {
      const { session } = this.#joined;
      // Who speaks again stays.
      this.#joined.askedToLeaveAt = undefined;
      const taken = this.#taken();
      this.#submit({ kind: 'publish', session, senderLamport: lamport, text, ordinal, seen, ...taken });
      this.#reading.asked(taken.timeMs);
    }
  }

  #leave(reason: LeftReason, { senderLamport, owed }: { senderLamport: number; owed: boolean }): void {
    if (!this.#joined || this.#released) return;
    const { session } = this.#joined;
    this.#submit({ kind: 'leave', session, senderLamport, reason, ...this.#taken() }, { owed });
  }

  /** When a command was taken in, by the wall clock and by the newest time in all rooms. */
  #taken(): { newestLamport: number; timeMs: number } {
    const { memory, time } = this.#parts;
    return { newestLamport: memory.clock.newest, timeMs: time.now() };
  }

  /** To the session's room: through the supervisor until the room has let it in, and then directly. */
  #submit(command: Command, rest: Omit<PendingCommand, 'command' | 'replyTo'> = {}): void {
    if (!this.#joined) return;
    const { room, letIn } = this.#joined;
    const pending = { command, ...rest, replyTo: this };
    if (letIn) letIn.room.tell({ kind: 'submit', pending });
    else this.#parts.supervisor.tell({ kind: 'submit', room, pending });
  }

  #halfClosed(): void {
    if (!this.#parts.peer.bidirectional || this.#released) return;
    const { letIn, resumable, askedToLeaveAt } = this.#joined ?? {};
    // A library half-closes also a call that it gives up: it is no wish to leave where the client means to come back.
    const lost = (letIn?.resumable ?? resumable) && askedToLeaveAt === undefined;
    if (!this.#joined || lost) this.#end({ kind: 'complete' });
    else this.#leave('ASKED', { senderLamport: askedToLeaveAt ?? 0, owed: true });
  }

  #answered({ request, answer }: CommandReply | ResumeReply): void {
    if (request === 'publish') this.#reading.answered();
    if (answer.kind === 'accepted' && answer.session) this.#letIn(answer.session);
    else if (answer.kind === 'resumed') this.#letIn(answer.session);
    else if (answer.kind === 'failed') this.#end({ kind: 'failed' });
    // The stream has its repeat in what it is sent, or cannot have it: that is no reason to end it.
    else if (answer.kind === 'damaged' && request === 'publish') return;
    else if (answer.kind === 'damaged') this.#end({ kind: 'damaged' });
    else if (answer.kind === 'rejected') {
      if (request === 'join' || request === 'resume') {
        this.#joined = undefined;
        this.#refuseJoin(answer.rejection);
      } else if (!this.#released) this.#refuse(answer.rejection);
    }
  }

  #letIn({ welcome, events, ...letIn }: RoomSession): void {
    if (!this.#joined) return;
    const { heartbeat$, origin } = this.#parts;
    this.#joined.letIn = letIn;
    if (this.#ending) {
      // A join that ended before its answer has sent its leave after it.
      if (this.#joined.resuming && !this.#released) this.#releaseSession();
      return;
    }
    origin.use();
    this.#sending.send(...encodeWelcomeToAll(welcome));
    if (heartbeat$) this.#subscriptions.add(heartbeat$.subscribe(() => this.tell({ kind: 'look' })));
    this.#subscriptions.add(
      this.#sending.follow(events, welcome.sequence).subscribe({
        error: (error) => this.tell({ kind: 'lost', error }),
        complete: () => this.#end({ kind: 'complete' }),
      }),
    );
  }

  #lost(error: unknown): void {
    if (error instanceof EventsForgotten) this.#refuseJoin(rejection('HISTORY_LOST'));
    else if (error instanceof LogDamaged) this.#end({ kind: 'damaged' });
    else this.#fail(error);
  }

  /** A refusal after which the stream goes on. */
  #refuse(refusal: Rejection): void {
    if (!this.#ending) this.#reading.refuse(refusal, this.#parts.time.now());
  }

  /** A refusal that ends the stream: told within it where there is a place for that, and by its status. */
  #refuseJoin(refusal: Rejection): void {
    if (this.#ending) return;
    if (this.#parts.peer.bidirectional) this.#sending.send(encodeRejectionResponse(refusal));
    this.#end({ kind: 'refused', rejection: refusal });
  }

  #overdue(wait: Wait): void {
    if (wait === 'stall' || wait === 'linger') {
      if (!this.#waits.goesOn(wait)) this.#cut(wait);
      return;
    }
    this.#waits.stop(wait);
    if (wait === 'turn') this.#goOnAfterTurn();
    else if (wait === 'rest') this.#reading.goOn('rest');
    else if (this.#heldRequests.length === 0) this.#refuseJoin(rejection('NOT_JOINED'));
    else this.#refuseJoin(rejection('OVERLOADED', 0, this.#parts.limits.heldMsMax));
  }

  #crowdedOut(): void {
    this.#cut('stall', { limit: 'untakenBytesMax', limitValue: this.#parts.limits.untakenBytesMax });
  }

  #look(): void {
    if (!this.#ending) this.#sending.look();
  }

  #cut(wait: Wait, why: object = {}): void {
    if (this.#gone) return;
    const { journal, peer } = this.#parts;
    journal.warn('cut', { wait, ...why, ...this.#identifiers() });
    peer.destroy();
    this.#finish();
  }

  #fail(error: unknown): void {
    this.#parts.journal.error('connection-failed', { ...this.#identifiers(), err: error });
    this.#end({ kind: 'failed' });
  }

  /** Begins the end of the stream, from this side. */
  #end(ending: Ending): void {
    if (this.#ending) return;
    this.#ending = ending.kind;
    this.#waits.stop('join', 'turn', 'rest');
    this.#unjoined?.leave();
    this.#heldRequests = [];
    this.#subscriptions.unsubscribe();
    // A stopping server ends no sessions: its next life does, for what it cannot know now.
    if (ending.kind !== 'stopping') this.#releaseSession();
    if (this.#gone) return;
    this.#waits.start('linger', this.#parts.limits.lingerMsMax);
    try {
      this.#parts.peer.end(ending);
    } catch (error) {
      this.#parts.journal.error('end-failed', { ...this.#identifiers(), err: error });
      this.#parts.peer.destroy();
    }
  }

  /** Leaves the session of a stream that is lost to the room's grace, or ends it. */
  #releaseSession(): void {
    if (!this.#joined || this.#released) return;
    const { session, letIn, resuming } = this.#joined;
    if (letIn?.resumable) letIn.room.tell({ kind: 'lost', session, stream: this });
    // A resume without an answer may still be refused, and then the session is not this stream's to end.
    else if (letIn || !resuming) this.#leave('CONNECTION_LOST', { senderLamport: 0, owed: true });
    else return;
    this.#released = true;
  }

  #finish(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#end({ kind: 'complete' });
    this.#waits.end();
    this.#reading.end();
    this.#sending.drained();
    this.#parts.origin.release(this.#parts.time.now());
    this.#parts.journal.info('disconnect', { ...this.#identifiers() });
    this.#parts.supervisor.tell({ kind: 'ended', connection: this });
  }

  #identifiers(): object {
    const peer = this.#parts.peer.address;
    if (!this.#joined?.letIn) return { peer };
    const { session, room, letIn } = this.#joined;
    return { peer, participant: letIn.participant, session: sessionTag(session), room };
  }
}

/** What comes in on the stream: of one that is ending, nothing more is heard. */
const fromStream: ReadonlySet<ConnectionMessage['kind']> = new Set<StreamRequest['kind']>([
  ...(['join', 'publish', 'leave', 'unknown', 'malformed', 'half-closed'] as const),
]);
