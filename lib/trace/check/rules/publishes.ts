import type { MessageEvent, RoomEvent } from '../../../core/event.js';
import type { Evidence } from '../../history/evidence.js';
import { type Publish, type Publishes, triesOf } from '../../history/publishes.js';
import type { ReceivedRange } from '../../history/readers.js';
import type { RoomLog } from '../../history/room-log.js';
import { sameEvent } from '../../history/same-event.js';
import { describe, type Findings, finding } from '../violation.js';

/** P4: what was acknowledged, and what anybody received, is in the event log for good. */
export function* durability({ history, logs, readers, publishes }: Evidence): Findings {
  for (const publish of publishes.all) yield* acknowledged(publish);
  for (const { ranges } of readers) for (const range of ranges) yield* received(range);
  for (const { room, logId, events } of history.logs) {
    const [end, final] = [events.at(-1), logs.get(room, logId)];
    if (!end || !final || final.at(end.sequence) || !final.shows(end.sequence)) continue;
    const message = `Log ${final.logId} went up to ${describe(end)}, and now ends at ${final.end}.`;
    yield finding('log-shrunk', room, { sequence: final.end + 1 }, message, [final.exhibit(end)]);
  }
  for (const ofRoom of logs.perRoom()) {
    for (const log of ofRoom.slice(0, -1).filter(({ replaced }) => !replaced)) {
      const message = `The room's log was ${log.logId} and is ${ofRoom.at(-1)?.logId}, though nobody wiped its store.`;
      yield finding('log-replaced', log.room, { sequence: 1 }, message, [log.exhibit({ sequence: 1 })]);
    }
  }
}

function* acknowledged({ client, room, ordinal, session, accepted }: Publish): Findings {
  const log = session?.log;
  for (const answer of accepted) {
    const { event } = answer;
    if (!log?.shows(event.sequence)) continue;
    const logged = log.at(event.sequence);
    // Another event in its place is a loss only if the message is nowhere else either; P1 is broken in any case.
    if (logged && (sameEvent(logged, event) || session?.stay?.messages.has(Number(ordinal)))) continue;
    const instead = logged ? `${describe(logged)} there` : 'no such event';
    const message = `${client} was told that its publish ${ordinal} is ${describe(event)}, and the log has ${instead}.`;
    yield finding('acknowledged-lost', room, { sequence: event.sequence, client, ordinal }, message, [answer]);
  }
}

function* received({ client, room, log, receipts }: ReceivedRange): Findings {
  if (!log) return;
  for (const receipt of receipts) {
    const { event } = receipt;
    if (log.at(event.sequence) || !log.shows(event.sequence)) continue;
    const message = `${client} received ${describe(event)}, and the log has no such event.`;
    yield finding('received-lost', room, { sequence: event.sequence, client }, message, [receipt]);
  }
}

/** P5: a publish repeated with its ordinal gets the first one's event; that this is the only one, `logItself` tells. */
export function* once({ publishes }: Evidence): Findings {
  for (const { client, room, ordinal, accepted, event } of publishes.all) {
    const [first] = accepted;
    for (const answer of accepted) {
      const due: RoomEvent | undefined = answer === first && !answer.duplicate ? answer.event : (event ?? first?.event);
      if (!due || answer.event.sequence === due.sequence) continue;
      const message = `${client}'s publish ${ordinal} became ${describe(due)}, and its repeat was answered with ${describe(answer.event)}.`;
      const where = { sequence: answer.event.sequence, client, ordinal };
      yield finding('repeat-answered-otherwise', room, where, message, first ? [answer, first] : [answer]);
    }
  }
}

/**
 * P6: a message comes after all that its author knew when sending it. Where times are recorded, also after all that
 * anybody had been told is accepted. That a session's messages keep their order, `logItself` tells.
 */
export function* ownOrder({ logs, publishes }: Evidence): Findings {
  for (const log of logs.all()) {
    for (const event of log.events) if (event.kind === 'message') yield* afterItsCause(log, event, publishes.of(event));
    yield* acknowledgedFirst(log, publishes);
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
