import { encodeEvent } from '../codec/event-codec.js';
import type { Limits } from '../core/limits.js';
import { type Decision, step } from '../core/room.js';
import { type Place, type RoomState, snapshotOf } from '../core/room-state.js';
import type { EncodedEntry, Group } from '../log/event-log.js';
import type { Submission } from './messages.js';

/** What the room decided on one draft, not yet durable. */
export interface Decided {
  readonly submission: Submission;
  readonly decision: Decision;
  /** With an accepted draft: the encoded event. */
  readonly event?: Buffer;
  /** With an accepted join: the room as the newcomer found it. */
  readonly before?: { readonly place: Place; readonly participants: readonly string[] };
}

export interface Folded {
  readonly decided: readonly Decided[];
  /** What is to be appended; undefined if nothing became an event. */
  readonly group?: Group;
}

/** Decides on `submissions` in their order, and takes what becomes an event into `state` (design: step 2). */
export function foldGroup(state: RoomState, submissions: readonly Submission[], limits: Limits): Folded {
  const from = state.place.sequence;
  const entries: EncodedEntry[] = [];
  const decided = submissions.map((submission): Decided => {
    const { place } = state;
    const decision = step(state, submission.draft, limits);
    if (decision.kind !== 'accepted') return { submission, decision };
    const { entry } = decision;
    const event = encodeEvent(entry.event);
    entries.push(entry.opens ? { ...entry, bytes: event } : { event: entry.event, bytes: event });
    if (submission.draft.kind !== 'join') return { submission, decision, event };
    // The newcomer is the latest of all who are present.
    const participants = [...state.byName.keys()].slice(0, -1);
    return { submission, decision, event, before: { place, participants } };
  });
  if (entries.length === 0) return { decided };
  const every = limits.snapshotEveryEvents;
  const due = Math.floor(state.place.sequence / every) > Math.floor(from / every);
  const group = { room: state.room, entries, participants: state.sessions.size };
  return { decided, group: due ? { ...group, snapshot: snapshotOf(state) } : group };
}
