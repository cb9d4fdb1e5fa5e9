import { logFormat } from '../../codec/log-records.js';
import type { RoomEvent } from '../../core/event.js';
import type { Rejection } from '../../core/rejection.js';
import type { Status } from '../chat-client.js';
import { clientLimits } from '../limits.js';
import {
  beginInHistory,
  endPage,
  type ReadingProgress,
  receiveEvent,
  receivePage,
  receivePageEvent,
  receiveWaitingPage,
  startReading,
} from './history.js';
import { failureOutcome, failureSentence, lossOf, streamOutcome, waitToRetry, whyLost } from './outage.js';
import { type Sendable, settleAll, settleOverdue, settleRefused } from './outbox.js';
import type { Effect, Failure, Input, NextChain, PauseReason, Step, StreamEnd, TimerName } from './protocol.js';
import {
  askToJoin,
  askToResume,
  endCatchUp,
  loseHistory,
  receiveRefusal,
  receiveWelcome,
  sendJoin,
} from './session-opener.js';
import {
  notPublished,
  publish,
  refuseLeave,
  sendAgain,
  sendWaiting,
  sendWishToLeave,
  startLeaveTimer,
  stopLeaveTimer,
  unconfirmedLeave,
} from './speaking.js';
import { isLeaving, position, type SessionState } from './state.js';
import { record, tellProgress, tellStatus } from './telling.js';

/** Takes `input` in: changes `state` and gives what is to be done, in order. Deterministic; throws for nothing. */
export type Next = (state: SessionState, input: Input) => readonly Effect[];

/** The protocol of a client's session. `nextChain`: how a history's fingerprint goes on [P1]. */
export function sessionProtocol(nextChain: NextChain): Next {
  return (state, input) => {
    if (state.phase === 'over') return afterTheEnd(input);
    if ('now' in input) state.now = input.now;
    const step = { effects: [], nextChain };
    dispatch(state, step, input);
    return callsLast(step.effects);
  };
}

type Handlers = {
  readonly [K in Input['kind']]: (state: SessionState, step: Step, input: Extract<Input, { kind: K }>) => void;
};

/** What each input does, in the phase in which it is waited for; in another one it comes too late, and does nothing. */
const handlers: Handlers = {
  begin,
  opened: (state, step) => state.phase === 'opening' && enter(state, step),
  failed: (state, step, { failure }) => {
    if (state.phase === 'opening') failAttempt(state, step, failure);
    else if (state.phase === 'joining') refuse(state, step, failure);
  },
  welcomed: (state, step, input) => state.phase === 'joining' && welcome(state, step, input),
  received: (state, step, { event }) => receive(state, step, event),
  rejected: (state, step, { rejection }) => state.phase === 'serving' && reject(state, step, rejection),
  'response-end': endResponse,
  'stream-ended': (state) => {
    state.streamEnded ||= state.phase === 'serving';
  },
  lost: (state, step, input) => state.phase === 'serving' && lose(state, step, input.end),
  'page-read': (state, step, { page }) => isAwaitingPage(state) && readOn(state, step, receivePage(state, step, page)),
  'page-event': (state, step, { event }) =>
    state.phase === 'reading' && readOn(state, step, receivePageEvent(state, step, event)),
  'page-end': endPageOf,
  'page-failed': (state, step, { failure }) => isAwaitingPage(state) && failPage(state, step, failure),
  publish: (state, step, { id, text }) => publish(state, step, id, text),
  leave: (state, step) => !isLeaving(state) && wishToLeave(state, step, 'leaving'),
  close: (state, step) => !state.closing && wishToLeave(state, step, 'closing'),
  pause: (state, step, { reason }) => pause(state, step, reason),
  resume: (state, step, { reason }) => resume(state, step, reason),
  tick: (state, step, { timer }) => passTime(state, step, timer),
  clock: (state, _step, { time }) => {
    state.time = Math.max(state.time, time);
  },
};

function dispatch<K extends Input['kind']>(state: SessionState, step: Step, input: Extract<Input, { kind: K }>): void {
  if ('connection' in input && input.connection !== state.connection) return;
  (handlers as Handlers)[input.kind as K](state, step, input);
}

/** Of a session that is over nothing can be had. */
function afterTheEnd(input: Input): readonly Effect[] {
  return input.kind === 'publish' ? [notPublished(input.id)] : [];
}

/** What calls the program comes when all else of the step is done: it may call back. */
function callsLast(effects: readonly Effect[]): readonly Effect[] {
  const isCall = ({ kind }: Effect) => kind === 'emit' || kind === 'status' || kind === 'end';
  const first = effects.findIndex(isCall);
  if (first < 0 || first === effects.length - 1) return effects;
  return [...effects.filter((effect) => !isCall(effect)), ...effects.filter(isCall)];
}

