import type { Welcome } from '../../codec/messages.js';
import { receive } from '../../core/clock.js';
import type { RoomEvent } from '../../core/event.js';
import type { RecordEffect, Step } from './effects.js';
import { forgetSeen, isUnsettled, renumber, settleAccepted } from './outbox.js';
import { outboxTeller } from './record.js';
import { position, type SessionState } from './state.js';

/*
 * What a session receives, whichever connections it comes by: one history without gap or duplicate [P2] [P3]. It knows which
 * sessions of the participant's name are its own, and so which messages answer its publishes.
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
 * Receives the next event; false, and nothing is received, if it is not the next of this history: no gap, no duplicate, and the
 * chain goes on, whichever connection it comes by [P1] [P2] [P3]. The chain of an event whose kind is not known cannot be worked
 * out: it is taken as it stands, and what follows is checked from there. `filled`: it was read by ReadHistory because it was missed.
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
    settleAccepted(state.outbox, event, outboxTeller(state, step));
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
  if (state.settled) renumber(state.outbox, outboxTeller(state, step));
}
