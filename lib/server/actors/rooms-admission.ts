import { decodeChatResponse } from '../../codec/responses.js';
import { type Command, type JoinCommand, ordinalOf } from '../../core/command.js';
import type { Limits } from '../../core/limits.js';
import { isRoomName } from '../../core/name.js';
import { noMoreRooms, type Rejection, rejection } from '../../core/rejection.js';
import { decide } from '../../core/room.js';
import { emptyRoom } from '../../core/room-state.js';
import type { Journal } from '../../platform/journal.js';
import type { Excess } from '../access/holdings.js';
import type { Origin } from '../access/origin.js';
import type { Shares } from '../access/shares.js';
import type { EventLog, RoomHead } from '../log/event-log.js';
import { readable } from './queries.js';
import type { Time } from './turns.js';

/** Empty rooms that are looked at for one that may go. */
const emptyRoomsLookedAtMax = 8;

/** A room with more events than this is assumed to have had a message. */
const eventsLookedAtMax = 1_000;

export interface RoomsAdmissionParts {
  /** Of the rooms that the event log has. */
  readonly heads: readonly RoomHead[];
  readonly limits: Limits;
  readonly shares: Shares;
  readonly time: Time;
  readonly journal: Journal;
  readonly log: EventLog;
}

/** Which rooms there are, who may begin one, and which may go for another to begin [P12]. */
export class RoomsAdmission {
  readonly #parts: RoomsAdmissionParts;
  /** The names of all rooms that count for `roomsMax`: those in the event log and those that were opened. */
  readonly #names: RoomNames;
  /** Rooms without participants when they last reported, and since when: the one empty for longest first. */
  readonly #emptySinceMs = new Map<string, number>();
  /** Rooms that are asked to take nothing more in, so that the event log can forget them. */
  readonly #retiring = new Set<string>();
  /** Those that the event log is about to forget: no join begins them anew before it has. */
  readonly #removing = new Set<string>();

  constructor(parts: RoomsAdmissionParts) {
    this.#parts = parts;
    this.#names = new RoomNames(parts.heads.map(({ room }) => room));
    for (const { room, participants } of parts.heads) if (participants === 0) this.emptied(room);
  }

  /** At most `limit` rooms that have an event, by name, from the one after `after` on. */
  rooms(after: string, limit: number): readonly RoomHead[] {
    const heads: RoomHead[] = [];
    for (const room of this.#names.after(after)) {
      if (heads.length >= limit) break;
      const head = this.#parts.log.head(room);
      if (head) heads.push(head);
    }
    return heads;
  }

  /** Whether the room can only begin when another one goes. */
  needsPlace(room: string): boolean {
    return this.#names.size >= this.#parts.limits.roomsMax && !this.#names.has(room) && !this.#removing.has(room);
  }