function begin(state: SessionState, step: Step): void {
  if (state.phase !== 'new') return;
  record(state, step, 'begin', { server: state.options.server, clock: state.time, format: logFormat });
  open(state, step);
}

function open(state: SessionState, step: Step): void {
  state.connection += 1;
  state.phase = 'opening';
  step.effects.push({ kind: 'open', connection: state.connection });
}

/** There is a connection: the session is resumed over it, or begun anew. */
function enter(state: SessionState, step: Step): void {
  if (!askToResume(state, step)) enterAnew(state, step);
}

function enterAnew(state: SessionState, step: Step): void {
  // Before the join, so that its stream does not have to wait long for what it brings to be read. Not in the beginning:
  // nobody can have subscribed to it yet.
  if (state.begun && state.continuing) readOn(state, step, startReading(state, step, undefined, 'join'));
  else askToJoin(state, step);
}

function refuse(state: SessionState, step: Step, failure: Failure): void {
  const next = receiveRefusal(state, step, failure);
  if (next === 'join') enterAnew(state, step);
  else if (next !== 'wait') failEntry(state, step, next);
}

function welcome(state: SessionState, step: Step, input: Extract<Input, { kind: 'welcomed' }>): void {
  const again = receiveWelcome(state, step, input.welcome, input.tag);
  if ('kind' in again) {
    step.effects.push({ kind: 'cancel' });
    failEntry(state, step, again);
    return;
  }
  state.welcome = input.welcome;
  if (!state.begun) {
    state.begun = true;
    step.effects.push({ kind: 'joined' });
  }
  if (state.behind) catchUp(state, step);
  else serve(state, step, again);
}

/** Receives what happened before the join and is not known yet. */
function catchUp(state: SessionState, step: Step): void {
  const { welcome } = state;
  if (welcome && welcome.logId === state.logId && welcome.sequence >= state.sequence) {
    beginInHistory(state, step, welcome);
    readOn(state, step, startReading(state, step, welcome.sequence, 'serve'));
  } else {
    endCatchUp(state, step);
    serve(state, step, []);
  }
}

function isAwaitingPage({ phase, reading }: SessionState): boolean {
  return phase === 'reading' && reading !== undefined && !reading.page && !reading.waiting;
}

function readOn(state: SessionState, step: Step, progress: ReadingProgress): void {
  const { reading } = state;
  if (progress === 'more' || !reading) return;
  state.reading = undefined;
  if (progress === 'lost') loseHistory(state, step);
  if (reading.then === 'join') askToJoin(state, step);
  else {
    endCatchUp(state, step);
    serve(state, step, []);
  }
}

function endPageOf(state: SessionState, step: Step): void {
  if (state.phase !== 'reading' || !state.reading?.page) return;
  if (state.left === 'REMOVED') {
    failReading(state, step, { kind: 'ended', message: 'The server removed you from the room.' });
  } else readOn(state, step, endPage(state, step));
}

function failPage(state: SessionState, step: Step, failure: Failure): void {
  // A session that is not known does not matter to a reader of history.
  if (lossOf(failure) === 'HISTORY_LOST') readOn(state, step, receivePage(state, step, 'lost'));
  else failReading(state, step, failure);
}

function failReading(state: SessionState, step: Step, failure: Failure): void {
  const isBeforeJoin = state.reading?.then === 'join';
  state.reading = undefined;
  if (isBeforeJoin) failEntry(state, step, failure);
  else {
    step.effects.push({ kind: 'cancel' });
    failAttempt(state, step, failure);
  }
}

/** The session could not get in over this connection. */
function failEntry(state: SessionState, step: Step, failure: Failure): void {
  record(state, step, 'not-joined', { server: state.options.server, err: failure }, failure);
  failAttempt(state, step, failure);
}

function failAttempt(state: SessionState, step: Step, failure: Failure): void {
  step.effects.push({ kind: 'close' });
  if (!state.begun) {
    state.phase = 'over';
    step.effects.push({ kind: 'notJoined', failure });
    return;
  }
  const last = failureOutcome(failure);
  const reason = failureSentence(failure);
  if (failure.kind === 'broken') record(state, step, 'visit-failed', { err: failure }, failure);
  if (last) end(state, step, last);
  // What an earlier program had missed could not be read, over the one connection that there is to be.
  else if (!state.options.reconnect) end(state, step, { state: 'ended', reason: `${reason} Join anew.` });
  else {
    const msMin = state.outage && failure.kind === 'refused' ? failure.rejection.retryAfterMs : 0;
    goOffline(state, step, reason, msMin);
  }
}

function goOffline(state: SessionState, step: Step, reason: string, msMin = 0): void {
  const last = waitToRetry(state, step, reason, msMin);
  if (last) end(state, step, last);
}

