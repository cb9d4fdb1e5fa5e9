import type { Welcome } from '../../codec/messages.js';
import type { LeftReason } from '../../core/event.js';
import type { Position, SavedSession, Status } from '../chat-client.js';
import type { Moment, PageHead, PauseReason } from './inputs.js';
import { type Outbox, openOutbox } from './outbox.js';

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
 * What the session does with its connection. `new`: nothing yet. `opening`, `joining`: waits for the connection, for the answer to
 * its join. `name-wait`: its name is still that of its own earlier session. `reading`: reads by ReadHistory what it missed.
 * `serving`: takes part. `offline`: waits until it tries again. `over`: for good.
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
export interface Outage {
  /** Since when: monotonic. */
  readonly sinceMs: number;
  /** The same by the wall clock. */
  readonly sinceWallMs: number;
  /** Why there is no connection, in a sentence for people. */
  reason: string;
}

/** All that a session knows: plain data, which only `next` changes. */
export interface SessionState {
  readonly options: SessionOptions;
  phase: Phase;
  /** When the newest input that tells it came. */
  now: Moment;
  /** This client's Lamport time [S8]. */
  time: number;
  /** The newest connection's number; what comes of an earlier one is ignored. */
  connection: number;
  /** Whether the server has let the session in at least once. */
  begun: boolean;
  status: Status | undefined;

  /** The newest session's id, as the server gave it, and its name in log records. */
  id: string | undefined;
  tag: string;
  idOver: boolean;
  /** Whether what was received is, as far as is known, of the history that the room has. */
  continuing: boolean;
  /** Whether the session is known from an earlier program only. */
  inherited: boolean;
  /** Whether the newest join was anew, and what lies before it is not known yet. */
  behind: boolean;
  /** Whether the join under way asks to resume. */
  resuming: boolean;
  /** Until when the own name is waited for, and how often that was tried. */
  nameUntilMs: number;
  nameTries: number;
  welcome: Welcome | undefined;

  logId: string;
  /** Of the last event received. */
  sequence: number;
  chain: string;
  /** The sequence before the first event of this history that the session was sent. */
  before: number;
  /** The sequence before the Joined of the newest session. */
  start: number;
  /** Whether all events of earlier sessions are known, so that publishes may go out in the newest one. */
  settled: boolean;
  /** Whether what the participant's name does is the session's own doing. */
  own: boolean;
  /** Why the newest own session ended, if its Left was received. */
  left: LeftReason | undefined;
  /** Who is in the room, in the order of joining: as the server said at `participantsAsOf`, kept up with what follows. */
  participants: Set<string>;
  participantsAsOf: number;

  readonly outbox: Outbox;
  reading: PageReading | undefined;
  readonly pauses: Set<PauseReason>;

  /** What the server did wrong, if it did. */
  fault: string | undefined;
  /** Since when the present connection serves: monotonic milliseconds. */
  servingSinceMs: number;
  /** Whether the server has ended the stream, of which events may still come. */
  streamEnded: boolean;
  /** Whether the rest of the present stream's events is left to the next one. */
  skipping: boolean;
  outage: Outage | undefined;
  /** Tries to connect again since the last good connection. */
  tries: number;

  leaving: boolean;
  closing: boolean;
  /** Whether the server was asked on this stream to end the session, and nothing was sent since. */
  askedToLeave: boolean;
  /** Whether the server has only `leaveMsMax` to end the session, not counting the time for which its reader has paused. */
  leaveHasTimeout: boolean;
  /** Whether that time runs. */
  leaveTimerRuns: boolean;
}

/** A session that has not begun. `saved`: that of an earlier program, to go on with; `tag`: its name in log records. */
export function newSession(options: SessionOptions, saved?: SavedSession, tag = ''): SessionState {
  return {
    options,
    phase: 'new',
    now: { ms: 0, wallMs: 0, random: 0 },
    time: 0,
    connection: 0,
    begun: false,
    status: undefined,
    id: saved?.session,
    tag,
    idOver: !saved,
    continuing: saved !== undefined,
    inherited: saved !== undefined,
    behind: false,
    resuming: false,
    nameUntilMs: 0,
    nameTries: 0,
    welcome: undefined,
    logId: saved?.logId ?? '',
    sequence: saved?.sequence ?? 0,
    chain: saved?.chain ?? '',
    before: saved?.sequence ?? 0,
    start: saved?.sequence ?? 0,
    settled: true,
    own: saved !== undefined,
    left: undefined,
    participants: new Set(),
    participantsAsOf: 0,
    outbox: openOutbox(saved?.ordinal),
    reading: undefined,
    pauses: new Set(),
    fault: undefined,
    servingSinceMs: 0,
    streamEnded: false,
    skipping: false,
    outage: undefined,
    tries: 0,
    leaving: false,
    closing: false,
    askedToLeave: false,
    leaveHasTimeout: false,
    leaveTimerRuns: false,
  };
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

/** Whether the server can be asked for something: there is a connection that has joined, and that is not being tried only. */
export function isConnected({ phase, reading, outage }: SessionState): boolean {
  return phase === 'serving' || (phase === 'reading' && reading?.then === 'serve' && outage === undefined);
}