  /** What keeps a command from a room that no actor has: a room begins with a join that would be its first event. */
  refusalOfFirst(room: string, command: Command): Rejection | undefined {
    const { limits } = this.#parts;
    if (command.kind !== 'join') return rejection('SESSION_UNKNOWN', ordinalOf(command));
    if (!isRoomName(room, limits.roomNameLengthMax)) return rejection('ROOM_INVALID');
    if (this.#names.has(room)) return undefined;
    const decision = decide(emptyRoom(room), command, limits);
    return decision.kind === 'rejected' ? decision.rejection : undefined;
  }

  /** What keeps a join from a room because its address has its share, or there is none left; else it has taken it. */
  refusalOfShare(room: string, { session }: JoinCommand, origin: Origin): Rejection | undefined {
    const { limits, shares, time } = this.#parts;
    const isNew = !this.#names.has(room);
    if (this.#removing.has(room)) return rejection('OVERLOADED', 0, limits.overloadedRetryMs);
    if (isNew) {
      // Rooms of other addresses may be there for good, so trying again makes no sense.
      const excess = shares.rooms.excess(origin.principal, this.#names.size);
      if (excess) return this.#noMoreRooms(room, origin, excess);
      const waitMs = origin.takeRoom(time.now());
      if (waitMs > 0) return rejection('OVERLOADED', 0, waitMs);
    }
    const none = shares.sessions.begin(session, room, origin.principal);
    if (none) return none.scarce === 'seats' ? rejection('ROOM_FULL') : rejection('OVERLOADED', 0, limits.graceMs);
    if (isNew) shares.rooms.begin(room, origin.principal);
    return undefined;
  }

  /** The room has an actor. */
  opened(room: string): void {
    this.#names.add(room);
  }

  /** The last participant has left. */
  emptied(room: string): void {
    this.#emptySinceMs.delete(room);
    this.#emptySinceMs.set(room, this.#parts.time.now());
  }

  /** The room that is empty for longest, and for `ms` at least, if it never had a message; it is asked for once. */
  nextUnspoken(ms: number): string | undefined {
    const { time, journal } = this.#parts;
    let looked = 0;
    for (const [room, sinceMs] of this.#emptySinceMs) {
      looked += 1;
      if (looked > emptyRoomsLookedAtMax || time.now() - sinceMs < ms) break;
      this.#emptySinceMs.delete(room);
      if (readable(journal, room, () => this.#isUnspoken(room)) !== true) continue;
      this.#retiring.add(room);
      return room;
    }
    return undefined;
  }

  /** The room is used, though it was asked to take nothing more in. */
  stays(room: string): void {
    this.#retiring.delete(room);
  }

  /** No actor has the room any more: true if it was asked for that, and the event log is to forget it now. */
  ended(room: string): boolean {
    this.#names.delete(room);
    this.#parts.shares.rooms.end(room);
    if (!this.#retiring.delete(room)) return false;
    this.#removing.add(room);
    this.#parts.journal.info('room-removed', { room });
    return true;
  }

  /** The event log has forgotten the room, or could not: then it is tried again after as long a time without anyone. */
  removed(room: string, error: unknown): void {
    this.#removing.delete(room);
    if (error === undefined) return;
    this.#parts.journal.error('room-not-removed', { room, err: error });
    this.#names.add(room);
    this.emptied(room);
  }

  /** Whether the room has no participants and never had a message, by its event log. Throws if that cannot be read. */
  #isUnspoken(room: string): boolean {
    const { log } = this.#parts;
    const head = log.head(room);
    if (!head) return true;
    if (head.participants > 0 || head.place.sequence > eventsLookedAtMax || log.oldest(room) > 1) return false;
    const run = log.read(room, 0, eventsLookedAtMax);
    return !run || decodeChatResponse(run.bytes).events.every(({ kind }) => kind !== 'message');
  }

  #noMoreRooms(room: string, { principal: address }: Origin, excess: Excess): Rejection {
    const { journal, limits } = this.#parts;
    const limit = excess === 'own' ? 'roomsPerAddressMax' : excess === 'total' ? 'roomsMax' : 'reservedPercent';
    journal.warn('rooms-full', { room, address, rooms: this.#names.size, limit, limitValue: limits[limit] });
    return { ...rejection('OVERLOADED'), detail: noMoreRooms[excess === 'total' ? 'server' : 'address'] };
  }
}

/** A set of rooms' names that is in order, so that it can be gone through in pages. */
export class RoomNames {
  /** In the order of their UTF-16 code units; rooms' names are ASCII. */
  readonly #names: string[];

  constructor(names: Iterable<string> = []) {
    this.#names = [...new Set(names)].sort();
  }

  get size(): number {
    return this.#names.length;
  }

  has(name: string): boolean {
    return this.#names[this.#placeOf(name)] === name;
  }

  add(name: string): void {
    if (!this.has(name)) this.#names.splice(this.#placeOf(name), 0, name);
  }

  delete(name: string): void {
    if (this.has(name)) this.#names.splice(this.#placeOf(name), 1);
  }

  /** The names after `name`, which need not be one of them, in order. Nothing may be added or deleted meanwhile. */
  *after(name: string): Generator<string, void> {
    for (let at = this.#placeOf(name) + (this.has(name) ? 1 : 0); at < this.#names.length; at += 1) {
      yield this.#names[at] as string;
    }
  }

  /** How many names come before `name`. */
  #placeOf(name: string): number {
    let [from, to] = [0, this.#names.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#names[middle] as string) < name) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
