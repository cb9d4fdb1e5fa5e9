import { Observable } from 'rxjs';
import type { Run } from '../log/event-log.js';
import { runUpTo } from '../log/run.js';
import type { Flow } from './messages.js';

/** A room's events, as one participant follows them. */
export interface Followed {
  /**
   * Rings with each run that was added, or with undefined when there may be something new to read.
   * Must not ring from within a delivery.
   */
  readonly bell$: Observable<Run | undefined>;
  /** The next events after a sequence, some or all; undefined if there are none yet. */
  readonly read: (after: number) => Run | undefined;
  /** The last sequence the participant is to get; Infinity while that is open. */
  readonly last: () => number;
}

/**
 * A participant is a cursor (design: step 5), and this is it: the runs after `after`, in order, without gap or
 * duplicate [P2] [P3], each emitted only while `flow` is writable. In step, the run that rang the bell is handed on as it is,
 * the same bytes for all; behind, the cursor reads on at the pace of `drained$`. Nothing is ever queued for it [P10].
 * Completes after the last sequence; errors with what `read` throws.
 */
export function follow(followed: Followed, after: number, flow: Flow): Observable<Run> {
  return new Observable<Run>((subscriber) => {
    let cursor = after;
    let emitting = false;

    const emit = (run: Run) => {
      const last = followed.last();
      if (cursor < last) {
        const part = runUpTo(run, last);
        cursor = part.last;
        subscriber.next(part);
      }
      if (cursor >= last) subscriber.complete();
    };

    const readOn = () => {
      if (emitting) return;
      if (cursor >= followed.last()) {
        subscriber.complete();
        return;
      }
      emitting = true;
      try {
        while (!subscriber.closed && flow.writable()) {
          const run = followed.read(cursor);
          if (!run) break;
          emit(run);
        }
      } catch (error) {
        subscriber.error(error);
      }
      emitting = false;
    };

    subscriber.add(
      followed.bell$.subscribe({
        next: (run) => {
          if (run?.first === cursor + 1 && !emitting && flow.writable()) emit(run);
          else readOn();
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
    subscriber.add(flow.drained$.subscribe(readOn));
    readOn();
  });
}
