import { Observable } from 'rxjs';
import type { Run } from '../../../lib/server/log/event-log.js';
import type { Flow, Visit } from '../../../lib/server/room/pending.js';

/** What a stream can take at present. */
export type Stream = Omit<Flow, 'send'>;

/** The runs that `follow` sends to `stream`, as they are sent, and its end. `taking` is what may throw at a run. */
export function sentTo(
  stream: Stream,
  follow: Visit['follow'],
  taking: (run: Run) => void = () => {},
): Observable<Run> {
  return new Observable((subscriber) => {
    const send = (run: Run) => {
      taking(run);
      subscriber.next(run);
    };
    return follow({ ...stream, send }).subscribe({
      error: (error) => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
  });
}
