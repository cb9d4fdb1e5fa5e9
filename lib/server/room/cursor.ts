import { Observable } from 'rxjs';
import type { Run } from '../log/event-log.js';
import { runUpTo } from '../log/run.js';

/** A room's events, as one participant follows them. */
export interface CursorSource {
  /**
   * Emits each run that was added, or undefined when there may be something new to read.
   * Must not emit from within a delivery.
   */
  readonly appended$: Observable<Run | undefined>;
  /** The next events after a sequence, some or all; undefined if there are none yet. */
  readonly read: (after: number) => Run | undefined;
  /** The last sequence the participant is to get; Infinity while that is open. */
  readonly last: () => number;
}

/** A participant's stream, as its events come to it. */
export interface Sink {
  readonly writable: () => boolean;
  /** Emits when `writable` turned true. */
  readonly drained$: Observable<void>;
  /** Takes the next run, if it was writable. */
  readonly send: (run: Run) => void;
}

/**
 * A participant's cursor: it sends the runs after `after`, in order, without a gap or duplicate [P2] [P3], each only
 * while `sink` is writable. In step, it hands on the run that was added as it is, the same bytes for all; behind, it
 * reads on at the pace of `drained$`. Nothing is ever queued for it [P10]. Completes after the last sequence; errors
 * with what `read` or `send` throws, and where a run does not begin where the last one ended. Runs go to the sink by a
 * call, past every mailbox, because each step is taken once for each participant: the one fast path of the server.
 */
export function cursor(source: CursorSource, after: number, sink: Sink): Observable<never> {
  return new Observable<never>((subscriber) => {
    let position = after;
    let sending = false;

    const send = (run: Run) => {
      const last = source.last();
      if (position < last) {
        if (run.first !== position + 1) throw new Error(`after event ${position} came a run from ${run.first} on`);
        const part = runUpTo(run, last);
        position = part.last;
        sink.send(part);
      }
      if (position >= last) subscriber.complete();
    };

    const readOn = () => {
      if (sending) return;
      if (position >= source.last()) {
        subscriber.complete();
        return;
      }
      sending = true;
      try {
        while (!subscriber.closed && sink.writable()) {
          const run = source.read(position);
          if (!run) break;
          send(run);
        }
      } catch (error) {
        subscriber.error(error);
      }
      sending = false;
    };

    const added = (run: Run | undefined) => {
      if (run?.first !== position + 1 || sending || !sink.writable()) {
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
      source.appended$.subscribe({
        next: added,
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
    subscriber.add(sink.drained$.subscribe(readOn));
    readOn();
  });
}
