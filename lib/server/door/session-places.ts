import type { Limits } from '../../core/limits.js';

/** What begins a little at a time. */
export interface Turns {
  /** Calls `begin`, which must not throw, when it is the turn of its `key`: at once, or in a later turn of the event loop. */
  add(key: object, begin: () => void): void;
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
 * When the sessions of connections begin whose clients have begun calls [P12]: so many in a turn of the event loop; and of connections
 * on which calls were begun and nothing asked, only so many have one. The others begin when they ask, or when one of those asks or ends,
 * the first to come first; one that waited for `requestMsMax` is told that it is overdue. Without limit are only those that waited,
 * as many as there are connections.
 */
export class SessionPlaces {
  readonly #parts: SessionPlacesParts;
  /** What begins those that wait. */
  readonly #waiting = new Set<() => void>();
  #unasked = 0;
  #admitting = false;

  constructor(parts: SessionPlacesParts) {
    this.#parts = parts;
  }

  enter({ asked, begin, overdue }: CallingConnection): SessionPlace {
    const { limits, turns } = this.#parts;
    /** Whether it has a place among those that asked nothing. */
    let isCounted = false;
    let isBegun = false;
    let isOver = false;
    let timer: NodeJS.Timeout | undefined;
    const start = (): void => {
      if (isBegun) return;
      isBegun = true;
      clearTimeout(timer);
      this.#waiting.delete(admit);
      turns.add(place, () => {
        if (!isOver) begin();
      });
    };
    const admit = (): void => {
      isCounted = true;
      this.#unasked += 1;
      start();
    };
    const giveBack = (): void => {
      if (!isCounted) return;
      isCounted = false;
      this.#unasked -= 1;
      this.#admitLater();
    };
    const place: SessionPlace = {
      asked: () => {
        giveBack();
        if (!isOver) start();
      },
      leave: () => {
        isOver = true;
        clearTimeout(timer);
        this.#waiting.delete(admit);
        giveBack();
      },
    };
    if (asked) start();
    else if (this.#unasked < limits.unaskedSessionsMax) admit();
    else {
      this.#waiting.add(admit);
      timer = setTimeout(overdue, limits.requestMsMax);
      timer.unref();
    }
    return place;
  }

  /** In another turn, for this may be within the work of a connection. */
  #admitLater(): void {
    if (this.#admitting || this.#waiting.size === 0) return;
    this.#admitting = true;
    this.#parts.nextTurn(() => {
      this.#admitting = false;
      for (const admit of this.#waiting) {
        if (this.#unasked >= this.#parts.limits.unaskedSessionsMax) break;
        admit();
      }
    });
  }
}
