import type { Violation } from '../../lib/trace/check/violation.js';
import type { DeliveryDelays } from './bystanders.js';
import type { CatchUp } from './catch-ups.js';
import type { FaultKind } from './fault-plan.js';
import type { Figures } from './figures.js';
import type { ServerDeath } from './server-deaths.js';

/** Violations that a report spells out; the evidence has them all. */
const violationsToldMax = 20;

export const exitCodes = { kept: 0, violated: 1, usage: 2, incomplete: 3 } as const;

/** What came of a run. */
export interface TortureReport {
  readonly seed: number;
  /** How long faults happened. */
  readonly seconds: number;
  readonly faults: Partial<Readonly<Record<FaultKind, number>>>;
  /** Faults that this machine does not allow. */
  readonly impossible: readonly FaultKind[];
  readonly figures: Figures;
  readonly badInputs: { readonly sent: number; readonly answered: number; readonly kinds: number; readonly of: number };
  readonly worstCatchUp: CatchUp | undefined;
  /** By attack, what was done, by words. */
  readonly attacks: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** How long messages took among those whom no planned fault hit. */
  readonly delays: DeliveryDelays;
  /** What the server's process took of memory at most. */
  readonly serverMemoryKib: number;
  /** Ends of the server that the plan did not order. */
  readonly deaths: readonly ServerDeath[];
  readonly serverStarts: number;
  readonly longestStartMs: number;
  /** How often a room's log could not be written. */
  readonly unwritable: number;
  /** Of the promises, as the checker found them. */
  readonly violations: readonly Violation[];
  /** What else is wrong, in sentences. */
  readonly findings: readonly string[];
  /** What did not come to its end, so that nobody knows. */
  readonly incomplete: readonly string[];
  /** Where the evidence is kept, if anything is wrong. */
  readonly evidence: string | undefined;
}

export function exitCodeOf({ violations, findings, incomplete, deaths }: TortureReport): number {
  if (violations.length + findings.length + deaths.length > 0) return exitCodes.violated;
  return incomplete.length > 0 ? exitCodes.incomplete : exitCodes.kept;
}

/** The report in lines for people. */
export function reportText(report: TortureReport): string {
  const { seed, seconds, faults, impossible, figures, badInputs, worstCatchUp, evidence } = report;
  const { violations, findings, incomplete, attacks, delays, deaths } = report;
  const count = Object.values(faults).reduce((sum, one) => sum + one, 0);
  const kinds = Object.entries(faults).map(([kind, times]) => `${times} ${kind}`);
  const lines = [
    `seed ${seed}, ${seconds} s, ${count} faults: ${kinds.join(', ')}`,
    ...impossible.map((kind) => `not possible on this machine: ${kind}`),
    `${figures.events} events in the logs of ${figures.rooms} rooms, ${figures.received} received (${figures.filled} filled in)`,
    `publishes: ${figures.accepted} accepted, ${figures.refused} refused, ${figures.unknown} without an answer`,
    `${figures.joins} joins, ${figures.resumes} resumes; ${figures.reconnects} of both were reconnects`,
    `bad inputs: ${badInputs.sent} sent, ${badInputs.answered} answered as they should be, ${badInputs.kinds} of ${badInputs.of} kinds`,
    worstCatchUp
      ? `worst catch-up: ${worstCatchUp.ms} ms, ${worstCatchUp.behind} events (${worstCatchUp.client} after ${worstCatchUp.after})`
      : 'nobody had to catch up',
    `${report.serverStarts} starts of the server, the longest in ${report.longestStartMs} ms; ${report.unwritable} times a log could not be written`,
    ...Object.entries(attacks).map(([attack, counts]) => `${attack}: ${counted(counts)}`),
    `bystanders: ${delays.count} deliveries, 99 of 100 within ${delays.p99Ms} ms, the worst in ${delays.worstMs} ms`,
    `the server took ${Math.round(report.serverMemoryKib / 1024)} MiB of memory at most`,
    ...deaths.flatMap(deathLines),
    ...violations.slice(0, violationsToldMax).map(violationLine),
    ...(violations.length > violationsToldMax ? [`and ${violations.length - violationsToldMax} violations more`] : []),
    ...findings.slice(0, violationsToldMax).map((sentence) => `wrong: ${sentence}`),
    ...incomplete.map((sentence) => `incomplete: ${sentence}`),
    ...(violations.length + findings.length + incomplete.length + deaths.length === 0 ? ['no violation'] : []),
    ...(evidence === undefined ? [] : [`evidence: ${evidence}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function counted(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
}

function deathLines({ life, how, afterMs, lastLines }: ServerDeath): string[] {
  const last = lastLines.length === 0 ? ['it said nothing'] : lastLines;
  return [
    `the server died by itself (${how}) in its life ${life} after ${afterMs} ms:`,
    ...last.map((line) => `  ${line}`),
  ];
}

function violationLine({ promise, kind, room, message }: Violation): string {
  return `violation of ${promise} (${kind})${room === '' ? '' : ` in ${room}`}: ${message}`;
}
