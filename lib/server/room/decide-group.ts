import { encodeEvent } from '../../codec/event-codec.js';
import { ParticipantNames } from '../../codec/participant-names.js';
import type { Limits } from '../../core/limits.js';
import { type Decision, step } from '../../core/room.js';
import { type Place, type RoomState, snapshotOf } from '../../core/room-state.js';
import type { EncodedEntry, Group } from '../log/event-log.js';
import type { Resumption, Submission } from './pending.js';

/** What the room decided on one draft, not yet durable. */
export interface Decided {
  readonly submission: Submission;
  readonly decision: Decision;
  /** With an accepted draft: the encoded event. */
  readonly event?: Buffer;
  /** With an accepted join: the room as the newcomer found it. */
  readonly before?: { readonly place: Place; readonly participants: ParticipantNames };
}

export interface Folded {
  readonly decided: readonly Decided[];
  /** What is to be appended; undefined if nothing became an event. */
  readonly group?: Group;
}

/** What became durable of a group, and the resumes that came in with it. */
export interface Committed {
  readonly decided: readonly Decided[];
  readonly entries: readonly EncodedEntry[];
  readonly resumptions: readonly Resumption[];
}

/**
 * Parts of snapshots that are written, and dropped, with one group: a snapshot waits until its parts are written, so that
 * none is much work at once, not even the first of a room that was kept in another way.
 */
const partsPerGroupMax = 1024;

/** Decides on `submissions` in their order, and takes what becomes an event into `state` (design: step 2). */
export function foldGroup(state: RoomState, submissions: readonly Submission[], limits: Limits): Folded {
  const entries: EncodedEntry[] = [];
  /** Who is present, as long as nobody leaves: the newcomers of a group share the list of those they found. */
  let present: ParticipantNames | undefined;
  const decided = submissions.map((submission): Decided => {
    const { place } = state;
    const decision = step(state, submission.draft, limits);
    if (decision.kind !== 'accepted') return { submission, decision };
    const { entry } = decision;
    const event = encodeEvent(entry.event);
    entries.push(entry.opens ? { ...entry, bytes: event } : { event: entry.event, bytes: event });
    if (submission.draft.kind === 'leave') present = undefined;
    if (submission.draft.kind !== 'join') return { submission, decision, event };
    // The newcomer is the latest of all who are present.
    const participants = present ?? ParticipantNames.of([...state.byName.keys()].slice(0, -1));
    present = participants.with(entry.event.participant);
    return { submission, decision, event, before: { place, participants } };
  });
  if (entries.length === 0) return { decided };
  return { decided, group: groupOf(state, entries, { every: limits.snapshotEveryEvents, partsMax: partsPerGroupMax }) };
}

/**
 * What is to be appended so that a start replays nothing of `state`, all of which is in the event log; undefined where it would
 * replay nothing anyway.
 */
export function snapshotGroup(state: RoomState): Group | undefined {
  if (state.place.sequence === state.snapshots.sequence) return undefined;
  return groupOf(state, [], { every: 1, partsMax: Number.POSITIVE_INFINITY });
}

/** `entries` and what of the room's snapshots goes with them: parts first, and when all are written, a snapshot that is due. */
function groupOf(
  state: RoomState,
  entries: readonly EncodedEntry[],
  { every, partsMax }: { readonly every: number; readonly partsMax: number },
): Group {
  const { room, sessions, place, snapshots } = state;
  const parts = snapshots.nextUnwritten(partsMax);
  const due = place.sequence - snapshots.sequence >= every && snapshots.isReady;
  const snapshot = due ? snapshotOf(state) : undefined;
  if (due) snapshots.snapshotTaken(place.sequence);
  const unneededParts = snapshots.nextUnneeded(partsMax);
  const group = { room, entries, participants: sessions.size, parts, unneededParts };
  return snapshot ? { ...group, snapshot } : group;
}
