import type { Rejection } from '../../core/rejection.js';
import { RefusalWindow } from '../access/refusal-window.js';
import type { StreamParts } from './peer.js';

/** Why nothing is read from a stream: untaken refusals, its turn to join, a rest after refusals, answers due then. */
export type Pause = 'refusals' | 'turn' | 'rest' | 'answers';

/** What it takes of the stream's actor. */
export interface StreamReadingSteps {
  readonly send: (refusal: Rejection) => void;
  /** Nothing is to be read for so many milliseconds: then `goOn('rest')`. */
  readonly rest: (ms: number) => void;
}

/**
 * When requests are read from one stream, and the refusals that are its answers: a client that does not take these, or
 * is refused without pause, is not read from, so what waits for it stays bounded [P12].
 */
export class StreamReading {
  readonly #parts: StreamParts;
  readonly #steps: StreamReadingSteps;
  readonly #window: RefusalWindow;
  /** Refusals that the stream could not take yet. */
  readonly #refusals: Rejection[] = [];
  /** Why nothing is read from the stream now. */
  readonly #pauses = new Set<Pause>();
  /** Messages that wait for their room's answer. */
  #undecided = 0;

  constructor(parts: StreamParts, steps: StreamReadingSteps) {
    this.#parts = parts;
    this.#steps = steps;
    this.#window = new RefusalWindow(parts.limits);
  }

  pause(why: Pause): void {
    if (this.#pauses.size === 0) this.#parts.peer.pause();
    this.#pauses.add(why);
  }

  goOn(why: Pause): void {
    if (this.#pauses.delete(why) && this.#pauses.size === 0) this.#parts.peer.resume();
  }

  /** A message is on its way to its room. */
  asked(nowMs: number): void {
    this.#undecided += 1;
    if (this.#window.shouldWait(this.#undecided, nowMs)) this.pause('answers');
  }

  answered(): void {
    this.#undecided -= 1;
    if (this.#undecided === 0) this.goOn('answers');
  }

  refuse(refusal: Rejection, nowMs: number): void {
    const { origin, limits, memory } = this.#parts;
    this.#refusals.push(refusal);
    memory.refusals.count += 1;
    this.sendRefusals();
    const waiting = this.#refusals.length;
    const isFull = waiting >= limits.refusalsWaitingMax || memory.refusals.count >= limits.refusalsWaitingInAllMax;
    // A client that does not read why it is refused is not listened to until it does: what waits for it stays bounded.
    if (waiting > 0 && isFull) this.pause('refusals');
    origin.refused(nowMs);
    // A program at the end of its input may send what is refused as fast as it can, for ever.
    const restMs = Math.max(origin.restMs(nowMs), this.#window.refused(refusal, nowMs));
    if (restMs === 0) return;
    this.pause('rest');
    this.#steps.rest(restMs);
  }

  /** Sends what waits, as far as the stream takes it. */
  sendRefusals(): void {
    const { peer, memory } = this.#parts;
    while (peer.writable) {
      const refusal = this.#refusals.shift();
      if (!refusal) break;
      memory.refusals.count -= 1;
      this.#steps.send(refusal);
    }
    if (this.#refusals.length === 0) this.goOn('refusals');
  }

  /** The stream ends: nothing more is sent. */
  end(): void {
    this.#parts.memory.refusals.count -= this.#refusals.length;
    this.#refusals.length = 0;
  }
}
