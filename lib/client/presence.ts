import type { RoomEvent } from '../core/event.js';

/** Who is in the room, in the order of joining: a list as of some event, kept up with those that follow. */
export class Presence {
  readonly #names: Set<string>;
  readonly #asOf: number;

  constructor(names: readonly string[], asOf: number) {
    this.#names = new Set(names);
    this.#asOf = asOf;
  }

  get names(): readonly string[] {
    return [...this.#names];
  }

  take({ sequence, kind, participant }: RoomEvent): void {
    if (sequence <= this.#asOf) return;
    if (kind === 'joined') this.#names.add(participant);
    if (kind === 'left') this.#names.delete(participant);
  }
}
