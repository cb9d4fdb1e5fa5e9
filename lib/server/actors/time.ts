import { asyncScheduler, Observable, type SchedulerLike } from 'rxjs';

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
