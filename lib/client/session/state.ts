import type { Welcome } from '../../codec/messages.js';
import type { LeftReason } from '../../core/event.js';
import type { Position, SavedSession, Status } from '../chat-client.js';
import type { Moment, PageHead, PauseReason } from './protocol.js';

/** What a session is begun with. */
export interface SessionOptions {
  readonly server: string;
  readonly room: string;
  readonly name: string;
  /** Earlier events to be sent before the live ones. */
  readonly history: number;
  /** Whether a lost connection is made again. */
  readonly reconnect: boolean;
  /** How long that is tried, in milliseconds. */
  readonly offlineMsMax: number;
  readonly publishMsMax: number;
}

/**
 * What the session does with its connection. `new`: nothing yet. `opening`, `joining`: waits for the connection, for
 * the answer to its join. `name-wait`: its name is still that of its own earlier session. `reading`: reads by
 * ReadHistory what it missed. `serving`: takes part. `offline`: waits until it tries again. `over`: for good.
 */
export type Phase = 'new' | 'opening' | 'joining' | 'name-wait' | 'reading' | 'serving' | 'offline' | 'over';

/** Events that were missed, read page by page by ReadHistory. */
export interface PageReading {
  /** The sequence before the first of them. */
  readonly from: number;
  /** The sequence of the last one; undefined: to the end of the room's event log. */
  readonly to: number | undefined;
  /** What comes after it. */
  readonly then: 'join' | 'serve';
  /** A page that has come, and waits for the reader; `lost`: the server no longer has what follows. */
  waiting: PageHead | 'lost' | undefined;
  /** The page whose events are being received. */
  page: PageHead | undefined;
}

/** A loss of the connection that is not made good yet. */
interface Outage {
  /** Since when: monotonic. */
  readonly sinceMs: number;
  /** The same by the wall clock. */
  readonly sinceWallMs: number;
  /** Why there is no connection, in a sentence for people. */
  reason: string;
}

/** A publish that waits for its event. */
export interface Publish {
  readonly id: number;
  readonly text: string;
  seen: number;
  /** The client's Lamport times when it was sent, the first time and the last; 0 before that. */
  first: number;
  last: number;
}

/**
 * The publishes of one session that wait for their event, in the order in which they were made, which is the order in
 * which they go out [P6]. One without an ordinal has certainly not been published; it gets the session's next one when
 * it goes out. One with an ordinal may have been: within its session it goes out again only with that one [P5].
 */
export interface Outbox {
  /** By ordinal, rising. */
  readonly numbered: Map<number, Publish>;
  /** Not sent yet. */
  waiting: Publish[];
  /** The newest ordinal used in this session. */
  ordinal: number;
  /** The newest ordinal of this session that an event had. */
  accepted: number;
  /** What the server had accepted when the session was resumed. */
  known: number;
}

/** All that a session knows: plain data, which only `next` changes. */
export class SessionState {
  readonly options: SessionOptions;
  phase: Phase = 'new';
  /** When the newest input that tells it came. */
  now: Moment = { ms: 0, wallMs: 0, random: 0 };
  /** This client's Lamport time [S8]. */
  time = 0;
  /** The newest connection's number; what comes of an earlier one is ignored. */
  connection = 0;
  /** Whether the server has let the session in at least once. */
  begun = false;
  status: Status | undefined;

  /** The newest session's id, as the server gave it, and its name in log records. */
  id: string | undefined;
  tag = '';
  idOver = true;
  /** Whether what was received is, as far as is known, of the history that the room has. */
  continuing = false;
  /** Whether the session is known from an earlier program only. */
  inherited = false;
  /** Whether the newest join was anew, and what lies before it is not known yet. */
  behind = false;
  /** Whether the join under way asks to resume. */
  resuming = false;
  /** Until when the own name is waited for, and how often that was tried. */
  nameUntilMs = 0;
  nameTries = 0;
  welcome: Welcome | undefined;

  logId = '';
  /** Of the last event received. */
  sequence = 0;
  chain = '';
  /** The sequence before the first event of this history that the session was sent. */
  before = 0;
  /** The sequence before the Joined of the newest session. */
  start = 0;
  /** Whether all events of earlier sessions are known, so that publishes may go out in the newest one. */
  settled = true;
  /** Whether what the participant's name does is the session's own doing. */
  own = false;
  /** Why the newest own session ended, if its Left was received. */
  left: LeftReason | undefined;
  /** Who is in the room, in the order of joining: as the server said at `participantsAsOf`, and what follows. */
  participants = new Set<string>();
  participantsAsOf = 0;

  readonly outbox: Outbox = { numbered: new Map(), waiting: [], ordinal: 0, accepted: 0, known: 0 };
  reading: PageReading | undefined;
  readonly pauses = new Set<PauseReason>();

  /** What the server did wrong, if it did. */
  fault: string | undefined;
  /** Since when the present connection serves: monotonic milliseconds. */
  servingSinceMs = 0;
  /** Whether the server has ended the stream, of which events may still come. */
  streamEnded = false;
  /** Whether the rest of the present stream's events is left to the next one. */
  skipping = false;
  outage: Outage | undefined;
  /** Tries to connect again since the last good connection. */
  tries = 0;

  leaving = false;
  closing = false;
  /** Whether the server was asked on this stream to end the session, and nothing was sent since. */
  askedToLeave = false;
  /** Whether the server has only `leaveMsMax` to end the session, the pauses of its reader not counted. */
  leaveHasTimeout = false;
  /** Whether that time runs. */
  leaveTimerRuns = false;

  /** Not begun yet. `saved`: an earlier program's session to go on with; `tag`: its name in log records. */
  constructor(options: SessionOptions, saved?: SavedSession, tag = '') {
    this.options = options;
    if (!saved) return;
    const { session, logId, sequence, chain, ordinal } = saved;
    Object.assign<SessionState, Partial<SessionState>>(this, {
      ...{ id: session, tag, logId, sequence, chain, before: sequence, start: sequence },
      ...{ idOver: false, continuing: true, inherited: true, own: true },
    });
    this.outbox.ordinal = ordinal;
  }
}

/** That of the last event received. */
export function position({ logId, sequence, chain }: SessionState): Position {
  return { logId, sequence, chain };
}

/** What a later program needs to go on from `at`. */
export function savedSession(state: SessionState, at: Position): SavedSession {
  const { server, room, name } = state.options;
  return { server, room, name, session: state.id ?? '', ...at, ordinal: state.outbox.ordinal, lamport: state.time };
}

/** Whether the participant only wants to be gone. */
export function isLeaving({ leaving, closing }: SessionState): boolean {
  return leaving || closing;
}

/** Whether the server can be asked for something: the connection has joined, and is not only being tried. */
export function isConnected({ phase, reading, outage }: SessionState): boolean {
  return phase === 'serving' || (phase === 'reading' && reading?.then === 'serve' && outage === undefined);
}
