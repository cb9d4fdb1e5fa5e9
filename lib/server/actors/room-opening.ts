import { type Observable, type Subscription, tap } from 'rxjs';
import type { Limits } from '../../core/limits.js';
import { emptyRoom, evolve, type RoomState, restoreRoom } from '../../core/room-state.js';
import type { Slices } from '../../core/slices.js';
import { type EventLog, entriesPerSlice } from '../log/event-log.js';
import type { Pending, Refusal } from '../room/pending.js';
import type { Mailbox } from './mailbox.js';
import type { RoomAdmission, Unanswered } from './room-admission.js';
import type { RoomParts } from './room-parts.js';

export interface RoomOpeningParts extends RoomParts {
  readonly mailbox: Pick<Mailbox<unknown>, 'pause' | 'resume'>;
  readonly unanswered: Unanswered<Pending>;
  readonly admission: RoomAdmission;
  readonly refuse: (pending: Pending, answer: Refusal) => void;
}

/**
 * The reading of one room's state from its event log, in slices. Meanwhile its messages wait in its mailbox, in order,
 * and of requests no more than its inlet holds.
 */
export class RoomOpening {
  readonly #parts: RoomOpeningParts;
  #reading: Subscription | undefined;

  constructor(parts: RoomOpeningParts) {
    this.#parts = parts;
  }

  get isUnderWay(): boolean {
    return this.#reading !== undefined;
  }

  /**
   * Reads from the end of this turn on; `opened` begins with the state. Where reading or `opened` throws, `failed` is
   * called, and the opening is still under way.
   */
  begin(opened: (state: RoomState) => void, failed: (error: unknown) => void): void {
    this.#reading?.unsubscribe();
    this.#parts.mailbox.pause();
    // In the pipe and not in the observer, where a throw would have no handler and end the process.
    this.#reading = this.recover()
      .pipe(tap(opened))
      .subscribe({ next: () => this.end(), error: failed });
  }

  /** The room is open, or will not be: what waited comes in, or is answered. Nothing where no opening is under way. */
  end(): void {
    if (!this.#reading) return;
    this.#reading.unsubscribe();
    this.#reading = undefined;
    this.#parts.unanswered.letIn();
    this.#parts.mailbox.resume();
  }

  /** Whether a request may wait; else it was refused. */
  holds(pending: Pending): boolean {
    const { admission, unanswered, refuse } = this.#parts;
    const full = 'command' in pending && pending.owed ? undefined : admission.refusalIfFull(pending);
    if (full) refuse(pending, full);
    else unanswered.hold(pending);
    return !full;
  }

  /** The state that the event log has. */
  recover(): Observable<RoomState> {
    const { log, room, limits, openings } = this.#parts;
    return openings.run(rebuildState(log, room, limits));
  }
}

/**
 * The state that a room's event log says: snapshot and replay, in slices. Nothing is appended to the room meanwhile.
 * Throws where the event log cannot be read.
 */
export function* rebuildState(log: EventLog, room: string, limits: Limits): Slices<RoomState> {
  if (!log.head(room)) return emptyRoom(room);
  const { head, snapshot, parts, entries } = yield* log.recover(room);
  const state = yield* restoreRoom(room, snapshot, parts, head.logIdAfter);
  let replayed = 0;
  for (const entry of entries) {
    evolve(state, entry, limits);
    replayed += 1;
    if (replayed % entriesPerSlice === 0) yield;
  }
  return state;
}
