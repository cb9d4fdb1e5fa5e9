import { encodeEvent } from '../../codec/event-codec.js';
import { ParticipantNames } from '../../codec/participant-names.js';
import type { Limits } from '../../core/limits.js';
import { type Decision, step } from '../../core/room.js';
import { type Position, type RoomState, snapshotOf } from '../../core/room-state.js';
import type { EncodedEntry, Group } from '../log/event-log.js';
import type { PendingCommand, PendingResume } from './pending.js';

/** What the room decided on one command, not yet durable. */
export interface CommandDecision {
  readonly pending: PendingCommand;
  readonly decision: Decision;
  /** With an accepted command: the encoded event. */
  readonly event?: Buffer;
  /** With an accepted join: the room as the newcomer found it. */
  readonly before?: { readonly position: Position; readonly participants: ParticipantNames };
}

export interface GroupDecision {
  readonly decisions: readonly CommandDecision[];
  /** What is to be appended; undefined if nothing became an event. */
  readonly group?: Group;
}

/** What became durable of a group, and the resumes that came in with it. */
export interface CommittedGroup {
  readonly decisions: readonly CommandDecision[];
  readonly entries: readonly EncodedEntry[];
  readonly resumes: readonly PendingResume[];
}

/**
 * Parts of snapshots that are written, and dropped, with one group: a snapshot waits until its parts are written, so
 * that none is much work at once, not even the first of a room that was kept in another way.
 */
const partsPerGroupMax = 1024;

/** Decides on `commands` in their order, and applies the events to `state` [P1] [P7]. */
export function decideGroup(state: RoomState, commands: readonly PendingCommand[], limits: Limits): GroupDecision {
  const entries: EncodedEntry[] = [];
  /** Who is present, as long as no participant leaves: the newcomers of a group share the list of those they found. */
  let present: ParticipantNames | undefined;
  const decisions = commands.map((pending): CommandDecision => {
    const { position } = state;
    const decision = step(state, pending.command, limits);
    if (decision.kind !== 'accepted') return { pending, decision };
    const { entry } = decision;
    const event = encodeEvent(entry.event);
    entries.push(entry.sessionStart ? { ...entry, bytes: event } : { event: entry.event, bytes: event });
    if (pending.command.kind === 'leave') present = undefined;
    if (pending.command.kind !== 'join') return { pending, decision, event };
    // The newcomer is the latest of all who are present.
    const participants = present ?? ParticipantNames.of([...state.byName.keys()].slice(0, -1));
    present = participants.with(entry.event.participant);
    return { pending, decision, event, before: { position, participants } };
  });
  if (entries.length === 0) return { decisions };
  return {
    decisions,
    group: groupOf(state, entries, { every: limits.snapshotEveryEvents, partsMax: partsPerGroupMax }),
  };
}

/**
 * What is to be appended so that a start replays nothing of `state`, all of which is in the event log; undefined where
 * it would replay nothing anyway.
 */
export function snapshotGroup(state: RoomState): Group | undefined {
  if (state.position.sequence === state.snapshots.sequence) return undefined;
  return groupOf(state, [], { every: 1, partsMax: Number.POSITIVE_INFINITY });
}

/** `entries` with what of the room's snapshots goes with them: parts first, and after all of them one that is due. */
function groupOf(
  state: RoomState,
  entries: readonly EncodedEntry[],
  { every, partsMax }: { readonly every: number; readonly partsMax: number },
): Group {
  const { room, sessions, position, snapshots } = state;
  const parts = snapshots.nextUnwritten(partsMax);
  const due = position.sequence - snapshots.sequence >= every && snapshots.isReady;
  const snapshot = due ? snapshotOf(state) : undefined;
  if (due) snapshots.snapshotTaken(position.sequence);
  const unneededParts = snapshots.nextUnneeded(partsMax);
  const group = { room, entries, participants: sessions.size, parts, unneededParts };
  return snapshot ? { ...group, snapshot } : group;
}
