import { nextChain } from './chain.js';
import { lamportBound, receive, senderLamportMax } from './clock.js';
import { type Command, type JoinCommand, type LeaveCommand, ordinalOf, type PublishCommand } from './command.js';
import type { Entry, JoinedEvent, KnownEvent, LeftEvent, MessageEvent } from './event.js';
import type { Limits } from './limits.js';
import { foldName, isName } from './name.js';
import { type Rejection, type RejectionReason, rejection } from './rejection.js';
import { evolve, isOver, type MemoryLimits, type RoomState } from './room-state.js';
import { textFault } from './text.js';

/** What a room makes of a command. */
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
 * One step of the room: decides on `command` and takes the event, if it becomes one, into `state`. A pure function of
 * its arguments but that it owns `state` and changes it in place: no clock, no randomness, no I/O.
 */
export function step(state: RoomState, command: Command, limits: RoomLimits): Decision {
  const decision = decide(state, command, limits);
  if (decision.kind === 'accepted') evolve(state, decision.entry, limits);
  return decision;
}

/**
 * Whether a command is refused for its sender's time, where `newest` is the newest time that is known: no honest clock
 * is there. A lead beyond the bound is small: a sender that uses it with each message must not outrun the bound.
 */
export function isTooFarAhead(
  { senderLamport: sender, timeMs }: Pick<Command, 'senderLamport' | 'timeMs'>,
  newest: number,
  limits: ClockLimits,
): boolean {
  if (sender > senderLamportMax) return true;
  return sender > lamportBound(timeMs, limits) && sender > newest + limits.lamportLeadMax;
}

/** What the room makes of `command`, with `state` left as it is. */
export function decide(state: RoomState, command: Command, limits: RoomLimits): Decision {
  const newest = Math.max(state.position.lamport, command.newestLamport);
  if (isTooFarAhead(command, newest, limits)) return refuse('LAMPORT_TOO_FAR_AHEAD', command);
  switch (command.kind) {
    case 'join':
      return decideJoin(state, command, limits);
    case 'publish':
      return decidePublish(state, command, limits);
    case 'leave':
      return decideLeave(state, command);
  }
}

function decideJoin(state: RoomState, command: JoinCommand, limits: RoomLimits): Decision {
  if (!isName(command.name, limits.nameCodePointsMax)) return refuse('NAME_INVALID', command);
  if (state.sessions.has(command.session)) return refuse('ALREADY_JOINED', command);
  if (state.foldedNames.has(foldName(command.name))) return refuse('NAME_TAKEN', command);
  if (state.sessions.size >= limits.participantsPerRoomMax) return refuse('ROOM_FULL', command);
  const { session, resumable } = command;
  return accept(stamp(state, command, command.name, { kind: 'joined' }), { session, resumable });
}

function decidePublish(state: RoomState, command: PublishCommand, limits: RoomLimits): Decision {
  const session = state.sessions.get(command.session);
  if (!session || isOver(state, session)) {
    const said = session?.ordinals.sequenceOf(command.ordinal);
    const sequence = said ?? state.ended.sequenceOf(command.session, command.ordinal);
    return sequence === undefined ? refuse('SESSION_UNKNOWN', command) : { kind: 'repeated', sequence };
  }
  const fault = textFault(command.text, limits.textCodePointsMax);
  if (fault) return refuse(fault, command);
  if (command.ordinal <= session.ordinals.newest) {
    const sequence = session.ordinals.sequenceOf(command.ordinal);
    return sequence === undefined ? refuse('ORDINAL_INVALID', command) : { kind: 'repeated', sequence };
  }
  if (!Number.isSafeInteger(command.ordinal)) return refuse('ORDINAL_INVALID', command);
  const { text, ordinal } = command;
  // Nobody has been shown what does not exist yet: a claim beyond the newest event counts as the newest.
  const seen = Math.min(command.seen, state.position.sequence);
  return accept(stamp(state, command, session.name, { kind: 'message', text, ordinal, seen }));
}

function decideLeave(state: RoomState, command: LeaveCommand): Decision {
  const session = state.sessions.get(command.session);
  if (!session) return refuse('SESSION_UNKNOWN', command);
  // Its Left is the room's to write: one that asks is told that the session is over.
  if (command.reason === 'ASKED' && isOver(state, session)) return refuse('SESSION_UNKNOWN', command);
  return accept(stamp(state, command, session.name, { kind: 'left', reason: command.reason }));
}

type Happening =
  | Pick<JoinedEvent, 'kind'>
  | Pick<MessageEvent, 'kind' | 'text' | 'ordinal' | 'seen'>
  | Pick<LeftEvent, 'kind' | 'reason'>;

/** Gives a happening its sequence, its Lamport time max(room, sender) + 1 [S8] [P7] and its chain [P1]. */
function stamp(state: RoomState, command: Command, participant: string, happening: Happening): KnownEvent {
  const { position } = state;
  const sequence = position.sequence + 1;
  const lamport = receive(position.lamport, command.senderLamport);
  const { timeMs } = command;
  if (happening.kind !== 'message') {
    const chain = nextChain(position.chain, { sequence, lamport, kind: happening.kind, participant });
    return { sequence, lamport, timeMs, participant, chain, ...happening };
  }
  // Written out, for a spread costs as much as all the rest: nearly all events are messages.
  const { kind, text, ordinal, seen } = happening;
  const chain = nextChain(position.chain, { sequence, lamport, seen, kind, participant, text });
  return { sequence, lamport, timeMs, participant, chain, kind, text, ordinal, seen };
}

function accept(event: KnownEvent, opens?: Entry['sessionStart']): Decision {
  return { kind: 'accepted', entry: opens ? { event, sessionStart: opens } : { event } };
}

function refuse(reason: RejectionReason, command: Command): Decision {
  return { kind: 'rejected', rejection: rejection(reason, ordinalOf(command)) };
}
