import type { Limits } from '../../core/limits.js';

/** What begins a little at a time. */
export interface Turns {
  /** Calls `begin`, which must not throw, at the turn of its `key`: at once, or in a later turn of the event loop. */
  add(key: object, begin: () => void): void;
}

/** So many at once; the others wait for a place, in the order in which they came. */
export class Places {
  readonly #max: number;
  /** What gives a place to those that wait. */
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Calls `begin`, which must not throw, when there is a place: now, or from within what gives one back. Returns what
   * gives it back, or ends the wait for it; further calls of that do nothing.
   */
  enter(begin: () => void): () => void {
    let isIn = false;
    const take = (): void => {
      isIn = true;
      this.#taken += 1;
      begin();
    };
    if (this.#taken < this.#max) take();
    else this.#waiting.add(take);
    return () => {
      this.#waiting.delete(take);
      if (!isIn) return;
      isIn = false;
      this.#taken -= 1;
      const [next] = this.#waiting;
      if (!next) return;
      this.#waiting.delete(next);
      next();
    };
  }
}

export interface SessionPlacesParts {
  readonly limits: Pick<Limits, 'unaskedSessionsMax' | 'requestMsMax'>;
  readonly turns: Turns;
  readonly nextTurn: (turn: () => void) => void;
}

/** A connection whose client has begun a call. */
export interface CallingConnection {
  /** Whether its client has sent something of a request already. */
  readonly asked: boolean;
  /** Called when its session is to be made. Must not throw. */
  readonly begin: () => void;
  /** Called where nothing was asked in time, and no session was made for it. Must not throw. */
  readonly overdue: () => void;
}

/** What a calling connection has, or waits for. */
export interface SessionPlace {
  /** Its client has sent something of a request. */
  asked(): void;
  /** The connection is over. Further calls do nothing. */
  leave(): void;
}

/**
 * When the sessions of connections begin whose clients have begun calls [P12]: so many in a turn of the event loop; and
 * of connections on which calls were begun and nothing asked, only so many have one. The others begin when they ask, or
 * when one of those asks or ends, the first to come first; one that waited for `requestMsMax` is told that it is
 * overdue. Without limit are only those that waited, as many as there are connections.
 */
export class SessionPlaces {
  readonly #parts: SessionPlacesParts;
  readonly #unasked: Places;

  constructor(parts: SessionPlacesParts) {
    this.#parts = parts;
    this.#unasked = new Places(parts.limits.unaskedSessionsMax);
  }

  enter({ asked, begin, overdue }: CallingConnection): SessionPlace {
    const { limits, turns, nextTurn } = this.#parts;
    let isBegun = false;
    let isOver = false;
    let isWaiting = false;
    let timer: NodeJS.Timeout | undefined;
    let giveBack = (): void => {};
    const start = (): void => {
      clearTimeout(timer);
      if (isBegun || isOver) return;
      isBegun = true;
      turns.add(place, () => {
        if (!isOver) begin();
      });
    };
    const place: SessionPlace = {
      asked: () => {
        giveBack();
        start();
      },
      leave: () => {
        isOver = true;
        clearTimeout(timer);
        giveBack();
      },
    };
    if (asked) {
      start();
      return place;
    }
    // In another turn where it waited, for this may be within the work of another connection.
    giveBack = this.#unasked.enter(() => (isWaiting ? nextTurn(start) : start()));
    isWaiting = !isBegun;
    if (isWaiting) timer = setTimeout(overdue, limits.requestMsMax).unref();
    return place;
  }
}
