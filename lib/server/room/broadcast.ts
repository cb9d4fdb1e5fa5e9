import { Subject } from 'rxjs';
import type { WelcomeToAll } from '../../codec/responses.js';
import type { Limits } from '../../core/limits.js';
import { beginning, type Position } from '../../core/room-state.js';
import { type EncodedEntry, type EventLog, LogDamaged, type Run } from '../log/event-log.js';
import { runsOf } from '../log/run.js';
import type { CursorSource } from './cursor.js';
import type { Ref, StreamNotice } from './pending.js';
import { EventPages, RecentEvents } from './recent-events.js';
import type { ServerMemory } from './shared-memory.js';

/** A session's stream, as its room serves it. */
export interface SessionStream {
  /** The last sequence it is to get: that of its session's Left, once there is one. */
  last: number;
  readonly connection: Ref<StreamNotice>;
}

export interface BroadcastParts {
  readonly room: string;
  readonly log: EventLog;
  readonly limits: Limits;
  readonly memory: Pick<ServerMemory, 'recentEvents' | 'pages'>;
}

/**
 * The events that a room has published, and how cursors follow them: a Subject of the runs that are added, the newest
 * runs in memory, and behind them the event log. Nothing is delivered before it is durable [P4].
 */
export class Broadcast {
  readonly #parts: BroadcastParts;
  readonly #recent: RecentEvents;
  readonly #pages: EventPages;
  readonly #appended$ = new Subject<Run | undefined>();
  #position: Position = beginning;
  /** The newest event that was found damaged; 0 if none was. */
  #damaged = 0;

  constructor(parts: BroadcastParts) {
    this.#parts = parts;
    const { log, room, limits, memory } = parts;
    this.#recent = new RecentEvents(
      memory.recentEvents,
      Math.min(limits.tailBytesMax, limits.tailsBytesMax),
      limits.writeBytesMax,
    );
    this.#pages = new EventPages(memory.pages, (after) =>
      log.read(room, after, limits.catchUpEventsMax, limits.writeBytesMax),
    );
  }

  /** The last event that was told. */
  get position(): Position {
    return this.#position;
  }

  /** Of a room that has an event log. */
  get logId(): string {
    const { log, room } = this.#parts;
    const head = log.head(room);
    if (!head) throw new Error(`the room ${room} has no log`);
    return head.logId;
  }

  /** The event log, up to `position`, may hold more than was told: recent events going on would have a gap [P3]. */
  startFrom(position: Position): void {
    this.forgetRecent();
    this.#position = position;
  }

  /**
   * The entries, which go on from the last that were added and end at `position`, can be read from here on, as these
   * runs. Throws where they do not go on: what all cursors would be told had a gap, or something twice [P3].
   */
  add(entries: readonly EncodedEntry[], position: Position): readonly Run[] {
    const first = this.#position.sequence + 1;
    const [begin, end] = [entries[0]?.event.sequence, entries.at(-1)?.event.sequence];
    if (begin !== first || end !== position.sequence || end - begin + 1 !== entries.length) {
      const { room } = this.#parts;
      throw new Error(`room ${room}: events ${begin} to ${end} do not lead from ${first - 1} to ${position.sequence}`);
    }
    const encodings = entries.map(({ bytes }) => bytes);
    const runs = runsOf(first, encodings, this.#parts.limits.writeBytesMax);
    for (const run of runs) this.#recent.push(run);
    this.#pages.forgetUnused();
    this.#position = position;
    return runs;
  }

  /** Tells all who follow of a run that was added; without one, that they may find something new. */
  notify(run?: Run): void {
    this.#appended$.next(run);
  }

  /** No cursor is there to be behind. */
  forgetRecent(): void {
    this.#recent.clear();
    this.#pages.clear();
  }

  /** Every cursor errors with `error`. */
  fail(error: unknown): void {
    this.#appended$.error(error);
  }

  /** Where a cursor begins that is to be sent so many events before `position`, as far as they are kept. */
  historyPosition(position: Position, history: number): Pick<WelcomeToAll, 'sequence' | 'chain'> {
    const { log, room, limits } = this.#parts;
    const wanted = position.sequence - Math.min(history, limits.historyEventsMax);
    // The chain before the oldest event that is kept is not known, but for the first.
    const oldest = log.oldest(room) === 1 ? 0 : log.oldest(room);
    // Not before an event that cannot be read: the cursor would end there.
    const readable = this.#damaged === 0 ? 0 : this.#damaged + 1;
    const sequence = Math.max(wanted, Math.min(Math.max(oldest, readable), position.sequence));
    if (sequence === position.sequence) return { sequence, chain: position.chain };
    try {
      const chain = log.chainAt(room, sequence);
      if (chain === undefined) throw new Error(`the log of room ${room} does not reach to ${sequence}`);
      return { sequence, chain };
    } catch (error) {
      this.#noteDamage(error);
      return this.historyPosition(position, position.sequence - sequence - 1);
    }
  }

  welcome(standing: Omit<WelcomeToAll, 'room' | 'logId' | 'textLengthMax'>): WelcomeToAll {
    const { room, limits } = this.#parts;
    return { ...standing, room, logId: this.logId, textLengthMax: limits.textCodePointsMax };
  }

  /** What a cursor of the stream follows, up to the stream's last event. */
  sourceFor(stream: SessionStream): CursorSource {
    return { appended$: this.#appended$, read: (after) => this.#read(after), last: () => stream.last };
  }

  #read(after: number): Run | undefined {
    if (after >= this.#position.sequence) return undefined;
    try {
      return this.#recent.read(after) ?? this.#pages.read(after);
    } catch (error) {
      this.#noteDamage(error);
      throw error;
    }
  }

  /** Throws whatever else it is. */
  #noteDamage(error: unknown): void {
    if (!(error instanceof LogDamaged)) throw error;
    this.#damaged = Math.max(this.#damaged, error.sequence);
  }
}
