import { Observable } from 'rxjs';
import type { Run } from '../../../lib/server/log/event-log.js';
import { type CursorSource, cursor, type Sink } from '../../../lib/server/room/cursor.js';

/** What a stream can take at present. */
export type Stream = Omit<Sink, 'send'>;

/** The runs that a cursor sends to `stream` from `after` on, as they are sent, and its end. `taking` is what may throw at a run. */
export function sentTo(
  source: CursorSource,
  after: number,
  stream: Stream,
  taking: (run: Run) => void = () => {},
): Observable<Run> {
  return new Observable((subscriber) => {
    const send = (run: Run) => {
      taking(run);
      subscriber.next(run);
    };
    return cursor(source, after, { ...stream, send }).subscribe({
      error: (error) => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
  });
}
