import { kinds, type Violation, type ViolationKind, type Where } from './violation.js';

/** Violations of one kind that are kept; of more, only the earliest found are. */
const perKindMax = 100;

const clocks = new Set<ViolationKind>(['clock-not-ticked', 'clock-not-advanced']);

const rank = new Map(Object.keys(kinds).map((kind, index) => [kind as ViolationKind, index]));

/** Collects what the rules find. */
export class Findings {
  readonly #found = new Map<ViolationKind, Violation[]>();

  add(kind: ViolationKind, room: string, where: Where, message: string): void {
    const found = this.#found.get(kind) ?? [];
    this.#found.set(kind, found);
    if (found.length < perKindMax) found.push({ promise: kinds[kind], kind, room, where, message });
  }

  /**
   * The first counterexample first: by sequence, then cause before consequence. Clients' own clocks follow from what they
   * received, so they come after everything else; what is merely unknown comes last.
   */
  inOrder(): Violation[] {
    const keyed = [...this.#found.values()].flat().map((violation) => ({ violation, key: keyOf(violation) }));
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
