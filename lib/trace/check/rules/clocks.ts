import type { Evidence } from '../../history/evidence.js';
import { describe, type Findings, finding } from '../violation.js';

/** P7 on the clients' side: own time plus one before a send, max(own, received) + 1 on an event, where clocks are recorded. */
export function* clocks({ clients }: Evidence): Findings {
  for (const { record, clockFaults } of clients) {
    if (!record.keepsClock) continue;
    const { client } = record;
    for (const { step, own, by, time, due } of clockFaults) {
      const exhibits = by ? [step, by] : [step];
      if (step.kind === 'receive') {
        const { sequence, lamport } = step.event;
        const message =
          `${client}'s Lamport time was ${own} when it received ${describe(step.event)} with ${lamport}, and ${time} ` +
          `afterwards: it becomes ${due}.`;
        yield finding('clock-not-advanced', step.room, { sequence, client }, message, exhibits);
      } else {
        const what = step.kind === 'send' ? `“${step.text}”` : `a ${step.kind}`;
        const message = `${client}'s Lamport time was ${own} when it sent ${what} with ${time}: it ticks to ${due} first.`;
        yield finding('clock-not-ticked', step.room, { client }, message, exhibits);
      }
    }
  }
}