/** Takes part over the present connection. `again`: what was sent before and is not known to be accepted, in order. */
function serve(state: SessionState, step: Step, again: readonly Sendable[]): void {
  state.phase = 'serving';
  state.outage = undefined;
  state.servingSinceMs = state.now.ms;
  state.streamEnded = false;
  state.skipping = false;
  state.askedToLeave = false;
  sendAgain(state, step, again);
  sendWaiting(state, step);
  sendWishToLeave(state, step);
  step.effects.push({ kind: 'listen', paused: state.pauses.size > 0 });
  tellProgress(state, step);
}

function receive(state: SessionState, step: Step, event: RoomEvent): void {
  if (state.phase !== 'serving' || state.fault) return;
  // What a stream that is over still had for a reader who has not come is not waited with: a new one brings it again.
  if (state.streamEnded && state.options.reconnect && state.pauses.has('unread')) state.skipping = true;
  if (state.skipping || receiveEvent(state, step, event, false)) return;
  state.fault = `The server sent event ${event.sequence} out of order, or with another history than before`;
  step.effects.push({ kind: 'cancel' });
}

function endResponse(state: SessionState, step: Step): void {
  if (state.phase !== 'serving') return;
  if (state.status?.state !== 'live') tellProgress(state, step);
  sendWaiting(state, step);
}

function reject(state: SessionState, step: Step, refusal: Rejection): void {
  record(state, step, 'refused', { session: state.tag, ...refusal, ordinal: Number(refusal.ordinal) });
  if (refusal.ordinal !== 0) settleRefused(state, step, refusal);
  else refuseLeave(state, step, refusal);
}

function lose(state: SessionState, step: Step, streamEnd: StreamEnd): void {
  step.effects.push({ kind: 'close' });
  if (state.now.ms - state.servingSinceMs >= clientLimits.settledMs) state.tries = 0;
  const last = streamOutcome(streamEnd, state);
  if (last) {
    end(state, step, last);
    return;
  }
  if (!isLeaving(state) && streamEnd.how === 'damaged') {
    // What should have come next is damaged in the room's event log: there is no going on from the position.
    state.idOver = true;
    loseHistory(state, step);
  }
  goOffline(state, step, whyLost(streamEnd));
}

/** Asks to leave: `leaving`, while the server may refuse; `closing`: in any case. */
function wishToLeave(state: SessionState, step: Step, wish: 'leaving' | 'closing'): void {
  state[wish] = true;
  sendWishToLeave(state, step);
  state.leaveHasTimeout = true;
  // The own Left comes after all that waits, so a reader that has paused, or has not come, is waited for no more.
  step.effects.push({ kind: 'forgetReader' });
  state.pauses.clear();
  flowOn(state, step);
  retryNow(state, step);
}

function pause(state: SessionState, step: Step, reason: PauseReason): void {
  state.pauses.add(reason);
  if (state.phase === 'serving') step.effects.push({ kind: 'flow', paused: true });
  stopLeaveTimer(state, step);
}

function resume(state: SessionState, step: Step, reason: PauseReason): void {
  state.pauses.delete(reason);
  if (state.pauses.size === 0) flowOn(state, step);
}

/** No reason is left to take no events. */
function flowOn(state: SessionState, step: Step): void {
  if (state.phase === 'serving') step.effects.push({ kind: 'flow', paused: false });
  startLeaveTimer(state, step);
  if (state.phase === 'reading') readOn(state, step, receiveWaitingPage(state, step));
}

/** Without a connection: one is tried now. */
function retryNow(state: SessionState, step: Step): void {
  const { phase } = state;
  if (phase !== 'offline' && phase !== 'name-wait') return;
  const timer = phase === 'offline' ? 'retry' : 'name';
  step.effects.push({ kind: 'cancelWait', timer });
  passTime(state, step, timer);
}

function passTime(state: SessionState, step: Step, timer: TimerName): void {
  if (timer === 'retry' && state.phase === 'offline') {
    open(state, step);
    tellStatus(state, step, { state: 'connecting', sinceMs: state.outage?.sinceWallMs ?? state.now.wallMs });
  } else if (timer === 'name' && state.phase === 'name-wait') sendJoin(state, step, false);
  else if (timer === 'leave' && state.leaveTimerRuns)
    end(state, step, { state: 'ended', reason: unconfirmedLeave(state) });
  else if (typeof timer === 'number') {
    settleOverdue(state, step, timer);
  }
}

function end(state: SessionState, step: Step, status: Status): void {
  const { left } = state;
  record(state, step, 'disconnect', { ...position(state), ...status, ...(left && { left }) });
  settleAll(state, step, status.state === 'ended' ? status.reason : 'the visit is over');
  step.effects.push({ kind: 'cancel' }, { kind: 'close' });
  state.phase = 'over';
  state.status = status;
  step.effects.push({ kind: 'end', status });
}
