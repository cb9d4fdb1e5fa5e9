import { join } from 'node:path';
import type { Entry, KnownEvent } from '../../../core/event.js';
import type { Slices } from '../../../core/slices.js';
import { bootId } from '../../../platform/boot-id.js';
import { flush } from '../../../platform/directory.js';
import type { EventLog, Group, Recovery, RoomHead, Run } from '../event-log.js';
import { nextHead } from '../event-log.js';
import { type Change, GroupCommit } from '../group-commit.js';
import { joined } from '../run.js';
import { storedEntries } from '../stored-entry.js';
import { type FramedEntries, framedIn, type GroupAhead, payloadOf } from './frame-codec.js';
import { removeSegments } from './leftovers.js';
import { bytesInStore, RoomAhead, type TakesOver, takeOver, transactionsOf } from './room-ahead.js';
import { openSegmentFile, Segment, type SegmentFile, segmentNames } from './segment.js';

/** What waits for a store. */
interface Need {
  /** Of all values. */
  readonly bytes: number;
  readonly entries: number;
  readonly rooms: number;
}

/** The event log behind: it keeps for good what it takes over. */
export interface TakingStore extends EventLog, TakesOver {
  /**
   * Resolves when there is space for so much, appended in so many transactions, of which `rooms` counts each room's
   * once; rejects with the system's error.
   */
  ensureSpace(need: Need & { readonly transactions: number }): Promise<void>;
}

export interface WriteAheadOptions {
  /** Makes an event of its wire bytes (codec: `decodeEvent`). */
  readonly decode: (bytes: Buffer) => KnownEvent;
  /** Whether what is appended survives the loss of power, or the end of the process alone. */
  readonly flushes: boolean;
  /** From so many bytes on the store takes over what waits for it … */
  readonly takeOverBytes: number;
  /** … or when the first of it has waited for so long, in milliseconds. */
  readonly takeOverMs: number;
  /** Bytes of memory that what waits for the store may take; an append beyond waits for that too. */
  readonly waitingBytesMax: number;
  /**
   * Is told when the store does not take over what waits for it, and not again until it has. That stays in the
   * segments, and is tried again.
   */
  readonly behind?: (error: unknown, bytes: number) => void;
  /** For tests: what the segments are kept in. */
  readonly open?: (path: string) => SegmentFile;
}

/** How much more space is asked of the store than is needed. */
const spaceAhead: Need = { bytes: 128 * 1024, entries: 512, rooms: 8 };

/** What an entry, its group and its frame take in memory besides what is stored of them, about: a small frame keeps what it was cut from. */
const entryBytes = 16;
const groupBytes = 400;
const frameBytes = 900;

function heldBytes({ bytes, entries, rooms: groups }: Need): number {
  return bytes + entries * entryBytes + groups * groupBytes + frameBytes;
}

const nothing: Need = { bytes: 0, entries: 0, rooms: 0 };

/** What waits for the store, in one segment. */
class Waiting {
  readonly rooms = new Map<string, RoomAhead>();
  need = nothing;
  /** Bytes of memory, about. */
  held = 0;
}

/**
 * An event log whose appends cost one write and one flush: they go to the end of a segment. `store`, behind it, takes
 * them over later, many at once, and then their segment is begun anew. What the store does not have yet is read from
 * memory. When it is closed the store has all, and the segments are removed; where the process ends without that, the
 * next one takes over what it finds (`openStore`).
 */
export class WriteAheadLog implements EventLog {
  readonly #directory: string;
  readonly #store: TakingStore;
  readonly #options: WriteAheadOptions;
  readonly #segments: readonly Segment[];
  /** Which segment is written to, by its parity: of two, the older one waits for the store, or is spent. */
  #generation = 1;
  /** The newest generation whose segment is spent. */
  #spent = 0;
  /** What is in that segment, and what is in the other one. */
  #waiting = new Waiting();
  #leaving = new Waiting();
  /** What the store has space for. */
  #space = nothing;
  readonly #commits = new GroupCommit((changes) => this.#append(changes.flatMap(groupsIn)));
  /** Apart from appends: of a removal that fails they go on to be acknowledged. */
  readonly #removals = new GroupCommit((changes) => this.#remove(changes.flatMap(removedIn)));
  /** An append to the segment that has not settled: until then it is not known what is in it. */
  #adding: Promise<void> | undefined;
  #takingOver: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Why the store did not take over what it was last given. */
  #refused: { readonly error: unknown } | undefined;

