import type { Welcome } from '../../codec/messages.js';
import { receive } from '../../core/clock.js';
import type { RoomEvent } from '../../core/event.js';
import { forgetSeen, isUnsettled, renumber, settleAccepted } from './outbox.js';
import type { PageHead, RecordEffect, Step } from './protocol.js';
import { type PageReading, position, type SessionState } from './state.js';
import { record, tellStatus } from './telling.js';

/*
 * What a session receives, by whichever connections: one history without gap or duplicate [P2] [P3]. It knows which of
 * its participant's sessions are its own, and so which messages answer its publishes.
 */

/** The first welcome, or one of another history: what was received before is not gone on with. */
export function beginHistory(state: SessionState, step: Step, welcome: Welcome): void {
  state.logId = welcome.logId;
  state.sequence = welcome.sequence;
  state.chain = welcome.chain;
  state.before = welcome.sequence;
  state.own = false;
  forgetSeen(state.outbox);
  beginInHistory(state, step, welcome);
}

/** The session begins anew. What lies between the position and its welcome is still to be received. */
export function beginInHistory(state: SessionState, step: Step, { newest, participants }: Welcome): void {
  state.start = newest;
  state.left = undefined;
  setParticipants(state, participants, newest);
  settle(state, step);
}

/** The room's participants are these, as of the event `asOf`. */
export function setParticipants(state: SessionState, participants: readonly string[], asOf: number): void {
  state.participants = new Set(participants);
  state.participantsAsOf = asOf;
}

/** Whether a welcome goes on from the position exactly. */
export function isHere({ logId, sequence, chain }: SessionState, welcome: Welcome): boolean {
  return welcome.logId === logId && welcome.sequence === sequence && welcome.chain === chain;
}

/**
 * Receives the next event; false, and nothing is received, if it is not the next of this history: no gap, no duplicate,
 * and the chain goes on, whichever connection it comes by [P1] [P2] [P3]. The chain of an event of an unknown kind
 * cannot be worked out: it is taken as it stands, and checked on from there. `filled`: ReadHistory gave it, as missed.
 */
export function receiveEvent(state: SessionState, step: Step, event: RoomEvent, filled: boolean): boolean {
  if (event.sequence !== state.sequence + 1) return false;
  if (event.kind !== 'unknown' && event.chain !== step.nextChain(state.chain, event)) return false;
  const before = position(state);
  state.sequence = event.sequence;
  state.chain = event.chain;
  state.time = receive(state.time, event.lamport);
  followParticipants(state, event);
  followOwnSession(state, event);
  const { timeMs, kind, ...more } = event;
  // `lamport` is the event's stamp, `clock` the client's own time [S7] [T4].
  const fields = { kind, ...more, timeMs, room: state.options.room, clock: state.time, ...(filled && { filled }) };
  step.effects.push({ kind: 'record', level: 'info', event: 'receive', fields } as RecordEffect);
  if (event.kind === 'message' && state.own && event.participant === state.options.name) {
    settleAccepted(state, step, event);
  }
  if (!state.settled) settle(state, step);
  step.effects.push({ kind: 'emit', event, before });
  return true;
}

function followParticipants(state: SessionState, { sequence, kind, participant }: RoomEvent): void {
  if (sequence <= state.participantsAsOf) return;
  if (kind === 'joined') state.participants.add(participant);
  if (kind === 'left') state.participants.delete(participant);
}

function followOwnSession(state: SessionState, event: RoomEvent): void {
  if (event.participant !== state.options.name) return;
  if (event.kind === 'joined' && event.sequence === state.start + 1) {
    state.own = true;
    state.left = undefined;
  } else if (event.kind === 'left' && state.own) {
    state.own = false;
    state.left = event.reason;
  }
}

function settle(state: SessionState, step: Step): void {
  state.settled = !isUnsettled(state.outbox) || state.sequence >= state.start;
  if (state.settled) renumber(state, step);
}

/** `more`: an answer is waited for. `done`: all is read. `lost`: what the server has does not follow. */
export type ReadingProgress = 'more' | 'done' | 'lost';

export function startReading(
  state: SessionState,
  step: Step,
  to: number | undefined,
  then: PageReading['then'],
): ReadingProgress {
  state.phase = 'reading';
  state.reading = { from: state.sequence, to, then, waiting: undefined, page: undefined };
  return askForPage(state, step);
}

/** A page has come: its events are taken, unless the reader has paused. */
export function receivePage(state: SessionState, step: Step, page: PageHead | 'lost'): ReadingProgress {
  const { reading } = state;
  if (!reading) return 'more';
  if (state.pauses.size > 0) {
    reading.waiting = page;
    return 'more';
  }
  reading.waiting = undefined;
  if (page === 'lost' || page.logId !== state.logId || page.newest < state.sequence) return 'lost';
  reading.page = page;
  if (page.events > 0) {
    step.effects.push({ kind: 'deliverPage' });
    return 'more';
  }
  return page.newest === state.sequence ? endPage(state, step) : 'lost';
}

/** The page that waited for the reader is taken now. */
export function receiveWaitingPage(state: SessionState, step: Step): ReadingProgress {
  const waiting = state.reading?.waiting;
  return waiting ? receivePage(state, step, waiting) : 'more';
}

export function receivePageEvent(state: SessionState, step: Step, event: RoomEvent): ReadingProgress {
  if (!state.reading?.page) return 'more';
  return receiveEvent(state, step, event, true) ? 'more' : 'lost';
}

/** All events of the page were received. */
export function endPage(state: SessionState, step: Step): ReadingProgress {
  const { reading } = state;
  if (!reading?.page) return 'more';
  const behind = reading.page.newest - state.sequence;
  reading.page = undefined;
  if (behind === 0) return endReading(state, step, reading);
  if (reading.to === undefined) tellStatus(state, step, { state: 'catching-up', behind });
  return askForPage(state, step);
}

function askForPage(state: SessionState, step: Step): ReadingProgress {
  const { reading, sequence, chain } = state;
  if (!reading) return 'more';
  const behind = reading.to === undefined ? undefined : reading.to - sequence;
  if (behind !== undefined && behind <= 0) return endReading(state, step, reading);
  step.effects.push({ kind: 'readHistory', after: sequence, limit: behind ?? 0, chain });
  if (behind !== undefined) tellStatus(state, step, { state: 'catching-up', behind });
  return 'more';
}

function endReading(state: SessionState, step: Step, { from }: PageReading): ReadingProgress {
  const { logId, sequence } = state;
  if (sequence > from) record(state, step, 'gap-filled', { logId, after: from, sequence });
  return 'done';
}
