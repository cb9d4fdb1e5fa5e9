import { type Exhibit, kinds, type Violation, type ViolationKind, type Where } from './violation.js';

/** Violations of one kind that are kept: those found first, and always the earliest in its room. */
export const violationsPerKindMax = 100;

const clocks = new Set<ViolationKind>(['clock-not-ticked', 'clock-not-advanced']);

/** Cause before consequence, as the table of kinds has it. */
const rank = new Map(Object.keys(kinds).map((kind, index) => [kind as ViolationKind, index]));

interface Kept {
  readonly violations: Violation[];
  earliest: number;
}

/** Collects what the rules find. */
export class Findings {
  readonly #kept = new Map<ViolationKind, Kept>();

  add(kind: ViolationKind, room: string, where: Where, message: string, exhibits: readonly Exhibit[]): void {
    const kept = this.#kept.get(kind) ?? { violations: [], earliest: Number.POSITIVE_INFINITY };
    this.#kept.set(kind, kept);
    const { violations } = kept;
    const sequence = where.sequence ?? Number.MAX_VALUE;
    if (violations.length === violationsPerKindMax && sequence >= kept.earliest) return;
    if (violations.length === violationsPerKindMax) violations.pop();
    violations.push({ promise: kinds[kind], kind, room, where, message, exhibits });
    kept.earliest = Math.min(kept.earliest, sequence);
  }

  /**
   * The first counterexample first: by sequence, then cause before consequence. Clients' own clocks follow from what they
   * received, so they come after everything else; what is merely unknown comes last.
   */
  inOrder(): Violation[] {
    const keyed = [...this.#kept.values()]
      .flatMap(({ violations }) => violations)
      .map((violation) => ({ violation, key: keyOf(violation) }));
    return keyed.sort((a, b) => compare(a.key, b.key)).map(({ violation }) => violation);
  }
}

function keyOf({ promise, kind, where }: Violation): number[] {
  if (promise === 'unknown') return [2, rank.get(kind) ?? 0];
  // As they were found: in the order in which each client's clock moved.
  if (clocks.has(kind)) return [1];
  return [0, where.sequence ?? Number.MAX_VALUE, rank.get(kind) ?? 0];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
