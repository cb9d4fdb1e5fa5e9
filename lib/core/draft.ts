import type { LeftReason } from './event.js';

/**
 * What somebody wants to become an event. A draft carries all that deciding on it needs, its time and its session id
 * too, so that the same drafts in the same order give the same events on any machine (design: step 2).
 */
export type Draft = JoinDraft | PublishDraft | LeaveDraft;

interface Sent {
  readonly session: string;
  /** The sender's Lamport time of the send; 0 where the server speaks for a client that is gone. */
  readonly sender: number;
  /** The newest Lamport time the server knew, in whatever room, when it took the draft in. */
  readonly known: number;
  /** Wall-clock milliseconds when the server took the draft in. */
  readonly timeMs: number;
}

export interface JoinDraft extends Sent {
  readonly kind: 'join';
  readonly name: string;
  readonly resumable: boolean;
}

export interface PublishDraft extends Sent {
  readonly kind: 'publish';
  readonly text: string;
  readonly ordinal: number;
  readonly seen: number;
}

export interface LeaveDraft extends Sent {
  readonly kind: 'leave';
  readonly reason: LeftReason;
}

/** What a rejection of `draft` names: a publish's ordinal, and 0 for all else. */
export function ordinalOf(draft: Draft): number {
  return draft.kind === 'publish' ? draft.ordinal : 0;
}
