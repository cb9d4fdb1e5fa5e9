import { type Evidence, evidenceOf } from '../history/evidence.js';
import type { History } from '../history/history.js';
import { agreement } from './rules/agreement.js';
import { clocks, stamps } from './rules/clocks.js';
import { completeness } from './rules/completeness.js';
import { delivery } from './rules/delivery.js';
import { logItself } from './rules/log-itself.js';
import { origin } from './rules/origin.js';
import { presence } from './rules/presence.js';
import { durability, once, ownOrder } from './rules/publishes.js';
import { welcomes } from './rules/welcomes.js';
import { type Findings, kinds, type Violation, type ViolationKind } from './violation.js';

const rules: readonly ((evidence: Evidence) => Findings)[] = [
  agreement, // P1
  logItself, // P1, P3, P7
  delivery, // P2, P3
  durability, // P4
  once, // P5
  ownOrder, // P6
  stamps, // P7
  clocks, // P7
  presence, // P8
  origin, // P9
  welcomes, // P5, P9
  completeness,
];

/** Violations of one kind that are kept: those found first, and always the earliest in its room. */
export const violationsPerKindMax = 100;

const ofClocks = new Set<ViolationKind>(['clock-not-ticked', 'clock-not-advanced']);

/** Cause before consequence, as the table of kinds has it. */
const rank = new Map(Object.keys(kinds).map((kind, index) => [kind as ViolationKind, index]));

/**
 * Judges a history by the promises P1 to P9. The result is empty if all were kept and nothing is unknown; otherwise it
 * has the counterexamples in order, up to `violationsPerKindMax` of each kind. Takes time in proportion to the history.
 */
export function check(history: History): Violation[] {
  return violationsIn(evidenceOf(history));
}

/**
 * As `check`, of a history that is put together already. The first counterexample is the one of the lowest sequence,
 * and of one sequence the cause before its consequence. Clients' own clocks follow from what they received, so they
 * come after everything else; what is merely unknown comes last.
 */
export function violationsIn(evidence: Evidence): Violation[] {
  const kept = new Map<ViolationKind, KeptViolations>();
  for (const rule of rules) {
    for (const finding of rule(evidence)) {
      const ofKind = kept.get(finding.kind) ?? new KeptViolations();
      kept.set(finding.kind, ofKind);
      ofKind.add(finding);
    }
  }
  const found = [...kept.values()].flatMap(({ all }) => all.map((violation) => [keyOf(violation), violation] as const));
  found.sort(([a], [b]) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  return found.map(([, violation]) => violation);
}

/** Of one kind. */
class KeptViolations {
  readonly all: Violation[] = [];
  #earliest = Number.POSITIVE_INFINITY;

  add(violation: Violation): void {
    const sequence = violation.where.sequence ?? Number.MAX_VALUE;
    const full = this.all.length === violationsPerKindMax;
    if (full && sequence >= this.#earliest) return;
    if (full) this.all.pop();
    this.all.push(violation);
    this.#earliest = Math.min(this.#earliest, sequence);
  }
}

function keyOf({ promise, kind, where }: Violation): [number, number, number] {
  if (promise === 'unknown') return [2, 0, rank.get(kind) ?? 0];
  // As they were found: in the order in which each client's clock moved.
  if (ofClocks.has(kind)) return [1, 0, 0];
  return [0, where.sequence ?? Number.MAX_VALUE, rank.get(kind) ?? 0];
}
