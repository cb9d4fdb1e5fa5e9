import type { Limits } from '../../core/limits.js';
import { RoundRobin } from '../service/round-robin.js';

export interface CallTurnsParts {
  readonly limits: Pick<Limits, 'callsBegunPerTurnMax'>;
  /** Runs `turn` once, after the event loop has looked for what came meanwhile. */
  readonly nextTurn: (turn: () => void) => void;
}

/**
 * When calls begin: at once, or where many come in one turn of the event loop, so many in each and the others in the next
 * ones, for to begin one costs more than most of what is done for it. Connections take turns. As many wait as there are
 * streams, which HTTP/2 limits (`streamsPerConnectionMax`).
 */
export class CallTurns {
  readonly #parts: CallTurnsParts;
  readonly #waiting = new RoundRobin<object, () => void>({
    perKeyMax: Number.POSITIVE_INFINITY,
    allMax: Number.POSITIVE_INFINITY,
  });
  #begun = 0;

  constructor(parts: CallTurnsParts) {
    this.#parts = parts;
  }

  /** Calls `begin`, which must not throw, when it is the turn of its `connection`. */
  add(connection: object, begin: () => void): void {
    const { limits, nextTurn } = this.#parts;
    if (this.#begun === 0 && this.#waiting.size === 0) nextTurn(() => this.#turn());
    if (this.#waiting.size > 0 || this.#begun >= limits.callsBegunPerTurnMax) {
      this.#waiting.add(connection, begin);
      return;
    }
    this.#begun += 1;
    begin();
  }

  #turn(): void {
    const { limits, nextTurn } = this.#parts;
    this.#begun = 0;
    while (this.#begun < limits.callsBegunPerTurnMax) {
      const begin = this.#waiting.next(() => true);
      if (!begin) break;
      this.#begun += 1;
      begin();
    }
    if (this.#begun > 0) nextTurn(() => this.#turn());
  }
}
