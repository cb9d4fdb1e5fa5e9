import type { ResumePlace, Welcome } from '../../lib/codec/messages.js';
import { chainStart, nextChain } from '../../lib/core/chain.js';
import { receive } from '../../lib/core/clock.js';
import type { Command } from '../../lib/core/command.js';
import type { Entry, KnownEvent, LeftReason, RoomEvent } from '../../lib/core/event.js';
import { defaultLimits } from '../../lib/core/limits.js';
import { Ordinals } from '../../lib/core/ordinals.js';
import { type Decision, decide } from '../../lib/core/room.js';
import { emptyRoom, evolve, type RoomState } from '../../lib/core/room-state.js';

/** What a server that breaks its promises makes of an event that its room decided. */
export type Alteration = (event: RoomEvent, draft: Command, before: RoomState) => Partial<RoomEvent> | undefined;

/** What an event says beside its stamps. */
export type Happening =
  | { kind: 'joined'; participant: string }
  | { kind: 'message'; participant: string; text: string; ordinal: number; seen: number }
  | { kind: 'left'; participant: string; reason: LeftReason };

/** One room of a server that exists only in memory: the real rules, and a log that is the server's only memory. */
export class SimulatedRoom {
  readonly room: string;
  readonly logId: string;
  readonly events: RoomEvent[] = [];
  /** Sessions whose connection is lost. */
  readonly lingering = new Set<string>();
  state: RoomState;
  alter: Alteration | undefined;
  readonly #entries: Entry[] = [];

  constructor(room: string) {
    this.room = room;
    this.logId = `log of ${room}`;
    this.state = emptyRoom(room);
  }

  /** Decides on a draft and keeps the event that it becomes. */
  take(draft: Command): Decision {
    const decision = decide(this.state, draft, defaultLimits);
    if (decision.kind !== 'accepted') return decision;
    const { event, sessionStart: opens } = decision.entry;
    const altered = this.alter?.(event, draft, this.state);
    const kept = altered ? this.#chained({ ...event, ...altered } as KnownEvent, altered.chain) : event;
    this.keep(opens ? { event: kept, sessionStart: opens } : { event: kept });
    return decision;
  }

  /** The log is all that a server knows after it was killed; all its connections are lost. */
  restart(): void {
    this.state = emptyRoom(this.room);
    for (const entry of this.#entries) evolve(this.state, entry, defaultLimits);
    for (const session of this.state.sessions.keys()) this.lingering.add(session);
  }

  leave(session: string, reason: LeftReason, sender = 0): void {
    this.lingering.delete(session);
    this.take({
      kind: 'leave',
      session,
      senderLamport: sender,
      reason,
      newestLamport: this.state.position.lamport,
      timeMs: this.events.length,
    });
  }

  /** The welcome to a session that goes on from `place`, or nothing if it cannot. */
  resume({ session, logId, sequence, chain }: ResumePlace, although = false): Welcome | undefined {
    const known = this.state.sessions.get(session);
    if ((!known && !although) || logId !== this.logId || this.chainAt(sequence) !== chain) return undefined;
    this.lingering.delete(session);
    return this.welcome({ session, sequence, resumed: true, ordinal: known?.ordinals.newest ?? 0 });
  }

  welcome(given: Pick<Welcome, 'session' | 'sequence' | 'resumed' | 'ordinal'> & { newest?: number }): Welcome {
    const { lamport, sequence: newest } = this.state.position;
    const chain = this.chainAt(given.sequence);
    const { room, logId } = this;
    return { room, logId, lamport, newest, chain, participants: [], textLengthMax: 128, ...given };
  }

  chainAt(sequence: number): string {
    return sequence === 0 ? chainStart : (this.events[sequence - 1]?.chain ?? '');
  }

  /** An event that no draft asked for. Only `evolving` ones change who is present and what is remembered. */
  append(happening: Happening, { sender = 0, evolving = false } = {}): RoomEvent {
    const { position: place } = this.state;
    const sequence = place.sequence + 1;
    const lamport = receive(place.lamport, sender);
    const event = this.#chained({ ...happening, sequence, lamport, timeMs: sequence, chain: '' });
    if (evolving) this.keep({ event });
    else {
      this.state.position = { sequence, lamport, chain: event.chain };
      this.events.push(event);
    }
    return event;
  }

  /** A session that the log says nothing of. */
  admitSilently(id: string, name: string): void {
    const session = { id, name, resumable: false, joined: 0, ordinals: new Ordinals() };
    this.state.sessions.set(id, session);
    this.state.byName.set(name, session);
  }

  /** Takes an entry into the log and the state. */
  keep(entry: Entry): void {
    evolve(this.state, entry, defaultLimits);
    this.#entries.push(entry);
    this.events.push(entry.event);
  }

  #chained(event: KnownEvent, chain?: string): KnownEvent {
    return { ...event, chain: chain ?? nextChain(this.state.position.chain, event) };
  }
}