  private constructor(directory: string, store: TakingStore, segments: readonly Segment[], options: WriteAheadOptions) {
    this.#directory = directory;
    this.#store = store;
    this.#segments = segments;
    this.#options = options;
  }

  /** The log over `store`, with new segments in `directory`, which has none. Throws the system's error. */
  static open(directory: string, store: TakingStore, options: WriteAheadOptions): WriteAheadLog {
    const { open = openSegmentFile, flushes, takeOverBytes: growthBytes } = options;
    const files: SegmentFile[] = [];
    try {
      for (const name of segmentNames) files.push(open(join(directory, name)));
      if (flushes) flush(directory);
    } catch (error) {
      for (const file of files) file.close();
      throw error;
    }
    const boot = bootId();
    const segments = files.map((file) => new Segment(file, { flushes, growthBytes, boot }));
    return new WriteAheadLog(directory, store, segments, options);
  }

  async append(group: Group): Promise<void> {
    // Here, so that a group that does not fit is refused alone, and not with those that it would be written with.
    nextHead(this.head(group.room), group);
    await this.#commits.add(group);
  }

  async remove(room: string): Promise<void> {
    await this.#removals.add({ removed: room });
  }

  read(room: string, after: number, max: number, bytesMax = Number.POSITIVE_INFINITY): Run | undefined {
    const [waiting, leaving] = [this.#waiting.rooms.get(room), this.#leaving.rooms.get(room)];
    const last = after + max;
    let run =
      waiting?.read(after, max, bytesMax) ??
      leaving?.read(after, max, bytesMax) ??
      this.#store.read(room, after, max, bytesMax);
    for (const ahead of [leaving, waiting]) {
      if (run && run.last < last) run = joined(run, ahead?.read(run.last, last - run.last, bytesMax), bytesMax);
    }
    return run;
  }

  chainAt(room: string, sequence: number): string | undefined {
    for (const { rooms } of [this.#waiting, this.#leaving]) {
      const chain = rooms.get(room)?.chainAt(sequence);
      if (chain !== undefined) return chain;
    }
    return this.#store.chainAt(room, sequence);
  }

  oldest(room: string): number {
    return this.#store.oldest(room);
  }

  head(room: string): RoomHead | undefined {
    const ahead = this.#waiting.rooms.get(room) ?? this.#leaving.rooms.get(room);
    return ahead?.head ?? this.#store.head(room);
  }

  heads(): RoomHead[] {
    const heads = new Map(this.#store.heads().map((head) => [head.room, head]));
    for (const { rooms } of [this.#leaving, this.#waiting]) {
      for (const [room, { head }] of rooms) heads.set(room, head);
    }
    return [...heads.values()].sort((a, b) => (a.room < b.room ? -1 : 1));
  }

  *recover(room: string): Slices<Recovery> {
    const head = this.head(room);
    if (!head) throw new RangeError(`there is no log of a room ${room}`);
    const ahead = [this.#leaving, this.#waiting].flatMap(({ rooms }) => rooms.get(room) ?? []);
    // Before the first slice ends: the store may take it over meanwhile.
    const lately = ahead.map((one) => one.entries());
    const stored = this.#store.head(room) && (yield* this.#store.recover(room));
    let { snapshot, parts } = { snapshot: stored?.snapshot, parts: byThrough(stored?.parts ?? []) };
    for (const one of ahead) ({ snapshot, parts } = one.recovery({ snapshot, parts }));
    const entries = entriesAfter(snapshot?.place.sequence ?? 0, stored, lately);
    return {
      head,
      snapshot,
      parts: [...parts.values()].sort((a, b) => a.through - b.through),
      entries: { [Symbol.iterator]: entries },
    };
  }

  /**
   * Waits for appends under way, and for the store to take over all there is. What it refuses stays for the next life.
   */
  async close(): Promise<void> {
    const [isFirst] = await Promise.all([this.#commits.close(), this.#removals.close()]);
    if (!isFirst) return;
    const isWhole = await this.#takeOverAll();
    await this.#takingOver;
    clearTimeout(this.#timer);
    for (const segment of this.#segments) segment.close();
    try {
      if (isWhole) removeSegments(this.#directory);
    } catch {
      // They are spent: the next life has nothing to take over.
    }
    // Last: then another process may have the store, and segments of its own.
    await this.#store.close();
  }

  async #append(groups: readonly Group[]): Promise<void> {
    const heads = new Map<string, RoomHead>();
    const kept: { readonly group: Group; readonly head: RoomHead }[] = [];
    const ahead: GroupAhead[] = [];
    let [bytes, count] = [0, 0];
    for (const group of groups) {
      const { room, entries, participants } = group;
      const head = nextHead(heads.get(room) ?? this.head(room), group);
      const stored = storedEntries(room, entries);
      heads.set(room, head);
      kept.push({ group, head });
      bytes += bytesInStore(group, stored);
      count += stored.length;
      // A snapshot alone needs to be in no segment: the entries are there that lead to it.
      if (stored.length > 0) ahead.push({ room, logId: head.logId, participants, stored });
    }
    const need = { bytes, entries: count, rooms: groups.length };
    await this.#admit(need);
    await this.#add(async () => {
      const segment = this.#segments[this.#generation % 2] as Segment;
      const framed = ahead.length > 0 ? framedIn(await segment.add(payloadOf(ahead), this.#generation), ahead) : [];
      for (const { group, head } of kept)
        this.#keep(group, group.entries.length > 0 ? framed.shift() : undefined, head);
      this.#waiting.need = sumOf(this.#waiting.need, { ...need, rooms: 0 });
      this.#waiting.held += heldBytes(need);
    });
    this.#planTakeOver();
  }

  /** Has the segment that is written to changed, when no other change of it is under way. */
  async #add(add: () => Promise<void>): Promise<void> {
    while (this.#adding) await this.#adding.catch(() => {});
    const adding = add().finally(() => {
      this.#adding = undefined;
    });
    this.#adding = adding;
    await adding;
  }

  /** Resolves when so much more may wait for the store, and the store has space for it. */
  async #admit(more: Need): Promise<void> {
    const { waitingBytesMax } = this.#options;
    while (this.#bytesHeld > 0 && this.#bytesHeld + heldBytes(more) > waitingBytesMax) {
      await this.#takeOver();
      if (this.#refused) throw this.#refused.error;
    }
    const need = sumOf(more, this.#waiting.need, this.#leaving.need);
    if (fits(need, this.#space)) return;
    this.#space = sumOf(need, spaceAhead);
    await this.#ensureSpace(this.#space).catch(() => {
      this.#space = nothing;
      return this.#ensureSpace(need);
    });
  }

  #ensureSpace(need: Need): Promise<void> {
    // What is leaving, and what is not yet, are taken over apart.
    const transactions = transactionsOf(need.entries, need.rooms) + Math.min(1, this.#leaving.rooms.size);
    return this.#store.ensureSpace({ ...need, rooms: need.rooms + transactions - 1, transactions });
  }

  #keep(group: Group, framed: FramedEntries | undefined, head: RoomHead): void {
    const { rooms, need } = this.#waiting;
    let ahead = rooms.get(group.room);
    if (!ahead) {
      ahead = new RoomAhead(head, this.#options.decode);
      rooms.set(group.room, ahead);
    }
    ahead.add(group, framed, head);
    this.#waiting.need = { ...need, rooms: rooms.size };
  }

  /** Whether nothing is in the segment that is not written to but what the store has for good. */
  get #isOtherSpent(): boolean {
    return this.#spent === this.#generation - 1;
  }

  get #bytesHeld(): number {
    return this.#waiting.held + this.#leaving.held;
  }

  #planTakeOver(): void {
    const { takeOverBytes, takeOverMs } = this.#options;
    if (this.#takingOver) return;
    if (this.#waiting.need.bytes >= takeOverBytes && !this.#refused) void this.#takeOver();
    else this.#timer ??= setTimeout(() => void this.#takeOver(), takeOverMs).unref();
  }

  /** Whether the store has all that was there when it was called. */
  async #takeOverAll(): Promise<boolean> {
    const newest = this.#generation;
    while (this.#spent < newest) {
      await this.#takeOver();
      if (this.#refused) return false;
    }
    return true;
  }

  /** Resolves when the store has taken over what is in one segment, or has refused to: then it stays there. */
  #takeOver(): Promise<void> {
    this.#takingOver ??= this.#takeOverOnce().finally(() => {
      this.#takingOver = undefined;
      if (this.#waiting.rooms.size > 0 || !this.#isOtherSpent) this.#planTakeOver();
    });
    return this.#takingOver;
  }

  async #takeOverOnce(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      if (this.#isOtherSpent) {
        // What is in a segment must be known before it can be spent, and before the other one is begun: an event that
        // was refused would be taken for the one that was appended in its place.
        const segment = this.#segments[this.#generation % 2] as Segment;
        while (this.#adding || segment.isUnsettled) {
          await (this.#adding?.catch(() => {}) ?? this.#add(() => segment.settle()));
        }
        this.#leaving = this.#waiting;
        this.#waiting = new Waiting();
        this.#generation += 1;
      }
      await takeOver(this.#leaving.rooms, this.#store);
      await this.#segments[(this.#generation - 1) % 2]?.spend();
      this.#spent = this.#generation - 1;
      this.#leaving = new Waiting();
      this.#refused = undefined;
    } catch (error) {
      if (!this.#refused) this.#options.behind?.(error, this.#bytesHeld);
      this.#refused = { error };
    }
    this.#space = nothing;
  }

  async #remove(removed: readonly string[]): Promise<void> {
    // What a segment says of a room would make it anew in the next life.
    if (!(await this.#takeOverAll())) throw this.#refused?.error;
    await Promise.all(removed.map((room) => this.#store.remove(room)));
    // It may have taken what others were to have.
    this.#space = nothing;
  }
}

function groupsIn(change: Change): Group | [] {
  return 'entries' in change ? change : [];
}

function removedIn(change: Change): string | [] {
  return 'removed' in change ? change.removed : [];
}

function byThrough<Part extends { readonly through: number }>(parts: readonly Part[]): Map<number, Part> {
  return new Map(parts.map((part) => [part.through, part]));
}

/**
 * The entries after `sequence`: the store's, where it has a recovery from there, and then those of `lately` that it
 * lacks.
 */
function entriesAfter(sequence: number, stored: Recovery | undefined, lately: readonly Iterable<Entry>[]) {
  return function* entries(): Generator<Entry, void> {
    let last = sequence;
    if (stored && (stored.snapshot?.place.sequence ?? 0) === sequence) {
      for (const entry of stored.entries) {
        last = entry.event.sequence;
        yield entry;
      }
    }
    for (const entries of lately) for (const entry of entries) if (entry.event.sequence > last) yield entry;
  };
}

function sumOf(...needs: readonly Need[]): Need {
  return needs.reduce((sum, { bytes, entries, rooms }) => ({
    bytes: sum.bytes + bytes,
    entries: sum.entries + entries,
    rooms: sum.rooms + rooms,
  }));
}

function fits(need: Need, space: Need): boolean {
  return need.bytes <= space.bytes && need.entries <= space.entries && need.rooms <= space.rooms;
}
