import { chainStart } from './chain.js';
import type { Entry, MessageEvent } from './event.js';
import type { Limits } from './limits.js';
import { foldName } from './name.js';
import { decodeRemembered, EndedSessions, Ordinals, type PartsRange, type RememberedOrdinals } from './ordinals.js';
import type { Slices } from './slices.js';
import { SnapshotLedger, type SnapshotPart } from './snapshot-ledger.js';

/** One participant's visit. */
export interface Session {
  readonly id: string;
  readonly name: string;
  readonly resumable: boolean;
  /** Sequence of its Joined; 0 where it was restored from a snapshot of an earlier version, which does not say so. */
  readonly joined: number;
  /** The accepted ordinals and the events they became [P5]. */
  readonly ordinals: Ordinals;
}

/** A place in a room's history. */
export interface Position {
  readonly sequence: number;
  readonly lamport: number;
  readonly chain: string;
}

/** What a room knows: what its event log says, no more. Only `evolve` adds to it, and `forgetEnded` forgets. */
export interface RoomState {
  readonly room: string;
  /** The event after which the room's log id began: sessions that joined up to there are over (`isOver`). 0: none. */
  readonly logIdAfter: number;
  position: Position;
  readonly sessions: Map<string, Session>;
  /** The same sessions by their participants' names as sent, in the order of joining. */
  readonly byName: Map<string, Session>;
  /** The folded names of all participants who are present. */
  readonly foldedNames: Set<string>;
  /** What ended sessions said. */
  readonly ended: EndedSessions;
  /** What of this state the event log's snapshots have. */
  readonly snapshots: SnapshotLedger;
}

/** What a room remembers; the same for deciding and for replaying. */
export type MemoryLimits = Pick<Limits, 'ordinalsRememberedMax' | 'endedOrdinalsRememberedMax'>;

export const beginning: Position = { sequence: 0, lamport: 0, chain: chainStart };

export function emptyRoom(room: string, snapshots = new SnapshotLedger(), logIdAfter = 0): RoomState {
  return {
    room,
    logIdAfter,
    position: beginning,
    sessions: new Map(),
    byName: new Map(),
    foldedNames: new Set(),
    ended: new EndedSessions(),
    snapshots,
  };
}

/**
 * Whether a session that is present ended with the log id in which it began: events that it was told of may be lost,
 * its own among them. It has no more to say, cannot be resumed, and is owed its Left [P8] [P11].
 */
export function isOver({ logIdAfter }: Pick<RoomState, 'logIdAfter'>, { joined }: Pick<Session, 'joined'>): boolean {
  return logIdAfter > 0 && joined <= logIdAfter;
}

/**
 * Takes an entry of the event log into `state`, in place: deciding and replaying both go through here, so a state
 * rebuilt from the event log is the state that was. Entries come in the order of their sequences; throws where one is
 * missing, or where an event log says what no room decides.
 */
export function evolve(state: RoomState, entry: Entry, limits: MemoryLimits): void {
  const { event, sessionStart: opens } = entry;
  if (event.sequence !== state.position.sequence + 1) {
    throw new Error(`the log of room ${state.room} goes from ${state.position.sequence} to ${event.sequence}`);
  }
  if (event.kind === 'joined') {
    if (!opens) throw new Error(`the log of room ${state.room} has a Joined without a session at ${event.sequence}`);
    const { session: id, resumable } = opens;
    admit(state, { id, name: event.participant, resumable, joined: event.sequence, ordinals: new Ordinals() });
  } else {
    const session = state.byName.get(event.participant);
    if (!session) {
      throw new Error(`the log of room ${state.room} has an event of somebody absent at ${event.sequence}`);
    }
    if (event.kind === 'message') say(state, session, event, limits);
    else dismiss(state, session, limits);
  }
  state.position = { sequence: event.sequence, lamport: event.lamport, chain: event.chain };
}

function admit(state: RoomState, session: Session): void {
  state.sessions.set(session.id, session);
  state.byName.set(session.name, session);
  state.foldedNames.add(foldName(session.name));
}

function say(state: RoomState, session: Session, event: MessageEvent, limits: MemoryLimits): void {
  const change = session.ordinals.accept(event.ordinal, event.sequence, limits.ordinalsRememberedMax);
  if (change) state.snapshots.changed(session.id, change);
}

function dismiss(state: RoomState, session: Session, limits: MemoryLimits): void {
  const forgotten = state.ended.add(session.id, session.ordinals, limits.endedOrdinalsRememberedMax);
  for (const ordinals of forgotten) state.snapshots.forgot(ordinals.partsThrough());
  state.sessions.delete(session.id);
  state.byName.delete(session.name);
  state.foldedNames.delete(foldName(session.name));
}

/**
 * Forgets what ended sessions said: a server may remember so much of all its rooms [P12]. A state that is rebuilt from
 * the event log may remember it again.
 */
export function forgetEnded(state: RoomState): void {
  for (const ordinals of state.ended.clear()) state.snapshots.forgot(ordinals.partsThrough());
}

/** A session's ordinals in a snapshot. */
interface KeptOrdinals {
  readonly id: string;
  /** The full parts, which are kept beside the snapshot; missing where there are none. */
  readonly parts?: PartsRange;
  /**
   * The others, as `Ordinals` gives them. Snapshots of version 0.1 have no parts and all ordinals here; the earliest as
   * pairs of ordinal and sequence, oldest first.
   */
  readonly ordinals: string | readonly (readonly [ordinal: number, sequence: number])[];
}

interface KeptSession extends KeptOrdinals {
  readonly name: string;
  readonly resumable: boolean;
  /** Missing in snapshots of version 0.1. */
  readonly joined?: number;
}

