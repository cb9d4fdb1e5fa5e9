import type { MessageEvent } from '../../../core/event.js';
import { rejectionDetails } from '../../../core/rejection.js';
import type { Evidence } from '../../history/evidence.js';
import type { StepOf } from '../../history/history.js';
import { isAnswerTo, type Publish, type Publishes, saysSeen, triesOf } from '../../history/publishes.js';
import type { RoomLog, Stay } from '../../history/room-log.js';
import { sameEvent } from '../../history/same-event.js';
import type { SessionRecord } from '../../history/sessions.js';
import { describe, type Findings, finding } from '../violation.js';

/** P9: no event from nowhere. What is in the event log was asked for so; what was refused is not, and says why. */
export function* origin(evidence: Evidence): Findings {
  const { sessions, publishes, logs, late, earlyEnds } = evidence;
  const bySession = new Map<Stay, SessionRecord>();
  for (const session of sessions.values()) if (session.stay) bySession.set(session.stay, session);
  const unmatchedSends = unmatchedSendsOf(publishes);
  for (const log of logs.all()) {
    for (const event of log.events) {
      if (event.kind === 'message') yield* messageAsSent(log, event, evidence, bySession, unmatchedSends);
    }
    for (const stay of log.stays.all) {
      const { left } = stay;
      const session = bySession.get(stay);
      if (left?.reason !== 'ASKED' || !session || session.leaves.length > 0 || earlyEnds.before(left, session))
        continue;
      const message = `The log has ${describe(left)} at its own wish, and ${session.client} did not ask to leave.`;
      const where = { sequence: left.sequence, client: session.client };
      yield finding('left-unasked', log.room, where, message, [log.exhibit(left)]);
    }
  }
  yield* joinedAsAsked(evidence, bySession);
  for (const publish of publishes.all) {
    // What was sent before its record begins, nobody can say.
    const isEarlier = late.has(publish.client) && (!publish.session || publish.session.welcome.resumed);
    const isUntold = publish.tries.length === 0 && publish.ordinal <= (publish.session?.sentUntold ?? 0);
    if (!isEarlier && !isUntold) yield* fromItsSession(publish);
  }
  yield* reasons(evidence);
}

/** Sendings that became nothing, by session and text. */
function unmatchedSendsOf({ all }: Publishes): Map<string, StepOf<'send'>> {
  const unmatched = new Map<string, StepOf<'send'>>();
  for (const { event, tries } of all) {
    for (const { send } of tries) if (send.text !== event?.text) unmatched.set(sendKey(send.session, send.text), send);
  }
  return unmatched;
}

function sendKey(session: string | undefined, text: string): string {
  return JSON.stringify([session, text]);
}

function* messageAsSent(
  log: RoomLog,
  event: MessageEvent,
  { publishes, history, earlyEnds }: Evidence,
  bySession: ReadonlyMap<Stay, SessionRecord>,
  unmatchedSends: ReadonlyMap<string, StepOf<'send'>>,
): Findings {
  const { sequence, ordinal, participant, text } = event;
  const stay = log.stays.byMessage.get(sequence);
  // Of two messages with one ordinal `logItself` tells.
  if (stay && stay.messages.get(ordinal) !== event) return;
  const publish = publishes.of(event);
  if (publish && publish.tries.length > 0) {
    if (!earlyEnds.before(event, publish.session)) yield* asSent(publish, event, log);
    return;
  }
  const session = stay && bySession.get(stay);
  if (session && ordinal <= session.sentUntold) return;
  if (!session ? history.outsiders : earlyEnds.before(event, session)) return;
  const sending = session && unmatchedSends.get(sendKey(session.welcome.session, text));
  const otherwise = sending
    ? `sent it with ordinal ${sending.ordinal}, not ${ordinal}`
    : `sent no such message (ordinal ${ordinal})`;
  const message = `The log has ${describe(event)}, and ${session?.client ?? participant} ${otherwise}.`;
  const exhibits = [...(sending ? [sending] : []), log.exhibit(event)];
  yield finding('forged-message', log.room, { sequence, ordinal, client: session?.client }, message, exhibits);
}

