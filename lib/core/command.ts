import type { LeftReason } from './event.js';

/**
 * What a client wants to become an event. A command carries all that the decision needs, including its time and its
 * session id, so that the same commands in the same order give the same events on any machine [P1].
 */
export type Command = JoinCommand | PublishCommand | LeaveCommand;

interface CommandBase {
  readonly session: string;
  /** The sender's Lamport time of the send; 0 where the server speaks for a client that is gone. */
  readonly senderLamport: number;
  /** The newest Lamport time the server knew, in whatever room, when it took the command in. */
  readonly newestLamport: number;
  /** Wall-clock milliseconds when the server took the command in. */
  readonly timeMs: number;
}

export interface JoinCommand extends CommandBase {
  readonly kind: 'join';
  readonly name: string;
  readonly resumable: boolean;
}

export interface PublishCommand extends CommandBase {
  readonly kind: 'publish';
  readonly text: string;
  readonly ordinal: number;
  readonly seen: number;
}

export interface LeaveCommand extends CommandBase {
  readonly kind: 'leave';
  readonly reason: LeftReason;
}

/** What a rejection of `command` names: a publish's ordinal, and 0 for all else. */
export function ordinalOf(command: Command): number {
  return command.kind === 'publish' ? command.ordinal : 0;
}
