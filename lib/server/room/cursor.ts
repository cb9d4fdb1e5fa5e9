import { Observable } from 'rxjs';
import type { Run } from '../log/event-log.js';
import { runUpTo } from '../log/run.js';
import type { Flow } from './pending.js';

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
 * duplicate [P2] [P3], each sent only while `flow` is writable. In step, the run that rang the bell is handed on as it is,
 * the same bytes for all; behind, the cursor reads on at the pace of `drained$`. Nothing is ever queued for it [P10].
 * Completes after the last sequence; errors with what `read` or `send` throws, and where a run does not
 * begin where the last one ended. The runs themselves go to the flow, for each
 * step on the way of a run is taken once for each participant.
 */
export function follow(followed: Followed, after: number, flow: Flow): Observable<never> {
  return new Observable<never>((subscriber) => {
    let cursor = after;
    let sending = false;

    const send = (run: Run) => {
      const last = followed.last();
      if (cursor < last) {
        if (run.first !== cursor + 1) throw new Error(`after event ${cursor} came a run from ${run.first} on`);
        const part = runUpTo(run, last);
        cursor = part.last;
        flow.send(part);
      }
      if (cursor >= last) subscriber.complete();
    };

    const readOn = () => {
      if (sending) return;
      if (cursor >= followed.last()) {
        subscriber.complete();
        return;
      }
      sending = true;
      try {
        while (!subscriber.closed && flow.writable()) {
          const run = followed.read(cursor);
          if (!run) break;
          send(run);
        }
      } catch (error) {
        subscriber.error(error);
      }
      sending = false;
    };

    const rung = (run: Run | undefined) => {
      if (run?.first !== cursor + 1 || sending || !flow.writable()) {
        readOn();
        return;
      }
      try {
        send(run);
      } catch (error) {
        subscriber.error(error);
      }
    };

    subscriber.add(
      followed.bell$.subscribe({
        next: rung,
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
    subscriber.add(flow.drained$.subscribe(readOn));
    readOn();
  });
}
