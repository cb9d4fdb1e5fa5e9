import { asyncScheduler, Observable, type SchedulerLike, type Subscription, take } from 'rxjs';
import type { Slices } from '../../core/slices.js';

/** All that actors know of time, so that a test can give them another. */
export interface Time {
  /** Wall-clock milliseconds since 1970. */
  readonly now: () => number;
  /** What ends their waits. */
  readonly scheduler: SchedulerLike;
  /** Emits at the end of the event loop's present turn. */
  readonly endOfTurn$: Observable<unknown>;
}

export const systemTime: Time = {
  now: Date.now,
  scheduler: asyncScheduler,
  endOfTurn$: new Observable<void>((subscriber) => {
    const immediate = setImmediate(() => subscriber.next());
    return () => clearImmediate(immediate);
  }),
};

/** Slices in each turn of the event loop: together they are less than 10 ms of processor time. */
export const slicesPerTurn = 2;

/**
 * Long work of many, some slices in each turn of the event loop, so that all other work is done in between. Pieces of
 * work take turns: a short one need not wait for the end of a long one.
 */
export class Turns {
  readonly #endOfTurn$: Observable<unknown>;
  /** The one whose turn is next comes first; each does its next slice, and says whether there is more. */
  readonly #underWay = new Set<() => boolean>();
  #turn: Subscription | undefined;

  constructor(endOfTurn$: Observable<unknown>) {
    this.#endOfTurn$ = endOfTurn$;
  }

  get idle(): boolean {
    return this.#underWay.size === 0;
  }

  /** Does `work` from the end of this turn on; emits its result, or errors as it throws. Unsubscribed, it stops. */
  run<Result>(work: Slices<Result>): Observable<Result> {
    return new Observable((subscriber) => {
      const slice = (): boolean => {
        try {
          const { done, value } = work.next();
          if (!done) return true;
          subscriber.next(value);
          subscriber.complete();
        } catch (error) {
          subscriber.error(error);
        }
        return false;
      };
      this.#underWay.add(slice);
      this.#awaitTurn();
      return () => {
        this.#underWay.delete(slice);
        if (!this.idle) return;
        this.#turn?.unsubscribe();
        this.#turn = undefined;
      };
    });
  }

  #awaitTurn(): void {
    this.#turn ??= this.#endOfTurn$.pipe(take(1)).subscribe(() => {
      this.#turn = undefined;
      for (let slices = 0; slices < slicesPerTurn; slices += 1) this.#next();
      if (!this.idle) this.#awaitTurn();
    });
  }

  #next(): void {
    const [slice] = this.#underWay;
    if (!slice) return;
    // Behind all others, before it runs: it may bring more work, or be unsubscribed by what it tells.
    this.#underWay.delete(slice);
    this.#underWay.add(slice);
    if (!slice()) this.#underWay.delete(slice);
  }
}
