import { interval, type Observable, type SchedulerLike, share } from 'rxjs';

/** So often within a heartbeat's time each stream is looked at: it gets one after seven to eight eighths of that time, never later. */
const looksPerBeat = 8;

/** A response without anything in it: its client takes it for no event. One for all streams. */
export const emptyResponse = Buffer.alloc(0);

/** When all streams look whether they were quiet for too long, one timer for all of them; undefined where `heartbeatMs` is 0. */
export function heartbeatLooks(heartbeatMs: number, scheduler: SchedulerLike): Observable<unknown> | undefined {
  return heartbeatMs > 0 ? interval(heartbeatMs / looksPerBeat, scheduler).pipe(share()) : undefined;
}

/** How long one stream has been quiet, counted in looks, so that what is sent costs no look at a clock. */
export class Quiet {
  #looks = 0;

  /** Something was sent. */
  broken(): void {
    this.#looks = 0;
  }

  /** Whether it is time for a heartbeat, and goes on to be until something is sent. */
  look(): boolean {
    this.#looks += 1;
    return this.#looks >= looksPerBeat;
  }
}
