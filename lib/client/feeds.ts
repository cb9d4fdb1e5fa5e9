import { ignoreElements, Observable, ReplaySubject, Subject } from 'rxjs';
import type { Status } from './chat-client.js';

export interface HeldEventsOptions {
  /** So many wait that no more should be brought. */
  readonly filled?: () => void;
  /** The first subscriber has come and has all that waited. */
  readonly read?: () => void;
}

/**
 * Values held for the first subscriber, so that none is missed before its coming, however late that is [P3]: a reader
 * that has not come yet is a paused reader, so with `heldMax` values `filled` says that no more should be brought. What
 * comes all the same is held too. Later subscribers get what comes after.
 */
export class HeldEvents<T> {
  readonly #options: HeldEventsOptions;
  readonly #heldMax: number;
  readonly #subject = new Subject<T>();
  /** Undefined when a first subscriber has all of them. */
  #held: T[] | undefined = [];
  #firstHasCome = false;
  #lettingGo = false;
  /** Whether a value was let go. */
  #gap = false;

  constructor(heldMax: number, options: HeldEventsOptions = {}) {
    this.#heldMax = heldMax;
    this.#options = options;
  }

  readonly values$ = new Observable<T>((subscriber) => {
    const held = this.#held;
    if (!held || this.#firstHasCome) return this.#subject.subscribe(subscriber);
    this.#firstHasCome = true;
    // Each is gone from those that wait before it is given: `first` is the next one.
    for (let value = held.shift(); value !== undefined; value = held.shift()) {
      subscriber.next(value);
      if (subscriber.closed) held.length = 0;
    }
    this.#held = undefined;
    const subscription = (this.#gap ? this.#subject.pipe(ignoreElements()) : this.#subject).subscribe(subscriber);
    this.#options.read?.();
    return subscription;
  });

  /** The first value that waits for a subscriber. */
  get first(): T | undefined {
    return this.#held?.[0];
  }

  /** Whether as many wait as may. */
  get full(): boolean {
    return !this.#lettingGo && this.#held !== undefined && this.#held.length >= this.#heldMax;
  }

  next(value: T): void {
    if (!this.#held) this.#subject.next(value);
    else if (this.#lettingGo && (this.#gap || this.#held.length >= this.#heldMax)) this.#gap = true;
    else {
      this.#held.push(value);
      if (this.full) this.#options.filled?.();
    }
  }

  /** Waits for a first subscriber no more: one that still comes gets what was held, and after a gap nothing. */
  letGo(): void {
    this.#lettingGo = true;
  }

  complete(): void {
    this.#subject.complete();
  }
}

/** How a session stands: a subscriber gets the present status, then every change. */
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

  tell(status: Status): void {
    if (status.state === 'history-lost' && !this.#changes$.observed) this.#untold = status;
    this.#present = status;
    this.#changes$.next(status);
  }

  complete(): void {
    this.#changes$.complete();
  }
}
