import { RoundRobin } from '../service/round-robin.js';

/**
 * When calls, sessions or connections begin: at once, or where many come in one turn of the event loop, `perTurnMax` in
 * each and the others in the next ones, for to begin one costs more than most of what is done for it. Keys take turns.
 * As many wait as there may be calls, sessions or connections.
 */
export class BeginTurns {
  readonly #perTurnMax: number;
  readonly #nextTurn: (turn: () => void) => void;
  readonly #waiting = new RoundRobin<object, () => void>();
  #begun = 0;

  /** `nextTurn` runs a function once, after the event loop has looked for what came meanwhile. */
  constructor(perTurnMax: number, nextTurn: (turn: () => void) => void) {
    this.#perTurnMax = perTurnMax;
    this.#nextTurn = nextTurn;
  }

  /** Calls `begin`, which must not throw, when it is the turn of its `key`. */
  add(key: object, begin: () => void): void {
    if (this.#begun === 0 && this.#waiting.size === 0) this.#nextTurn(() => this.#turn());
    if (this.#waiting.size > 0 || this.#begun >= this.#perTurnMax) {
      this.#waiting.add(key, begin);
      return;
    }
    this.#begun += 1;
    begin();
  }

  #turn(): void {
    this.#begun = 0;
    while (this.#begun < this.#perTurnMax) {
      const begin = this.#waiting.next(() => true);
      if (!begin) break;
      this.#begun += 1;
      begin();
    }
    if (this.#begun > 0) this.#nextTurn(() => this.#turn());
  }
}
