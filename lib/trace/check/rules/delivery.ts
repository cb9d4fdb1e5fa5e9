import type { Evidence } from '../../history/evidence.js';
import type { StepOf } from '../../history/history.js';
import type { ReceivedRange, ReportedPosition } from '../../history/readers.js';
import { sameEvent } from '../../history/same-event.js';
import { describe, type Findings, finding, span } from '../violation.js';

/** P2 and P3: each client receives its events in order, without gap and each once, over all its connections. */
export function* delivery({ readers }: Evidence): Findings {
  for (const { ranges, connections } of readers) {
    for (const range of ranges) {
      if (!isConsecutive(range)) yield* explain(range);
      for (const position of range.positions) yield* placeAsReceived(range, position);
    }
    for (const { client, welcome, asked, log } of connections) {
      const { room, place } = welcome;
      const from = asked?.resume;
      if (!asked || !from || (place.sequence === from.sequence && place.chain === from.chain)) continue;
      const message =
        `${client} asked to go on after event ${from.sequence} (chain ${from.chain}), ` +
        `and the server went on after ${place.sequence} (chain ${place.chain}).`;
      const known = log?.at(from.sequence)?.chain === from.chain;
      const exhibits = known ? [welcome, asked] : [asked, welcome];
      yield finding('resumed-elsewhere', room, { sequence: from.sequence, client }, message, exhibits);
    }
  }
}

function isConsecutive(range: ReceivedRange): boolean {
  const { from, receipts, positions } = range;
  const first = from ? from.sequence + 1 : (receipts[0]?.event.sequence ?? 0);
  return (
    receipts.every(({ event }, index) => event.sequence === first + index) &&
    positions.every((position) => position.step.sequence <= reachedBefore(range, position))
  );
}

function reachedBefore({ from, receipts }: ReceivedRange, position: ReportedPosition): number {
  return receipts[position.receipts - 1]?.event.sequence ?? from?.sequence ?? position.step.sequence;
}

function* explain(range: ReceivedRange): Findings {
  const { client, room, log, from, receipts } = range;
  const first = new Map<number, StepOf<'receive'>>();
  let last: StepOf<'receive'> | undefined;
  for (const receipt of receipts) {
    const { event } = receipt;
    const { sequence } = event;
    const where = { sequence, client };
    const before = first.get(sequence);
    if (before) {
      const again = sameEvent(event, before.event);
      const message = again
        ? `${client} received ${describe(event)} again: each event comes once.`
        : `${client} received two events at ${sequence}: ${describe(before.event)}, then ${describe(event)}.`;
      const logged = log?.at(sequence);
      const right = !again && logged && sameEvent(event, logged);
      yield finding('received-twice', room, where, message, right ? [before, receipt] : [receipt, before]);
    } else if (sequence <= (last?.event.sequence ?? from?.sequence ?? 0)) {
      const after = last ? describe(last.event) : `event ${from?.sequence}`;
      const message = `${client} received ${describe(event)} after ${after}: sequences only rise.`;
      yield finding('out-of-order', room, where, message, last ? [receipt, last] : [receipt]);
    }
    if (!before) first.set(sequence, receipt);
    if (!last || sequence > last.event.sequence) last = receipt;
  }
  yield* gaps(range, first);
  for (const position of range.positions) {
    const { sequence } = position.step;
    const receipt = first.get(sequence);
    if (!receipt || sequence <= reachedBefore(range, position)) continue;
    const message = `${client} says that it had event ${sequence}, and received ${describe(receipt.event)} only afterwards.`;
    yield finding('out-of-order', room, { sequence, client }, message, [position.step, receipt]);
  }
}

/** What was never received, though later events were, or though its client says that it had come further. */
function* gaps(range: ReceivedRange, received: ReadonlyMap<number, StepOf<'receive'>>): Findings {
  const { client, room, from, positions } = range;
  const ascending = [...received.keys()].sort((a, b) => a - b);
  let last = from?.sequence ?? (ascending[0] ?? 1) - 1;
  const gap = (message: string) =>
    finding('gap', room, { sequence: last + 1, client }, message, firstBeyond(range, last));
  for (const sequence of ascending) {
    const missed = span(last + 1, sequence - 1);
    if (sequence > last + 1) yield gap(`${client} never received ${missed}: what came after ${last} is ${sequence}.`);
    last = Math.max(last, sequence);
  }
  const furthest = Math.max(...positions.map(({ step }) => step.sequence));
  if (furthest <= last) return;
  yield gap(`${client} says that it was at event ${furthest}, and never received ${span(last + 1, furthest)}.`);
}

/** Where it shows first that the client had come further than `sequence`. */
function firstBeyond({ receipts, positions }: ReceivedRange, sequence: number): StepOf<'receive' | 'place'>[] {
  const index = receipts.findIndex(({ event }) => event.sequence > sequence);
  const receipt = receipts[index];
  const position = positions.find(({ step }) => step.sequence > sequence);
  if (position && (!receipt || position.receipts <= index)) return [position.step];
  return receipt ? [receipt] : [];
}

/** P1: where a client says that it is, it has been. */
function* placeAsReceived(range: ReceivedRange, { step, receipts }: ReportedPosition): Findings {
  const { client, room, from } = range;
  const receipt = range.receipts[receipts - 1];
  const at = receipt?.event ?? from;
  if (step.chain === undefined || !at || step.sequence > at.sequence) return;
  if (step.sequence === at.sequence && step.chain === at.chain) return;
  const last = receipt ? describe(receipt.event) : `event ${at.sequence}`;
  const said = `it was at event ${step.sequence} with chain ${step.chain}`;
  const message = `${client} says that ${said}, and what it received last is ${last} with chain ${at.chain}.`;
  const exhibits = !receipt ? [step] : receipt.event.sequence > step.sequence ? [receipt, step] : [step, receipt];
  yield finding('place-disagrees', room, { sequence: step.sequence, client }, message, exhibits);
}
