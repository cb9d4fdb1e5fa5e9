import type { Observable } from 'rxjs';
import type { ResumePlace } from '../../codec/requests.js';
import type { WelcomeToAll } from '../../codec/responses.js';
import type { Draft } from '../../core/draft.js';
import type { Rejection } from '../../core/rejection.js';
import type { Origin } from '../access/origin.js';
import type { Run } from '../log/event-log.js';

/** What comes into a room: a command, or the wish to go on with a session, which is decided between the commands around it. */
export type Pending = Submission | Resumption;

/** Whether it waits in the room's inlet for nothing but the end of the turn. */
export function isUrgent(pending: Pending): boolean {
  return 'resume' in pending || pending.draft.kind === 'publish';
}

/** A participant's stream, as its events come to it. */
export interface Flow {
  readonly writable: () => boolean;
  /** Emits when `writable` turned true. */
  readonly drained$: Observable<void>;
  /** Takes the next run, if it was writable. */
  readonly send: (run: Run) => void;
}

/** What an accepted join, or resume, gives its connection. */
export interface Visit {
  readonly welcome: WelcomeToAll;
  readonly participant: string;
  /** Whether the session outlives a lost stream for a while. */
  readonly resumable: boolean;
  /** The stream is lost: from here on the session of a resumable visit is waited for. */
  readonly lost: () => void;
  /**
   * Sends the visit's events as runs, from the one after the welcome's place on, as fast as `flow` allows. Completes after
   * the participant's own Left; errors with `EventsForgotten` where the log no longer holds what the participant is to get, with
   * `LogDamaged` where it cannot be read.
   */
  readonly follow: (flow: Flow) => Observable<never>;
}

/** What became of a draft. `event` is the encoded event (codec: `encodeEvent`). */
export type Answer =
  | { readonly kind: 'accepted'; readonly sequence: number; readonly event: Buffer; readonly visit?: Visit }
  /** The publish had been accepted before [P5]. */
  | { readonly kind: 'repeated'; readonly sequence: number; readonly event: Buffer }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  /** The room failed over it: nobody knows whether it became an event. */
  | { readonly kind: 'failed' }
  /** What it takes to answer cannot be read from the log, now or later: damaged. Nothing became an event. */
  | { readonly kind: 'damaged' };

/** What became of the wish to go on with a session. */
export type ResumeAnswer =
  | { readonly kind: 'resumed'; readonly visit: Visit }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | { readonly kind: 'failed' }
  /** The session is there, but the log cannot say whether its place is. */
  | { readonly kind: 'damaged' };

/** A draft on its way to its room. `answer` is called once, from within the room's turn. */
export interface Submission {
  readonly draft: Draft;
  /** Earlier events wanted with a join. */
  readonly history?: number;
  /**
   * Set with the leave of somebody who is gone: no limit refuses it, and while the log cannot be written it is kept
   * and tried again [P8].
   */
  readonly owed?: boolean;
  /** With an owed leave: told when it had to be kept. */
  readonly kept?: () => void;
  readonly answer: (answer: Answer) => void;
  /** With a join. */
  readonly stream?: StreamOfSession;
  /** With a join: where it comes from. */
  readonly origin?: Origin;
}

/** What a session's stream wants to be told. */
export interface StreamOfSession {
  /** The session has ended, by whatever leave. */
  readonly left: () => void;
  /** The session goes on with another stream. */
  readonly takenOver: () => void;
}

/** The wish to go on with a session, on its way through the same inlet: it is decided between the drafts around it. */
export interface Resumption {
  readonly resume: ResumePlace;
  readonly stream: StreamOfSession;
  readonly origin: Origin;
  readonly answer: (answer: ResumeAnswer) => void;
}
