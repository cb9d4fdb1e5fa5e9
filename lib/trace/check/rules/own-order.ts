import type { MessageEvent } from '../../../core/event.js';
import type { Evidence } from '../../history/evidence.js';
import { type Publish, type Publishes, triesOf } from '../../history/publishes.js';
import type { RoomLog } from '../../history/room-log.js';
import { describe, type Findings, finding } from '../violation.js';

/**
 * P6: a session's messages keep their order, and a message comes after all that its author knew when sending it. Where times are
 * recorded, also after all that anybody had been told is accepted.
 */
export function* ownOrder({ logs, publishes }: Evidence): Findings {
  for (const log of logs.all()) {
    yield* ordinalsRise(log);
    for (const event of log.events) if (event.kind === 'message') yield* afterItsCause(log, event, publishes.of(event));
    yield* acknowledgedFirst(log, publishes);
  }
}

function* ordinalsRise(log: RoomLog): Findings {
  for (const { kind, event, earlier } of log.stays.faults) {
    if (kind !== 'own-reordered' || !earlier || event.kind !== 'message') continue;
    const { sequence, ordinal, participant } = event;
    const message = `${participant} sent ${describe(event)} before ${describe(earlier)}: own messages keep their order.`;
    yield finding(kind, log.room, { sequence, ordinal }, message, [log.exhibit(event), log.exhibit(earlier)]);
  }
}

function* afterItsCause(log: RoomLog, event: MessageEvent, publish: Publish | undefined): Findings {
  if (!publish) return;
  const tries = triesOf(publish);
  const after = Math.min(...tries.map((one) => one.after));
  if (event.sequence > after || !Number.isFinite(after)) return;
  const { client, room, ordinal } = publish;
  const message = `${client} knew of event ${after} when it sent ${describe(event)}, which comes before it.`;
  const exhibits = [...tries.map(({ send }) => send), log.exhibit(event)];
  yield finding('before-its-cause', room, { sequence: event.sequence, client, ordinal }, message, exhibits);
}

/** From the end of the log to its beginning, with the earliest answer to a message of those passed. */
function* acknowledgedFirst(log: RoomLog, publishes: Publishes): Findings {
  const { room, events } = log;
  let earliest: { readonly at: number; readonly event: MessageEvent; readonly client: string } | undefined;
  for (let index = events.length - 1; index >= 0; index -= 1) {
    const event = events[index];
    const publish = event?.kind === 'message' ? publishes.of(event) : undefined;
    if (event?.kind !== 'message' || !publish) continue;
    const { client, ordinal } = publish;
    const sendings = triesOf(publish).map(({ send }) => send);
    const sent = Math.min(...sendings.map(({ at }) => at ?? Number.NEGATIVE_INFINITY));
    if (earliest && earliest.at < sent && Number.isFinite(sent)) {
      const message =
        `${client} sent ${describe(event)} after ${earliest.client} had been told of ${describe(earliest.event)}, ` +
        'which comes behind it.';
      const exhibits = [...sendings, log.exhibit(earliest.event)];
      yield finding('overtaken', room, { sequence: event.sequence, client, ordinal }, message, exhibits);
    }
    const at = Math.min(...publish.accepted.map((answer) => answer.at ?? Number.POSITIVE_INFINITY));
    if (at < (earliest?.at ?? Number.POSITIVE_INFINITY)) earliest = { at, event, client };
  }
}
