import type { Evidence } from '../../history/evidence.js';
import type { Publish } from '../../history/publishes.js';
import { describe, type Findings, finding } from '../violation.js';

/** P5: a publish repeated with its ordinal is published once, and the repeat gets the first one's event. */
export function* once({ logs, publishes }: Evidence): Findings {
  for (const log of logs.all()) {
    for (const { kind, event, earlier } of log.stays.faults) {
      if (kind !== 'ordinal-twice' || !earlier || event.kind !== 'message') continue;
      const { sequence, ordinal, participant } = event;
      const message = `${participant}'s publish ${ordinal} is ${describe(earlier)}, and again ${describe(event)}.`;
      yield finding(kind, log.room, { sequence, ordinal }, message, [log.exhibit(event), log.exhibit(earlier)]);
    }
  }
  for (const publish of publishes.all) yield* sameAnswer(publish);
}

function* sameAnswer({ client, room, ordinal, accepted, event }: Publish): Findings {
  const first = accepted[0];
  for (const answer of accepted) {
    const due = answer === first && !answer.duplicate ? answer.event : (event ?? first?.event);
    if (!due || answer.event.sequence === due.sequence) continue;
    const message = `${client}'s publish ${ordinal} became ${describe(due)}, and its repeat was answered with ${describe(answer.event)}.`;
    const where = { sequence: answer.event.sequence, client, ordinal };
    yield finding('repeat-answered-otherwise', room, where, message, first ? [answer, first] : [answer]);
  }
}
