import type { Evidence } from '../../history/evidence.js';
import type { PlaceStep, ReceiveStep } from '../../history/history.js';
import type { Claim, Connection, Stretch } from '../../history/readers.js';
import { sameEvent } from '../../history/same-event.js';
import type { Findings } from '../findings.js';
import { span, told } from '../violation.js';

/** P2 and P3: each client receives its events in order, without gap and each once, over all its connections. */
export function delivery({ readers }: Evidence, findings: Findings): void {
  for (const { stretches, connections } of readers) {
    for (const stretch of stretches) {
      if (!consecutive(stretch)) explain(stretch, findings);
      for (const claim of stretch.claims) placeAsReceived(stretch, claim, findings);
    }
    for (const connection of connections) resumedWhereAsked(connection, findings);
  }
}

function consecutive(stretch: Stretch): boolean {
  const { from, receipts, claims } = stretch;
  const first = from ? from.sequence + 1 : (receipts[0]?.event.sequence ?? 0);
  return (
    receipts.every(({ event }, index) => event.sequence === first + index) &&
    claims.every((claim) => claim.step.sequence <= reachedBefore(stretch, claim))
  );
}

function reachedBefore({ from, receipts }: Stretch, claim: Claim): number {
  return receipts[claim.receipts - 1]?.event.sequence ?? from?.sequence ?? claim.step.sequence;
}

function explain(stretch: Stretch, findings: Findings): void {
  const { client, room, log, from, receipts } = stretch;
  const first = new Map<number, ReceiveStep>();
  let last: ReceiveStep | undefined;
  for (const receipt of receipts) {
    const { event } = receipt;
    const { sequence } = event;
    const where = { sequence, client };
    const before = first.get(sequence);
    if (before) {
      const again = sameEvent(event, before.event);
      const message = again
        ? `${client} received ${told(event)} again: each event comes once.`
        : `${client} received two events at ${sequence}: ${told(before.event)}, then ${told(event)}.`;
      const logged = log?.at(sequence);
      const right = !again && logged && sameEvent(event, logged);
      findings.add('received-twice', room, where, message, right ? [before, receipt] : [receipt, before]);
    } else if (sequence <= (last?.event.sequence ?? from?.sequence ?? 0)) {
      const after = last ? told(last.event) : `event ${from?.sequence}`;
      const message = `${client} received ${told(event)} after ${after}: sequences only rise.`;
      findings.add('out-of-order', room, where, message, last ? [receipt, last] : [receipt]);
    }
    if (!before) first.set(sequence, receipt);
    if (!last || sequence > last.event.sequence) last = receipt;
  }
  gaps(stretch, first, findings);
  for (const claim of stretch.claims) toldTooEarly(stretch, claim, first, findings);
}

/** What was never received, though later events were, or though its client says that it had come further. */
function gaps(stretch: Stretch, received: ReadonlyMap<number, ReceiveStep>, findings: Findings): void {
  const { client, room, from, claims } = stretch;
  const ascending = [...received.keys()].sort((a, b) => a - b);
  let last = from?.sequence ?? (ascending[0] ?? 1) - 1;
  for (const sequence of ascending) {
    if (sequence > last + 1) {
      const message = `${client} never received ${span(last + 1, sequence - 1)}: what came after ${last} is ${sequence}.`;
      findings.add('gap', room, { sequence: last + 1, client }, message, firstBeyond(stretch, last));
    }
    last = Math.max(last, sequence);
  }
  const furthest = Math.max(...claims.map(({ step }) => step.sequence));
  if (furthest <= last) return;
  const message = `${client} says that it was at event ${furthest}, and never received ${span(last + 1, furthest)}.`;
  findings.add('gap', room, { sequence: last + 1, client }, message, firstBeyond(stretch, last));
}

/** Where it shows first that the client had come further than `sequence`. */
function firstBeyond({ receipts, claims }: Stretch, sequence: number): (ReceiveStep | PlaceStep)[] {
  const index = receipts.findIndex(({ event }) => event.sequence > sequence);
  const receipt = receipts[index];
  const claim = claims.find(({ step }) => step.sequence > sequence);
  if (claim && (!receipt || claim.receipts <= index)) return [claim.step];
  return receipt ? [receipt] : [];
}

function toldTooEarly(
  stretch: Stretch,
  claim: Claim,
  received: ReadonlyMap<number, ReceiveStep>,
  findings: Findings,
): void {
  const { client, room } = stretch;
  const { sequence } = claim.step;
  const receipt = received.get(sequence);
  if (!receipt || sequence <= reachedBefore(stretch, claim)) return;
  const message = `${client} says that it had event ${sequence}, and received ${told(receipt.event)} only afterwards.`;
  findings.add('out-of-order', room, { sequence, client }, message, [claim.step, receipt]);
}

/** P1: where a client says that it is, it has been. */
function placeAsReceived(stretch: Stretch, claim: Claim, findings: Findings): void {
  const { client, room, from, receipts } = stretch;
  const { step } = claim;
  const receipt = receipts[claim.receipts - 1];
  const at = receipt?.event ?? from;
  if (step.chain === undefined || !at || step.sequence > at.sequence) return;
  if (step.sequence === at.sequence && step.chain === at.chain) return;
  const message =
    `${client} says that it was at event ${step.sequence} with chain ${step.chain}, and what it received last is ` +
    `${receipt ? told(receipt.event) : `event ${at.sequence}`} with chain ${at.chain}.`;
  const exhibits = !receipt ? [step] : receipt.event.sequence > step.sequence ? [receipt, step] : [step, receipt];
  findings.add('place-disagrees', room, { sequence: step.sequence, client }, message, exhibits);
}

function resumedWhereAsked({ client, welcome, asked, log }: Connection, findings: Findings): void {
  const presented = asked?.resume;
  if (!asked || !presented) return;
  const { room, place } = welcome;
  if (place.sequence === presented.sequence && place.chain === presented.chain) return;
  const message =
    `${client} asked to go on after event ${presented.sequence} (chain ${presented.chain}), ` +
    `and the server went on after ${place.sequence} (chain ${place.chain}).`;
  const known = log?.at(presented.sequence)?.chain === presented.chain;
  const exhibits = known ? [welcome, asked] : [asked, welcome];
  findings.add('resumed-elsewhere', room, { sequence: presented.sequence, client }, message, exhibits);
}
