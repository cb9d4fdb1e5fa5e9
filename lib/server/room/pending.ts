import type { ResumePlace } from '../../codec/messages.js';
import type { WelcomeToAll } from '../../codec/responses.js';
import { type Command, ordinalOf } from '../../core/command.js';
import { type Rejection, type RejectionReason, rejection } from '../../core/rejection.js';
import type { Origin } from '../access/origin.js';
import type { CursorSource } from './cursor.js';

/** Where an actor is reached. */
export interface Ref<Message> {
  tell(message: Message): void;
}

/** What comes into a room: a command, or the wish to resume, which is decided between the commands around it. */
export type Pending = PendingCommand | PendingResume;

/** A command on its way to its room, whose actor answers it once. */
export interface PendingCommand {
  readonly command: Command;
  /** Missing with a leave that the room itself asks for. */
  readonly replyTo?: Ref<CommandReply>;
  /** Earlier events wanted with a join. */
  readonly history?: number;
  /**
   * Set with the leave of a participant that is gone: no limit refuses it, and while the store cannot be written it is
   * kept and tried again [P8].
   */
  readonly owed?: boolean;
  /** With a join: the stream that the session begins with. */
  readonly stream?: Ref<StreamNotice>;
  /** With a join: where it comes from. */
  readonly origin?: Origin;
}

/** The wish to go on with a session, on its way through the same inlet. */
export interface PendingResume {
  readonly resume: ResumePlace;
  readonly replyTo: Ref<ResumeReply>;
  readonly stream: Ref<StreamNotice>;
  readonly origin: Origin;
}

/** Why nothing came of a request, as far as it is known. */
export type Refusal =
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  /** The room failed while deciding, or cannot read its event log: whether a command became an event is unknown. */
  | { readonly kind: 'failed' }
  /** What it takes to answer is damaged in the event log, now and later. Nothing became an event. */
  | { readonly kind: 'damaged' };

/** What became of a command. `event` is the encoded event (codec: `encodeEvent`). */
export type Answer =
  | { readonly kind: 'accepted'; readonly sequence: number; readonly event: Buffer; readonly session?: RoomSession }
  /** The publish had been accepted before [P5]. */
  | { readonly kind: 'repeated'; readonly sequence: number; readonly event: Buffer }
  | Refusal;

/** What became of the wish to go on with a session. */
export type ResumeAnswer = { readonly kind: 'resumed'; readonly session: RoomSession } | Refusal;

interface Reply<Request extends string, Given> {
  readonly kind: 'answered';
  readonly request: Request;
  readonly answer: Given;
}

export type CommandReply = Reply<Command['kind'], Answer>;

export type ResumeReply = Reply<'resume', ResumeAnswer>;

/** What a room tells a session's stream. */
export type StreamNotice =
  /** The session has ended, by whatever leave: what is up to its Left remains to be sent. */
  | { readonly kind: 'left' }
  /** The session goes on with another stream. */
  | { readonly kind: 'taken-over' };

/** What an accepted join, or resume, gives its connection. */
export interface RoomSession {
  readonly welcome: WelcomeToAll;
  readonly participant: string;
  /** Whether the session outlives a lost stream for a while. */
  readonly resumable: boolean;
  /** Where the session's further commands go, and the loss of its stream. */
  readonly room: Ref<SessionMessage>;
  /** The session's events, from the one after the welcome's place on. */
  readonly events: CursorSource;
}

/** What a session's connection tells its room. */
export type SessionMessage =
  | { readonly kind: 'submit'; readonly pending: PendingCommand }
  /** The session's stream is lost: from here on it is waited for. */
  | { readonly kind: 'lost'; readonly session: string; readonly stream: Ref<StreamNotice> };

/** Whether it waits in the room's inlet for nothing but the end of the turn. */
export function isUrgent(pending: Pending): boolean {
  return 'resume' in pending || pending.command.kind === 'publish';
}

/** Answers a request that nothing came of. */
export function refuse(pending: Pending, answer: Refusal): void {
  if ('resume' in pending) pending.replyTo.tell({ kind: 'answered', request: 'resume', answer });
  else pending.replyTo?.tell({ kind: 'answered', request: pending.command.kind, answer });
}

/** The rejection of a request for a reason that is not its own; `retryAfterMs`: when it may be made again. */
export function rejected(pending: Pending, reason: RejectionReason, retryAfterMs: number): Refusal {
  const ordinal = 'resume' in pending ? 0 : ordinalOf(pending.command);
  return { kind: 'rejected', rejection: rejection(reason, ordinal, retryAfterMs) };
}