/** A room's state as plain data, for keeping; with it belong the parts that it names (`SnapshotPart`). */
export interface Snapshot {
  readonly place: Position;
  readonly sessions: readonly KeptSession[];
  /** Missing in the earliest snapshots of version 0.1, which remembered nothing of ended sessions. */
  readonly ended?: readonly KeptOrdinals[];
}

/**
 * What is to be kept of `state` beside its parts. It has what each session said since its last full part and nothing
 * older, so it takes some hundred bytes a session, however many ordinals are remembered.
 */
export function snapshotOf(state: RoomState): Snapshot {
  return {
    place: state.position,
    sessions: [...state.byName.values()].map(({ id, name, resumable, joined, ordinals }) => ({
      ...{ id, name, resumable, joined },
      ...keptOrdinals(ordinals),
    })),
    ended: [...state.ended.entries()].map(([id, ordinals]) => ({ id, ...keptOrdinals(ordinals) })),
  };
}

function keptOrdinals(ordinals: Ordinals): Omit<KeptOrdinals, 'id'> {
  const parts = ordinals.partsRange();
  return parts ? { parts, ordinals: ordinals.rest() } : { ordinals: ordinals.rest() };
}

/** Whether all parts that `snapshot` names are among `parts`, each session's without gap; in slices. */
export function* hasItsParts(snapshot: Snapshot, parts: readonly SnapshotPart[]): Slices<boolean> {
  const shelf = yield* PartShelf.of(parts);
  let whole = true;
  yield* eachInSlices([...snapshot.sessions, ...(snapshot.ended ?? [])], sessionsPerSlice, ({ id, parts: range }) => {
    whole &&= shelf.take(id, range) !== undefined;
  });
  return whole;
}

/** Sessions whose parts are found, or that are restored with them, in one slice. */
const sessionsPerSlice = 128;

/** Parts that are put on their shelf in one slice. */
const partsPerSlice = 2048;

function* eachInSlices<T>(all: readonly T[], perSlice: number, work: (one: T) => void): Slices<void> {
  for (const [index, one] of all.entries()) {
    work(one);
    if ((index + 1) % perSlice === 0) yield;
  }
}

/**
 * The state that `snapshot` was taken of, in slices; that of an empty room without one. `parts`: all that the event log
 * has of the room, oldest first; throws where one that the snapshot names is missing (`hasItsParts`). `logIdAfter`: as
 * in `RoomState`, of the room's event log.
 */
export function* restoreRoom(
  room: string,
  snapshot: Snapshot | undefined,
  parts: readonly SnapshotPart[],
  logIdAfter = 0,
): Slices<RoomState> {
  const shelf = yield* PartShelf.of(parts);
  const { place = beginning, sessions = [], ended = [] } = snapshot ?? {};
  const taken = new Map([...sessions, ...ended].map((kept) => [kept, shelf.take(kept.id, kept.parts)]));
  yield;
  const state = emptyRoom(room, new SnapshotLedger(place.sequence, shelf.left()), logIdAfter);
  yield* eachInSlices(sessions, sessionsPerSlice, (kept) => {
    const { id, name, resumable, joined = 0 } = kept;
    admit(state, { id, name, resumable, joined, ordinals: restoreOrdinals(state, kept, taken.get(kept)) });
  });
  yield* eachInSlices(ended, sessionsPerSlice, (kept) => {
    state.ended.add(kept.id, restoreOrdinals(state, kept, taken.get(kept)), Number.POSITIVE_INFINITY);
  });
  state.position = place;
  return state;
}

function restoreOrdinals(state: RoomState, kept: KeptOrdinals, parts: readonly SnapshotPart[] | undefined): Ordinals {
  if (!parts) throw new Error(`room ${state.room} has a snapshot without all of its parts`);
  const ordinals = new Ordinals(parts, kept.parts?.forgotten);
  const rest = restOf(kept);
  for (const [index, ordinal] of rest.ordinals.entries()) {
    const change = ordinals.accept(ordinal, rest.sequences[index] as number, Number.POSITIVE_INFINITY);
    if (change) state.snapshots.changed(kept.id, change);
  }
  return ordinals;
}

function restOf({ ordinals: kept }: KeptOrdinals): RememberedOrdinals {
  if (typeof kept === 'string') return decodeRemembered(kept, 'base64');
  return { ordinals: kept.map(([ordinal]) => ordinal), sequences: kept.map(([, sequence]) => sequence) };
}

/** The stored parts of a room, of which each session takes its own. */
class PartShelf {
  readonly #bySession = new Map<string, SnapshotPart[]>();
  readonly #left = new Set<number>();

  static *of(parts: readonly SnapshotPart[]): Slices<PartShelf> {
    const shelf = new PartShelf();
    yield* eachInSlices(parts, partsPerSlice, (part) => {
      shelf.#left.add(part.through);
      const others = shelf.#bySession.get(part.session);
      if (others) others.push(part);
      else shelf.#bySession.set(part.session, [part]);
    });
    return shelf;
  }

  /** Undefined where they are not all there, or more than there should be. */
  take(session: string, range: PartsRange | undefined): readonly SnapshotPart[] | undefined {
    if (!range) return [];
    const { first, last, count } = range;
    const all = this.#bySession.get(session) ?? [];
    const parts = all.filter(({ through }) => first <= through && through <= last);
    if (parts.length !== count || parts[0]?.through !== first || parts.at(-1)?.through !== last) return undefined;
    for (const { through } of parts) this.#left.delete(through);
    return parts;
  }

  /** `through` of those that no session took. */
  left(): Iterable<number> {
    return this.#left;
  }
}
