import { nextChain } from './chain.js';
import { lamportBound, receive, senderLamportMax } from './clock.js';
import { type Draft, type JoinDraft, type LeaveDraft, ordinalOf, type PublishDraft } from './draft.js';
import type { Entry, JoinedEvent, KnownEvent, LeftEvent, MessageEvent } from './event.js';
import type { Limits } from './limits.js';
import { foldName, isName } from './name.js';
import { type Rejection, type RejectionReason, rejection } from './rejection.js';
import { evolve, type MemoryLimits, type RoomState } from './room-state.js';
import { textFault } from './text.js';

/** What a room makes of a draft. */
export type Decision =
  | { readonly kind: 'accepted'; readonly entry: Entry }
  /** A publish that was accepted before: the sequence of the event it became [P5]. */
  | { readonly kind: 'repeated'; readonly sequence: number }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

export type RoomLimits = MemoryLimits &
  Pick<Limits, 'textCodePointsMax' | 'nameCodePointsMax' | 'participantsPerRoomMax'> &
  ClockLimits;

type ClockLimits = Pick<Limits, 'lamportStartMax' | 'lamportPerSecondMax' | 'lamportLeadMax'>;

/**
 * One step of the room: decides on `draft` and takes the event, if it becomes one, into `state`. A pure function of its
 * arguments but that it owns `state` and changes it in place: no clock, no randomness, no I/O.
 */
export function step(state: RoomState, draft: Draft, limits: RoomLimits): Decision {
  const decision = decide(state, draft, limits);
  if (decision.kind === 'accepted') evolve(state, decision.entry, limits);
  return decision;
}

/**
 * Whether a draft is refused for its sender's time, where `newest` is the newest time that is known: no honest clock is there.
 * A lead beyond the bound is small, for whoever takes it with each message must not outrun the bound.
 */
export function isTooFarAhead(
  { sender, timeMs }: Pick<Draft, 'sender' | 'timeMs'>,
  newest: number,
  limits: ClockLimits,
): boolean {
  if (sender > senderLamportMax) return true;
  return sender > lamportBound(timeMs, limits) && sender > newest + limits.lamportLeadMax;
}

/** What the room makes of `draft`, with `state` left as it is. */
export function decide(state: RoomState, draft: Draft, limits: RoomLimits): Decision {
  const newest = Math.max(state.place.lamport, draft.known);
  if (isTooFarAhead(draft, newest, limits)) return refuse('LAMPORT_TOO_FAR_AHEAD', draft);
  switch (draft.kind) {
    case 'join':
      return decideJoin(state, draft, limits);
    case 'publish':
      return decidePublish(state, draft, limits);
    case 'leave':
      return decideLeave(state, draft);
  }
}

function decideJoin(state: RoomState, draft: JoinDraft, limits: RoomLimits): Decision {
  if (!isName(draft.name, limits.nameCodePointsMax)) return refuse('NAME_INVALID', draft);
  if (state.sessions.has(draft.session)) return refuse('ALREADY_JOINED', draft);
  if (state.taken.has(foldName(draft.name))) return refuse('NAME_TAKEN', draft);
  if (state.sessions.size >= limits.participantsPerRoomMax) return refuse('ROOM_FULL', draft);
  const { session, resumable } = draft;
  return accept(stamp(state, draft, draft.name, { kind: 'joined' }), { session, resumable });
}

function decidePublish(state: RoomState, draft: PublishDraft, limits: RoomLimits): Decision {
  const session = state.sessions.get(draft.session);
  if (!session) {
    const sequence = state.ended.sequenceOf(draft.session, draft.ordinal);
    return sequence === undefined ? refuse('SESSION_UNKNOWN', draft) : { kind: 'repeated', sequence };
  }
  const fault = textFault(draft.text, limits.textCodePointsMax);
  if (fault) return refuse(fault, draft);
  if (draft.ordinal <= session.ordinals.newest) {
    const sequence = session.ordinals.sequenceOf(draft.ordinal);
    return sequence === undefined ? refuse('ORDINAL_INVALID', draft) : { kind: 'repeated', sequence };
  }
  if (!Number.isSafeInteger(draft.ordinal)) return refuse('ORDINAL_INVALID', draft);
  const { text, ordinal } = draft;
  // Nobody has been shown what does not exist yet: a claim beyond the newest event counts as the newest.
  const seen = Math.min(draft.seen, state.place.sequence);
  return accept(stamp(state, draft, session.name, { kind: 'message', text, ordinal, seen }));
}

function decideLeave(state: RoomState, draft: LeaveDraft): Decision {
  const session = state.sessions.get(draft.session);
  if (!session) return refuse('SESSION_UNKNOWN', draft);
  return accept(stamp(state, draft, session.name, { kind: 'left', reason: draft.reason }));
}

type Happening =
  | Pick<JoinedEvent, 'kind'>
  | Pick<MessageEvent, 'kind' | 'text' | 'ordinal' | 'seen'>
  | Pick<LeftEvent, 'kind' | 'reason'>;

/** Gives a happening its sequence, its Lamport time max(room, sender) + 1 [S8] [P7] and its chain [P1]. */
function stamp(state: RoomState, draft: Draft, participant: string, happening: Happening): KnownEvent {
  const sequence = state.place.sequence + 1;
  const lamport = receive(state.place.lamport, draft.sender);
  const { kind, text, seen } = { text: '', seen: 0, ...happening };
  const chain = nextChain(state.place.chain, { sequence, lamport, seen, kind, participant, text });
  return { sequence, lamport, timeMs: draft.timeMs, participant, chain, ...happening };
}

function accept(event: KnownEvent, opens?: Entry['opens']): Decision {
  return { kind: 'accepted', entry: opens ? { event, opens } : { event } };
}

function refuse(reason: RejectionReason, draft: Draft): Decision {
  return { kind: 'rejected', rejection: rejection(reason, ordinalOf(draft)) };
}
