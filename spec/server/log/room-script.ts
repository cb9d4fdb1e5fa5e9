import type { Command } from '../../../lib/core/command.js';
import type { Entry, KnownEvent, RoomEvent } from '../../../lib/core/event.js';
import { defaultLimits } from '../../../lib/core/limits.js';
import { step } from '../../../lib/core/room.js';
import { emptyRoom, evolve, type RoomState, restoreRoom, snapshotOf } from '../../../lib/core/room-state.js';
import { atOnce } from '../../../lib/core/slices.js';
import type { EncodedEntry, EventLog, Group } from '../../../lib/server/log/event-log.js';
import { comparable } from '../../core/comparable.js';

export { comparable };

/** The specs' own encoding: to a log, bytes are bytes. */
export function encode(event: RoomEvent): Buffer {
  return Buffer.from(`${JSON.stringify(event)}\n`, 'utf8');
}

export function decode(bytes: Buffer): KnownEvent {
  return JSON.parse(bytes.toString('utf8')) as KnownEvent;
}

/** Makes one room's entries, by the rules of the core, for a log to keep. */
export class RoomScript {
  readonly state: RoomState;

  /** Goes on from `state`: that of a new room, or what a log gave back. */
  constructor(state: RoomState | string) {
    this.state = typeof state === 'string' ? emptyRoom(state) : state;
  }

  join(name: string, resumable = false): EncodedEntry {
    return this.#entry({ kind: 'join', name, resumable, ...this.#sent(name) });
  }

  say(name: string, text: string): EncodedEntry {
    const ordinal = (this.state.byName.get(name)?.ordinals.newest ?? 0) + 1;
    return this.#entry({ kind: 'publish', text, ordinal, seen: 0, ...this.#sent(name) });
  }

  leave(name: string): EncodedEntry {
    return this.#entry({ kind: 'leave', reason: 'ASKED', ...this.#sent(name) });
  }

  /** `count` messages of `name`. */
  talk(name: string, count: number, text = 'x'): EncodedEntry[] {
    return Array.from({ length: count }, () => this.say(name, text));
  }

  /** The entries as a group; a snapshot is of the state now, so after the last of them. */
  group(entries: readonly EncodedEntry[], { snapshot = false } = {}): Group {
    return {
      room: this.state.room,
      entries,
      participants: this.state.sessions.size,
      parts: this.state.snapshots.nextUnwritten(Number.POSITIVE_INFINITY),
      ...(snapshot ? this.#snapshot() : {}),
    };
  }

  #snapshot(): Pick<Group, 'snapshot' | 'unneededParts'> {
    const { snapshots, position: place } = this.state;
    snapshots.snapshotTaken(place.sequence);
    return { snapshot: snapshotOf(this.state), unneededParts: snapshots.nextUnneeded(Number.POSITIVE_INFINITY) };
  }

  #sent(name: string): Pick<Command, 'session' | 'senderLamport' | 'newestLamport' | 'timeMs'> {
    const session = this.state.byName.get(name)?.id ?? `${this.state.room}:${name}`;
    return { session, senderLamport: 0, newestLamport: 0, timeMs: 1_700_000_000_000 };
  }

  #entry(draft: Command): EncodedEntry {
    const decision = step(this.state, draft, defaultLimits);
    if (decision.kind !== 'accepted') throw new Error(`the script was refused: ${JSON.stringify(decision)}`);
    return { ...decision.entry, bytes: encode(decision.entry.event) };
  }
}

/** The state that the log gives back for `room`. */
export function recoveredState(log: EventLog, room: string): RoomState {
  const { snapshot, parts, entries } = atOnce(log.recover(room));
  const state = atOnce(restoreRoom(room, snapshot, parts));
  for (const entry of entries) evolve(state, entry, defaultLimits);
  return state;
}

/** The events that `read` gives after `after`, decoded, in pages of `page`. */
export function eventsAfter(log: EventLog, room: string, after: number, page = 7): RoomEvent[] {
  const events: RoomEvent[] = [];
  for (let at = after; ; ) {
    const run = log.read(room, at, page);
    if (!run) return events;
    let start = 0;
    for (const end of run.ends) {
      events.push(decode(run.bytes.subarray(start, end)));
      start = end;
    }
    at = run.last;
  }
}

export function eventsOf(entries: readonly Entry[]): RoomEvent[] {
  return entries.map(({ event }) => event);
}
