import { type Observable, take } from 'rxjs';

export interface StartRepairParts {
  /** The rooms in which the server's earlier life may have left sessions, in the order in which they are mended. */
  readonly rooms: Iterable<string>;
  /**
   * Opens a room and ends the sessions that cannot be resumed: `done` is to be called when that is durable, or cannot
   * be for now, and `unreadable` where the room cannot be opened.
   */
  readonly repair: (room: string) => void;
  /** Whether a room is being opened, which may take many turns: then the next one's turn is not yet. */
  readonly busy: () => boolean;
  /** It is time for the next room: `next` is to be called. */
  readonly due: () => void;
  /** Emits at the end of the event loop's present turn. */
  readonly endOfTurn$: Observable<unknown>;
}

/** What became of all rooms. */
export interface RepairOutcome {
  readonly rooms: number;
  /** So many of them cannot be read. */
  readonly unreadable: number;
}

/**
 * What a start owes the sessions of the server's earlier life [P8], while the server serves already: each room is
 * opened when it is asked for, or in its turn, one after the other and at most one in each turn of the event loop, so
 * that requests are answered in between. No room is begun twice, and nothing is told of a room before it is begun.
 */
export class StartRepair {
  readonly #parts: StartRepairParts;
  /** Not begun. */
  readonly #waiting: Set<string>;
  /** Begun and not done, with what waits for it. */
  readonly #underWay = new Map<string, (() => void)[]>();
  readonly #rooms: number;
  #unreadable = 0;
  #finished: ((outcome: RepairOutcome) => void) | undefined;

  constructor(parts: StartRepairParts) {
    this.#parts = parts;
    this.#waiting = new Set(parts.rooms);
    this.#rooms = this.#waiting.size;
  }

  /** Begins with `room` unless that is done: what is told to the room from here on comes after it. */
  begin(room: string): void {
    if (!this.#waiting.delete(room)) return;
    this.#underWay.set(room, []);
    this.#parts.repair(room);
  }

  /** Calls `use` when `room` is as the start leaves it: at once, but for a room that is still to be looked after. */
  whenDone(room: string, use: () => void): void {
    this.begin(room);
    const waiting = this.#underWay.get(room);
    if (waiting) waiting.push(use);
    else use();
  }

  /** Begins with the rooms, one after the other; calls `finished` once, when all are done, unless stopped before. */
  run(finished: (outcome: RepairOutcome) => void): void {
    this.#finished = finished;
    this.#awaitTurn();
  }

  /** The next room, if there is one and its turn has come. */
  next(): void {
    const [room] = this.#waiting;
    if (room !== undefined && !this.#parts.busy()) this.begin(room);
    this.#awaitTurn();
  }

  /** Begins with no more rooms: they stay as they are for the server's next life. */
  stop(): void {
    this.#waiting.clear();
    this.#finished = undefined;
  }

  /** `room` cannot be opened: it is done with. */
  unreadable(room: string): void {
    if (this.#underWay.has(room)) this.#unreadable += 1;
    this.done(room);
  }

  /** `room` is as the start leaves it; what waits for it goes on. Nothing happens where it was so already. */
  done(room: string): void {
    const waiting = this.#underWay.get(room) ?? [];
    this.#underWay.delete(room);
    for (const use of waiting) use();
    this.#finishIfDone();
  }

  #awaitTurn(): void {
    if (this.#waiting.size > 0) this.#parts.endOfTurn$.pipe(take(1)).subscribe(() => this.#parts.due());
    else this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#waiting.size > 0 || this.#underWay.size > 0) return;
    const finished = this.#finished;
    this.#finished = undefined;
    finished?.({ rooms: this.#rooms, unreadable: this.#unreadable });
  }
}
