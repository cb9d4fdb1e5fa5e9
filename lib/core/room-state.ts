import { chainStart } from './chain.js';
import { EndedSessions } from './ended-sessions.js';
import type { Entry } from './event.js';
import type { Limits } from './limits.js';
import { foldName } from './name.js';
import { Ordinals } from './ordinals.js';
import { encodeRemembered } from './remembered-ordinals.js';

/** One participant's visit. */
export interface Session {
  readonly id: string;
  readonly name: string;
  readonly resumable: boolean;
  /** The accepted ordinals and the events they became [P5]. */
  readonly ordinals: Ordinals;
}

/** A place in a room's history. */
export interface Place {
  readonly sequence: number;
  readonly lamport: number;
  readonly chain: string;
}

/** Everything a room knows: what its log says, and nothing else. Only `evolve` changes it. */
export interface RoomState {
  readonly room: string;
  place: Place;
  readonly sessions: Map<string, Session>;
  /** The same sessions by their participants' names as sent, in the order of joining. */
  readonly byName: Map<string, Session>;
  /** The folded names of all who are present. */
  readonly taken: Set<string>;
  /** What those said who are no longer present. */
  readonly ended: EndedSessions;
}

/** What a room remembers; the same for deciding and for replaying. */
export type MemoryLimits = Pick<Limits, 'ordinalsRememberedMax' | 'endedOrdinalsRememberedMax'>;

export const beginning: Place = { sequence: 0, lamport: 0, chain: chainStart };

export function emptyRoom(room: string): RoomState {
  return {
    room,
    place: beginning,
    sessions: new Map(),
    byName: new Map(),
    taken: new Set(),
    ended: new EndedSessions(),
  };
}

/**
 * Takes an entry of the log into `state`, in place: deciding and replaying both go through here, so a state rebuilt
 * from the log is the state that was. Entries come in the order of their sequences; throws where one is missing,
 * or where a log says what no room decides.
 */
export function evolve(state: RoomState, entry: Entry, limits: MemoryLimits): void {
  const { event, opens } = entry;
  if (event.sequence !== state.place.sequence + 1) {
    throw new Error(`the log of room ${state.room} goes from ${state.place.sequence} to ${event.sequence}`);
  }
  if (event.kind === 'joined') {
    if (!opens) throw new Error(`the log of room ${state.room} has a Joined without a session at ${event.sequence}`);
    const { session: id, resumable } = opens;
    admit(state, { id, name: event.participant, resumable, ordinals: new Ordinals() });
  } else {
    const session = state.byName.get(event.participant);
    if (!session) {
      throw new Error(`the log of room ${state.room} has an event of somebody absent at ${event.sequence}`);
    }
    if (event.kind === 'message') session.ordinals.accept(event.ordinal, event.sequence, limits.ordinalsRememberedMax);
    else dismiss(state, session, limits);
  }
  state.place = { sequence: event.sequence, lamport: event.lamport, chain: event.chain };
}

function admit(state: RoomState, session: Session): void {
  state.sessions.set(session.id, session);
  state.byName.set(session.name, session);
  state.taken.add(foldName(session.name));
}

function dismiss(state: RoomState, session: Session, limits: MemoryLimits): void {
  state.ended.add(session.id, session.ordinals, limits.endedOrdinalsRememberedMax);
  state.sessions.delete(session.id);
  state.byName.delete(session.name);
  state.taken.delete(foldName(session.name));
}

/** As `Ordinals` gives them; in earlier snapshots of version 0.1, pairs of ordinal and sequence, oldest first. */
type KeptOrdinals = string | readonly (readonly [ordinal: number, sequence: number])[];

/** A room's state as plain data, for keeping. */
export interface Snapshot {
  readonly place: Place;
  readonly sessions: readonly {
    readonly id: string;
    readonly name: string;
    readonly resumable: boolean;
    readonly ordinals: KeptOrdinals;
  }[];
  /** Missing in the earliest snapshots of version 0.1, which remembered nothing of ended sessions. */
  readonly ended?: readonly { readonly id: string; readonly ordinals: KeptOrdinals }[];
}

export function snapshotOf(state: RoomState): Snapshot {
  return {
    place: state.place,
    sessions: [...state.byName.values()].map(({ id, name, resumable, ordinals }) => ({
      id,
      name,
      resumable,
      ordinals: ordinals.remembered(),
    })),
    ended: [...state.ended.entries()].map(([id, ordinals]) => ({ id, ordinals: ordinals.remembered() })),
  };
}

/** The state that `snapshot` was taken of. */
export function restoreRoom(room: string, snapshot: Snapshot): RoomState {
  const state = emptyRoom(room);
  for (const { ordinals, ...session } of snapshot.sessions) {
    admit(state, { ...session, ordinals: restoreOrdinals(ordinals) });
  }
  for (const { id, ordinals } of snapshot.ended ?? []) {
    state.ended.add(id, restoreOrdinals(ordinals), Number.POSITIVE_INFINITY);
  }
  state.place = snapshot.place;
  return state;
}

function restoreOrdinals(kept: KeptOrdinals): Ordinals {
  if (typeof kept === 'string') return new Ordinals(kept);
  const ordinals = kept.map(([ordinal]) => ordinal);
  const sequences = kept.map(([, sequence]) => sequence);
  return new Ordinals(encodeRemembered({ ordinals, sequences }));
}
