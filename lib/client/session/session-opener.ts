import type { Welcome } from '../../codec/messages.js';
import { tick } from '../../core/clock.js';
import { clientLimits } from '../limits.js';
import { beginHistory, isHere, setParticipants } from './history.js';
import { backOffMs, lossOf } from './outage.js';
import { giveUpSent, resumeOutbox, type Sendable } from './outbox.js';
import type { Failure, Step } from './protocol.js';
import { isLeaving, position, type SessionState } from './state.js';
import { record, tellStatus } from './telling.js';

/*
 * The ways into a room: resuming the session; where that is over, reading what was missed and joining anew, without gap
 * or duplicate [P2] [P3]; and where the history itself is lost, beginning with the one that the room has now [P11].
 */

/** Whether there is a session to go on with; then it is asked for. */
export function askToResume(state: SessionState, step: Step): boolean {
  if (state.id === undefined || state.idOver) return false;
  sendJoin(state, step, true);
  return true;
}

/** Joins as a new session, and waits for the own name if it has to. */
export function askToJoin(state: SessionState, step: Step): void {
  state.nameUntilMs = state.now.ms + clientLimits.nameTakenMsMax;
  state.nameTries = 0;
  sendJoin(state, step, false);
}

/** Asks to resume, or to join as a new session, perhaps again as the own name was still taken. */
export function sendJoin(state: SessionState, step: Step, resuming: boolean): void {
  const { server, room, name, reconnect: resumable } = state.options;
  state.phase = 'joining';
  state.resuming = resuming;
  state.time = tick(state.time);
  const lamport = state.time;
  const place = position(state);
  const resume = resuming ? { session: state.id ?? '', ...place } : undefined;
  if (resuming) record(state, step, 'resume', { server, lamport, session: state.tag, ...place });
  else record(state, step, 'connect', { server, lamport });
  const history = resuming || state.continuing ? 0 : state.options.history;
  const request = { lamport, action: { kind: 'join', room, name, resumable, history, resume } } as const;
  step.effects.push({ kind: 'join', request });
}

/** The server has let the session in. Gives what to send again [P5] [P6], or a failure where it may not go on so. */
export function receiveWelcome(
  state: SessionState,
  step: Step,
  welcome: Welcome,
  tag: string,
): readonly Sendable[] | Failure {
  recordWelcome(state, step, welcome, tag);
  if (state.resuming) return resumeSession(state, step, welcome);
  state.id = welcome.session;
  state.tag = tag;
  state.idOver = false;
  state.inherited = false;
  state.behind = state.continuing;
  if (!state.continuing) beginHistory(state, step, welcome);
  state.continuing = true;
  return [];
}

function resumeSession(state: SessionState, step: Step, welcome: Welcome): readonly Sendable[] | Failure {
  state.behind = false;
  if (!welcome.resumed || !isHere(state, welcome)) {
    const message = 'The server did not go on from the place it was given. Join anew, and tell its operator.';
    return { kind: 'ended', message };
  }
  const { inherited } = state;
  if (inherited) setParticipants(state, welcome.participants, welcome.newest);
  state.inherited = false;
  // What an earlier session sent is not known to be refused or lost until that session's end was received.
  return state.settled ? resumeOutbox(state, step, welcome.ordinal, inherited) : [];
}

function recordWelcome(state: SessionState, step: Step, welcome: Welcome, tag: string): void {
  const { room, logId, sequence, chain, newest, resumed, ordinal } = welcome;
  const continues = resumed || state.continuing;
  const fields = { room, session: tag, logId, sequence, chain, newest, resumed, ordinal, continues };
  record(state, step, 'welcome', fields);
}

/**
 * The server did not let the session in. `join`: it is to join as a new one. `wait`: for its own name, which may still
 * be that of its earlier session, which the server is about to end. Else the failure.
 */
export function receiveRefusal(state: SessionState, step: Step, failure: Failure): 'join' | 'wait' | Failure {
  if (failure.kind === 'refused') record(state, step, 'join-refused', { ...failure.rejection });
  if (state.resuming) {
    const loss = lossOf(failure);
    if (!loss) return failure;
    if (isLeaving(state)) return { kind: 'gone' };
    state.idOver = true;
    if (loss === 'HISTORY_LOST') loseHistory(state, step);
    return 'join';
  }
  const isTaken = failure.kind === 'refused' && failure.rejection.reason === 'NAME_TAKEN';
  if (!isTaken || state.id === undefined || state.now.ms >= state.nameUntilMs) return failure;
  state.phase = 'name-wait';
  step.effects.push({ kind: 'wait', timer: 'name', ms: backOffMs(state.nameTries, state.now.random) });
  state.nameTries += 1;
  return 'wait';
}

/** All before the newest join is received, or cannot be. */
export function endCatchUp(state: SessionState, step: Step): void {
  const { welcome } = state;
  if (!welcome) return;
  if (state.continuing && !isHere(state, welcome)) loseHistory(state, step);
  if (!state.continuing) beginHistory(state, step, welcome);
  state.continuing = true;
  state.behind = false;
}

/** What was received cannot be gone on with. */
export function loseHistory(state: SessionState, step: Step): void {
  state.continuing = false;
  const { logId, sequence } = state;
  record(state, step, 'history-lost', { logId, sequence });
  const reason = "The room's history is not the one it was, and with it this message may be lost.";
  giveUpSent(state, step, 'history-lost', reason);
  tellStatus(state, step, { state: 'history-lost' });
}
