import type { Ordinals } from './ordinals.js';

/**
 * The accepted ordinals of sessions that are over, so that a publish whose answer was lost can still be repeated and finds
 * the event it became [P5]. Bounded by the number of ordinals; the oldest session goes first.
 */
export class EndedSessions {
  readonly #sessions = new Map<string, Ordinals>();
  #count = 0;

  /** Keeps what `session` said; forgets the oldest sessions over `ordinalsMax`, and gives what they said. */
  add(session: string, ordinals: Ordinals, ordinalsMax: number): readonly Ordinals[] {
    if (ordinals.count === 0) return [];
    const forgotten = this.#forget(session);
    this.#sessions.set(session, ordinals);
    this.#count += ordinals.count;
    for (const oldest of this.#sessions.keys()) {
      if (this.#count <= ordinalsMax) break;
      forgotten.push(...this.#forget(oldest));
    }
    return forgotten;
  }

  /** How many ordinals are remembered. */
  get count(): number {
    return this.#count;
  }

  /** Forgets all sessions, and gives what they said. */
  clear(): readonly Ordinals[] {
    const all = [...this.#sessions.values()];
    this.#sessions.clear();
    this.#count = 0;
    return all;
  }

  /** The event that a publish of an ended session became; undefined if that is not known. */
  sequenceOf(session: string, ordinal: number): number | undefined {
    return this.#sessions.get(session)?.sequenceOf(ordinal);
  }

  /** Each session with its ordinals, oldest first. */
  entries(): IterableIterator<[session: string, ordinals: Ordinals]> {
    return this.#sessions.entries();
  }

  #forget(session: string): Ordinals[] {
    const ordinals = this.#sessions.get(session);
    if (!ordinals) return [];
    this.#count -= ordinals.count;
    this.#sessions.delete(session);
    return [ordinals];
  }
}
