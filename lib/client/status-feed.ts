import { Observable, ReplaySubject } from 'rxjs';
import type { Status } from './chat-client.js';

/** How a visit stands: the present status for whoever subscribes, then every change. */
export class StatusFeed {
  readonly #changes$ = new ReplaySubject<Status>(1);
  #present: Status | undefined;
  #untold: Status | undefined;

  readonly status$ = new Observable<Status>((subscriber) => {
    // A lost history is told also where it was lost before anybody could subscribe [P11].
    if (this.#untold && this.#untold !== this.#present) subscriber.next(this.#untold);
    this.#untold = undefined;
    return this.#changes$.subscribe(subscriber);
  });

  get present(): Status | undefined {
    return this.#present;
  }

  tell(status: Status): void {
    if (status.state === 'history-lost' && !this.#changes$.observed) this.#untold = status;
    this.#present = status;
    this.#changes$.next(status);
  }

  complete(): void {
    this.#changes$.complete();
  }
}
