import type { Samples } from './samples.js';

/** Messages that one speaker can have under way. */
export const underWayMax = 4096;

/**
 * Keeps so many messages of one participant under way: said, and not yet come back to their author. Ordinals are
 * 1, 2, 3, …
 */
export class Speaker {
  /** Ordinal of the last message said. */
  said = 0;
  /** Ordinal of the last message that came back. */
  answered = 0;
  /** Where the milliseconds from saying to coming back go, if set. */
  samples: Samples | undefined;
  #underWay = 0;
  readonly #saidAt = new Float64Array(underWayMax);
  readonly #send: (first: number, count: number) => number;

  /** `send` sends messages with the ordinals from `first` on, up to `count`, and gives how many it could. */
  constructor(send: (first: number, count: number) => number) {
    this.#send = send;
  }

  /** Keeps `underWay` messages under way from here on; 0: says nothing more. */
  speak(underWay: number): void {
    if (underWay > underWayMax) throw new RangeError(`at most ${underWayMax} messages can be under way`);
    this.#underWay = underWay;
    this.goOn();
  }

  /** Says what may be said now. */
  goOn(): void {
    const count = this.#underWay - (this.said - this.answered);
    if (count > 0) this.say(count);
  }

  /** Says `count` messages, as far as the connection takes them; gives how many. */
  say(count: number): number {
    const first = this.said + 1;
    const sent = this.#send(first, Math.min(count, underWayMax - (this.said - this.answered)));
    const now = performance.now();
    for (let ordinal = first; ordinal < first + sent; ordinal += 1) this.#saidAt[ordinal % underWayMax] = now;
    this.said += sent;
    return sent;
  }

  /** Its message `ordinal` has come back. Throws where one was lost, or came twice. */
  answer(ordinal: number): void {
    if (ordinal !== this.answered + 1) throw new Error(`own message ${ordinal} after ${this.answered}`);
    this.answered = ordinal;
    this.samples?.add(performance.now() - (this.#saidAt[ordinal % underWayMax] as number));
  }
}
