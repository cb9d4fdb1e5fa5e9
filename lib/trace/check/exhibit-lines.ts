import type { Evidence } from '../history/evidence.js';
import type { Step, StepOf } from '../history/history.js';
import type { LogBundle, Source } from '../history/logs/log-bundle.js';
import type { Exhibit, Violation } from './violation.js';

/** Lines that are told of one event that many received. */
const receiptLinesMax = 3;

/** The lines that violations are seen in, each violation's in the order of its exhibits. */
export function linesOf(violations: readonly Violation[], bundle: LogBundle): Source[][] {
  const { evidence } = bundle;
  const receipts = receiptsOf(violations, evidence);
  const wanted = new Set<Step>([...receipts.values()].flat());
  for (const { exhibits } of violations) for (const one of exhibits) if (one.kind !== 'logged') wanted.add(one);
  const lines = new Map<Step, Source>();
  for (const { client, steps } of wanted.size > 0 ? evidence.history.clients : []) {
    for (const [index, step] of steps.entries()) if (wanted.has(step)) lines.set(step, bundle.source(client, index));
  }
  return violations.map((violation) => {
    const steps = violation.exhibits.flatMap((one) =>
      one.kind === 'logged' ? (receipts.get(keyOf(violation.room, one)) ?? []).slice(0, receiptLinesMax) : [one],
    );
    return [...new Set(steps)].flatMap((step) => lines.get(step) ?? []);
  });
}

/** The receipts of the events that violations name, its author's own first: he stands nearest to it. */
function receiptsOf(violations: readonly Violation[], { readers }: Evidence): Map<string, StepOf<'receive'>[]> {
  const wanted = new Map<string, StepOf<'receive'>[]>();
  for (const { room, exhibits } of violations) {
    for (const one of exhibits) if (one.kind === 'logged') wanted.set(keyOf(room, one), []);
  }
  if (wanted.size === 0) return wanted;
  for (const { room, ranges } of readers) {
    for (const { log, receipts, client } of ranges) {
      for (const receipt of receipts) {
        const { sequence, participant } = receipt.event;
        const found = log && wanted.get(keyOf(room, { logId: log.logId, sequence }));
        if (participant === client) found?.unshift(receipt);
        else found?.push(receipt);
      }
    }
  }
  return wanted;
}

function keyOf(room: string, { logId, sequence }: Pick<Extract<Exhibit, { kind: 'logged' }>, 'logId' | 'sequence'>) {
  return `${room} ${logId} ${sequence}`;
}
