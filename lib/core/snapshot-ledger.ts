import type { OrdinalsPart, PartsChange } from './ordinals.js';

/** A part of a session's ordinals, which snapshots of its room refer to (`OrdinalsPart`). */
export interface SnapshotPart extends OrdinalsPart {
  readonly session: string;
}

/**
 * How far a room's snapshots in its event log are behind its state: the newest snapshot's sequence, the parts that are
 * to be written before the next one, and the parts that can go after it. All of it can be worked out from the event
 * log, so it may be lost.
 */
export class SnapshotLedger {
  /** The sequence of the newest snapshot; 0 without one. */
  #sequence: number;
  readonly #unwritten = new Map<number, SnapshotPart>();
  /** What the state needs no more, and the newest snapshot may. */
  readonly #forgotten = new Set<number>();
  /** What the newest snapshot needs no more, and the one before may: it is used where the newest is damaged. */
  #outlived: Set<number>;
  readonly #unneeded = new Set<number>();

  /** `outlived`: stored parts that the snapshot at `sequence` does not refer to. */
  constructor(sequence = 0, outlived: Iterable<number> = []) {
    this.#sequence = sequence;
    this.#outlived = new Set(outlived);
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** Whether a snapshot may be taken: all its parts are written, or go with it. */
  get isReady(): boolean {
    return this.#unwritten.size === 0;
  }

  changed(session: string, { filled, forgotten }: PartsChange): void {
    if (filled) {
      const { through, pairs } = filled;
      this.#unwritten.set(through, { session, through, pairs });
      // A part of the same name that is stored already is written over.
      this.#forgotten.delete(through);
      this.#outlived.delete(through);
      this.#unneeded.delete(through);
    }
    this.forgot(forgotten);
  }

  /** The parts of these names are not the state's any more. */
  forgot(parts: readonly number[]): void {
    for (const through of parts) {
      this.#unwritten.delete(through);
      this.#forgotten.add(through);
    }
  }

  /** A snapshot of the state at `sequence` goes with the next write. Not before all is ready. */
  snapshotTaken(sequence: number): void {
    this.#sequence = sequence;
    for (const through of this.#outlived) this.#unneeded.add(through);
    this.#outlived = new Set(this.#forgotten);
    this.#forgotten.clear();
  }

  /** The next parts to write, at most `max`. */
  nextUnwritten(max: number): readonly SnapshotPart[] {
    const parts = firstOf(this.#unwritten.values(), max);
    for (const { through } of parts) this.#unwritten.delete(through);
    return parts;
  }

  /** The next stored parts to drop, at most `max`, by `through`. */
  nextUnneeded(max: number): readonly number[] {
    const unneeded = firstOf(this.#unneeded, max);
    for (const through of unneeded) this.#unneeded.delete(through);
    return unneeded;
  }
}

function firstOf<T>(values: Iterable<T>, max: number): T[] {
  const first: T[] = [];
  if (max < 1) return first;
  for (const value of values) {
    first.push(value);
    if (first.length === max) break;
  }
  return first;
}
