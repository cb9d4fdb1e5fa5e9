import { defer, Observable, type ObservableInput, type OperatorFunction, Subscription, take } from 'rxjs';

export interface Grouping<T> {
  readonly groupMax: number;
  /** Whether a value waits for nothing but the end of the turn. */
  readonly urgent: (value: T) => boolean;
  /** Its first emission ends the wait of a group with an urgent value in it. */
  readonly turn$: Observable<unknown>;
  /** Its first emission ends the wait of a group without one. */
  readonly company$: Observable<unknown>;
}

/**
 * Works on values in groups, in order, one group at a time: the values that arrive while a group waits, or while
 * another one is being worked on, become the next group. So load makes batches by itself, and no two groups are ever
 * worked on at once (a bounded `concatMap` over groups) [P6]. The caller limits the values held here, because it knows
 * which to refuse. When the source completes, the waiting values are still worked on; an error of the source or of
 * `work` ends all at once.
 */
export function inGroups<T, R>(
  work: (group: readonly T[]) => ObservableInput<R>,
  grouping: Grouping<T>,
): OperatorFunction<T, R> {
  return (source$) =>
    new Observable<R>((subscriber) => {
      let waiting: T[] = [];
      let wait: { urgent: boolean; subscription: Subscription } | undefined;
      let working = false;
      let completed = false;

      const stopWaiting = () => {
        wait?.subscription.unsubscribe();
        wait = undefined;
      };

      const startNext = () => {
        stopWaiting();
        const group = waiting.slice(0, grouping.groupMax);
        waiting = waiting.slice(grouping.groupMax);
        working = true;
        subscriber.add(
          // A throw of `work` must error the stream: in here it would have no handler.
          defer(() => work(group)).subscribe({
            next: (result) => subscriber.next(result),
            error: (error) => subscriber.error(error),
            complete: () => {
              working = false;
              proceed();
            },
          }),
        );
      };

      const proceed = () => {
        if (working) return;
        if (waiting.length === 0) {
          if (completed) subscriber.complete();
          return;
        }
        if (completed || waiting.length >= grouping.groupMax) {
          startNext();
          return;
        }
        const urgent = wait?.urgent || waiting.some(grouping.urgent);
        if (wait && wait.urgent === urgent) return;
        stopWaiting();
        // Set before subscribing: an emission at once must find the wait it ends.
        wait = { urgent, subscription: new Subscription() };
        wait.subscription.add(
          (urgent ? grouping.turn$ : grouping.company$).pipe(take(1)).subscribe({ next: startNext }),
        );
      };

      subscriber.add(stopWaiting);
      subscriber.add(
        source$.subscribe({
          next: (value) => {
            waiting.push(value);
            proceed();
          },
          error: (error) => subscriber.error(error),
          complete: () => {
            completed = true;
            proceed();
          },
        }),
      );
    });
}
