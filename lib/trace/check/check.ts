import { type Evidence, evidenceOf } from '../history/evidence.js';
import type { History } from '../history/history.js';
import { firstOfEach } from './findings.js';
import { agreement } from './rules/agreement.js';
import { clocks } from './rules/clocks.js';
import { completeness } from './rules/completeness.js';
import { delivery } from './rules/delivery.js';
import { durability } from './rules/durability.js';
import { logItself } from './rules/log-itself.js';
import { once } from './rules/once.js';
import { origin } from './rules/origin.js';
import { ownOrder } from './rules/own-order.js';
import { presence } from './rules/presence.js';
import { stamps } from './rules/stamps.js';
import { welcomes } from './rules/welcomes.js';
import type { Findings, Violation } from './violation.js';

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

/**
 * Judges a history by the promises P1 to P9. The result is empty if all were kept and nothing is unknown; otherwise it has
 * the counterexamples, the first one first, up to `violationsPerKindMax` of each kind. Takes time in proportion to the history.
 */
export function check(history: History): Violation[] {
  return violationsIn(evidenceOf(history));
}

/** As `check`, of a history that is put together already. */
export function violationsIn(evidence: Evidence): Violation[] {
  return firstOfEach(rules.map((rule) => rule(evidence)));
}
