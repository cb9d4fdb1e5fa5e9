import { type Finding, type Findings, kinds, type Violation, type ViolationKind } from './violation.js';

/** Violations of one kind that are kept: those found first, and always the earliest in its room. */
export const violationsPerKindMax = 100;

const clocks = new Set<ViolationKind>(['clock-not-ticked', 'clock-not-advanced']);

/** Cause before consequence, as the table of kinds has it. */
const rank = new Map(Object.keys(kinds).map((kind, index) => [kind as ViolationKind, index]));

/**
 * The findings that are kept of each kind, the first counterexample first: by sequence, then cause before consequence. Clients' own
 * clocks follow from what they received, so they come after everything else; what is merely unknown comes last.
 */
export function firstOfEach(found: readonly Findings[]): Violation[] {
  const kept = new Map<ViolationKind, KeptFindings>();
  for (const findings of found) {
    for (const finding of findings) {
      const ofKind = kept.get(finding.kind) ?? new KeptFindings();
      kept.set(finding.kind, ofKind);
      ofKind.add(finding);
    }
  }
  const keyed = [...kept.values()]
    .flatMap(({ violations }) => violations)
    .map((violation) => ({ violation, key: keyOf(violation) }));
  return keyed.sort((a, b) => compare(a.key, b.key)).map(({ violation }) => violation);
}

export function asViolation(finding: Finding): Violation {
  return { promise: kinds[finding.kind], ...finding };
}

/** Of one kind. */
class KeptFindings {
  readonly violations: Violation[] = [];
  #earliest = Number.POSITIVE_INFINITY;

  add(finding: Finding): void {
    const sequence = finding.where.sequence ?? Number.MAX_VALUE;
    const full = this.violations.length === violationsPerKindMax;
    if (full && sequence >= this.#earliest) return;
    if (full) this.violations.pop();
    this.violations.push(asViolation(finding));
    this.#earliest = Math.min(this.#earliest, sequence);
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
