import { Observable, Subject } from 'rxjs';

/**
 * Values held for the first subscriber, so that none is missed between a join and its first reader. Where nobody has
 * subscribed until `heldMax` wait, nobody seems to want them: they are let go, and a later subscriber gets what comes
 * after, as every later one does.
 */
export class HeldEvents<T> {
  readonly #subject = new Subject<T>();
  readonly #heldMax: number;
  #held: T[] | undefined = [];

  constructor(heldMax: number) {
    this.#heldMax = heldMax;
  }

  readonly values$ = new Observable<T>((subscriber) => {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const value of held) subscriber.next(value);
    return this.#subject.subscribe(subscriber);
  });

  next(value: T): void {
    if (this.#held && this.#held.length < this.#heldMax) this.#held.push(value);
    else {
      this.#held = undefined;
      this.#subject.next(value);
    }
  }

  complete(): void {
    this.#subject.complete();
  }
}
