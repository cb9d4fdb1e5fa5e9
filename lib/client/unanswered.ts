import type { MessageEvent } from '../core/event.js';
import { type Rejection, rejection } from '../core/rejection.js';
import { Refused, VisitOver } from './errors.js';

interface Waiting {
  readonly resolve: (event: MessageEvent) => void;
  readonly reject: (error: Error) => void;
}

/** The publishes of one visit that wait for their event, by ordinal. */
export class Unanswered {
  readonly #waiting = new Map<number, Waiting>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** Resolves with the event, rejects with Refused or VisitOver; with Refused at once where too many wait. */
  wait(ordinal: number): Promise<MessageEvent> {
    if (this.#waiting.size >= this.#max) return Promise.reject(new Refused(rejection('OVERLOADED', ordinal)));
    return new Promise((resolve, reject) => this.#waiting.set(ordinal, { resolve, reject }));
  }

  has(ordinal: number): boolean {
    return this.#waiting.has(ordinal);
  }

  accepted(event: MessageEvent): void {
    this.#take(event.ordinal)?.resolve(event);
  }

  refused(refusal: Rejection): void {
    this.#take(Number(refusal.ordinal))?.reject(new Refused(refusal));
  }

  /** The visit is over: whoever waits is told that nobody knows. */
  over(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(new VisitOver(reason));
    this.#waiting.clear();
  }

  #take(ordinal: number): Waiting | undefined {
    const waiting = this.#waiting.get(ordinal);
    this.#waiting.delete(ordinal);
    return waiting;
  }
}