function* asSent(publish: Publish, event: MessageEvent, log: RoomLog): Findings {
  const { client, room, ordinal, tries, refused } = publish;
  const where = { sequence: event.sequence, client, ordinal };
  const fitting = triesOf(publish);
  const sendings = [...tries.map(({ send }) => send), log.exhibit(event)];
  if (fitting.length === 0) {
    const texts = tries.map(({ send }) => `“${send.text}”`).join(' or ');
    const message = `${client} sent ${texts}, and the log has ${describe(event)}.`;
    yield finding('text-altered', room, where, message, sendings);
  } else if (fitting.every(({ outcome }) => outcome === 'refused')) {
    const reason = refused.at(-1)?.reason;
    const message = `${client} was told that its publish ${ordinal} is refused (${reason}), and the log has ${describe(event)}.`;
    yield finding('refused-yet-published', room, where, message, [log.exhibit(event), ...refused]);
  } else if (!fitting.some(({ send }) => saysSeen(send, event))) {
    const shown = fitting.map(({ send }) => send.seen).join(' or ');
    const message = `${client} had been shown event ${shown} when it sent ${describe(event)}, which says ${event.seen}.`;
    yield finding('seen-altered', room, where, message, sendings);
  }
}

/** Each Joined needs a request of its own that was not refused; those whose client was welcomed have theirs. */
function* joinedAsAsked(evidence: Evidence, bySession: ReadonlyMap<Stay, SessionRecord>): Findings {
  if (evidence.history.outsiders) return;
  const hadJoin = evidence.openJoins();
  for (const log of evidence.logs.all()) {
    for (const stay of log.stays.all) {
      const { joined, name } = stay;
      if (!joined || bySession.has(stay) || hadJoin(log.room, name)) continue;
      const message = `The log has ${describe(joined)}, and ${joined.participant} did not ask to join.`;
      yield finding('forged-joined', log.room, { sequence: joined.sequence }, message, [log.exhibit(joined)]);
    }
  }
}

/** What was accepted was sent, in a session of its client's; and nobody is shown what he has not received. */
function* fromItsSession({ client, room, ordinal, session, tries, accepted, refused }: Publish): Findings {
  const [first] = tries;
  const where = { sequence: accepted[0]?.event.sequence, client, ordinal };
  if (!session && first && accepted.length > 0) {
    const message = `${client} sent “${first.send.text}” in a session that it was never let in to.`;
    yield finding('sent-outside', room, { ...where, sequence: first.after }, message, [first.send, ...accepted]);
  }
  if (!first && accepted.length + refused.length > 0) {
    const message = `${client} was given an answer to a publish ${ordinal} that it never sent.`;
    yield finding('answer-from-nowhere', room, where, message, [...accepted, ...refused]);
  }
  const log = session?.log;
  for (const answer of first ? accepted : []) {
    const { event } = answer;
    const logged = log?.at(event.sequence);
    // What a client received otherwise than all others, P1 tells.
    if (log?.witnessed && logged && !sameEvent(event, logged)) continue;
    const holder = log?.stays.byMessage.get(event.sequence) ?? session?.stay;
    // Of a stay whose beginning nobody saw nobody can say whose session it is.
    const ofSession = holder === session?.stay || (log?.witnessed && !holder?.joined);
    if (isAnswerTo({ ordinal }, event) && event.participant === session?.name && ofSession) continue;
    const message = `${client}'s publish ${ordinal} was answered with ${describe(event)}, which is not it.`;
    yield finding('answer-of-another', room, { ...where, sequence: event.sequence }, message, [answer]);
  }
  for (const { send, after } of log?.witnessed ? tries : []) {
    if (send.seen <= after) continue;
    const message = `${client} says that it had been shown event ${send.seen} when it sent “${send.text}”, and had received up to ${after}.`;
    yield finding('seen-altered', room, { ...where, sequence: send.seen }, message, [send]);
  }
}

function* reasons({ clients }: Evidence): Findings {
  for (const { record, refusals } of clients) {
    const { client } = record;
    for (const step of refusals) {
      if (step.reason !== 'UNSPECIFIED' && Object.hasOwn(rejectionDetails, step.reason)) continue;
      const ordinal = step.kind === 'refused' ? step.ordinal : undefined;
      const what = ordinal === undefined ? 'join' : `publish ${ordinal}`;
      const message = `${client}'s ${what} was refused without a reason (“${step.reason}”).`;
      yield finding('refusal-without-reason', step.room, { client, ordinal }, message, [step]);
    }
  }
}
