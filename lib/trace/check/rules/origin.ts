import type { MessageEvent, RoomEvent } from '../../../core/event.js';
import { rejectionDetails } from '../../../core/rejection.js';
import type { EarlyEnds, Evidence } from '../../history/evidence.js';
import type { StepOf } from '../../history/history.js';
import { isAnswerTo, type Publish, type Publishes, saysSeen, triesOf } from '../../history/publishes.js';
import type { RoomLog } from '../../history/room-log.js';
import { sameEvent } from '../../history/same-event.js';
import type { SessionRecord } from '../../history/sessions.js';
import type { Stay } from '../../history/stays.js';
import { describe, type Findings, finding } from '../violation.js';

/** P9: no event from nowhere. What is in the event log was asked for, as it stands there; what was refused is not, and says why. */
export function* origin(evidence: Evidence): Findings {
  const bySession = new Map<Stay, SessionRecord>();
  for (const session of evidence.sessions.values()) if (session.stay) bySession.set(session.stay, session);
  const recorded = { bySession, unmatchedSends: unmatchedSendsOf(evidence.publishes), earlyEnds: evidence.earlyEnds };
  for (const log of evidence.logs.all()) {
    for (const event of log.events) if (event.kind === 'message') yield* sent(log, event, evidence, recorded);
    for (const stay of log.stays.all) yield* leftAsAsked(log, stay, recorded);
  }
  yield* joinedAsAsked(evidence, bySession);
  for (const publish of evidence.publishes.all) {
    // What was sent before its record begins, nobody can say.
    const ofEarlier = evidence.late.has(publish.client) && (!publish.session || publish.session.welcome.resumed);
    if (ofEarlier) continue;
    yield* sentInside(publish);
    yield* answered(publish);
    yield* shownBefore(publish);
  }
  yield* reasons(evidence);
}

/** What the records tell of the sessions in a log. */
interface Recorded {
  readonly bySession: ReadonlyMap<Stay, SessionRecord>;
  /** Sendings that became nothing, by session and text. */
  readonly unmatchedSends: ReadonlyMap<string, StepOf<'send'>>;
  readonly earlyEnds: EarlyEnds;
}

function unmatchedSendsOf({ all }: Publishes): Map<string, StepOf<'send'>> {
  const unmatchedSends = new Map<string, StepOf<'send'>>();
  for (const { event, tries } of all) {
    for (const { send } of tries) if (send.text !== event?.text) unmatchedSends.set(sendKey(send), send);
  }
  return unmatchedSends;
}

function sendKey({ session, text }: { readonly session: string; readonly text: string }): string {
  return JSON.stringify([session, text]);
}

function* sent(
  log: RoomLog,
  event: MessageEvent,
  { publishes, history }: Evidence,
  { bySession, unmatchedSends, earlyEnds }: Recorded,
): Findings {
  const { room, stays } = log;
  const { sequence, ordinal, participant } = event;
  const stay = stays.byMessage.get(sequence);
  // Of two messages with one ordinal `once` tells.
  if (stay && stay.messages.get(ordinal) !== event) return;
  const publish = publishes.of(event);
  if (publish && publish.tries.length > 0) {
    if (!earlyEnds.before(event, publish.session)) yield* asSent(publish, event, log);
    return;
  }
  const session = stay && bySession.get(stay);
  if (!session ? history.outsiders : earlyEnds.before(event, session)) return;
  const where = { sequence, ordinal, client: session?.client };
  const sending = session && unmatchedSends.get(sendKey({ session: session.welcome.session, text: event.text }));
  const otherwise = sending
    ? `sent it with ordinal ${sending.ordinal}, not ${ordinal}`
    : `sent no such message (ordinal ${ordinal})`;
  const message = `The log has ${describe(event)}, and ${session?.client ?? participant} ${otherwise}.`;
  const exhibits = [...(sending ? [sending] : []), log.exhibit(event)];
  yield finding('forged-message', room, where, message, exhibits);
}

function* asSent(publish: Publish, event: MessageEvent, log: RoomLog): Findings {
  const { client, room, ordinal, tries, refused } = publish;
  const { sequence, seen } = event;
  const where = { sequence, client, ordinal };
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
    const message = `${client} had been shown event ${shown} when it sent ${describe(event)}, which says ${seen}.`;
    yield finding('seen-altered', room, where, message, sendings);
  }
}

function* leftAsAsked(log: RoomLog, stay: Stay, { bySession, earlyEnds }: Recorded): Findings {
  const { left } = stay;
  const session = bySession.get(stay);
  if (left?.reason !== 'ASKED' || !session || session.leaves.length > 0 || earlyEnds.before(left, session)) return;
  const { client } = session;
  const message = `The log has ${describe(left)} at its own wish, and ${client} did not ask to leave.`;
  yield finding('left-unasked', log.room, { sequence: left.sequence, client }, message, [log.exhibit(left)]);
}

/** Each Joined needs a request of its own that was not refused; those whose client was welcomed have theirs. */
function* joinedAsAsked(evidence: Evidence, bySession: ReadonlyMap<Stay, SessionRecord>): Findings {
  if (evidence.history.outsiders) return;
  const open = evidence.openJoins();
  for (const log of evidence.logs.all()) {
    for (const stay of log.stays.all) {
      const { joined, name } = stay;
      if (joined && !bySession.has(stay) && !open.use(log.room, name)) yield* forgedJoined(log, joined);
    }
  }
}

function* forgedJoined(log: RoomLog, joined: RoomEvent): Findings {
  const message = `The log has ${describe(joined)}, and ${joined.participant} did not ask to join.`;
  yield finding('forged-joined', log.room, { sequence: joined.sequence }, message, [log.exhibit(joined)]);
}

/** What was accepted was sent in a session of its client's. */
function* sentInside({ client, room, ordinal, session, tries, accepted }: Publish): Findings {
  const [first] = tries;
  if (session || !first || accepted.length === 0) return;
  const message = `${client} sent “${first.send.text}” in a session that it was never let in to.`;
  yield finding('sent-outside', room, { sequence: first.after, client, ordinal }, message, [first.send, ...accepted]);
}

function* answered({ client, room, ordinal, session, tries, accepted, refused }: Publish): Findings {
  const sequence = accepted[0]?.event.sequence;
  if (tries.length === 0 && accepted.length + refused.length > 0) {
    const message = `${client} was given an answer to a publish ${ordinal} that it never sent.`;
    yield finding('answer-from-nowhere', room, { sequence, client, ordinal }, message, [...accepted, ...refused]);
    return;
  }
  for (const answer of accepted) {
    const { event } = answer;
    const logged = session?.log?.at(event.sequence);
    // What a client received otherwise than all others, P1 tells.
    if (session?.log?.witnessed && logged && !sameEvent(event, logged)) continue;
    const holder = session?.log?.stays.byMessage.get(event.sequence) ?? session?.stay;
    // Of a stay whose beginning nobody saw nobody can say whose session it is.
    const ofSession = holder === session?.stay || (session?.log?.witnessed && !holder?.joined);
    if (isAnswerTo({ ordinal }, event) && event.participant === session?.name && ofSession) continue;
    const message = `${client}'s publish ${ordinal} was answered with ${describe(event)}, which is not it.`;
    yield finding('answer-of-another', room, { sequence: event.sequence, client, ordinal }, message, [answer]);
  }
}

/** Nobody is shown what he has not received. */
function* shownBefore({ client, room, ordinal, session, tries }: Publish): Findings {
  for (const { send, after } of tries) {
    if (!session?.log?.witnessed || send.seen <= after) continue;
    const message = `${client} says that it had been shown event ${send.seen} when it sent “${send.text}”, and had received up to ${after}.`;
    yield finding('seen-altered', room, { sequence: send.seen, client, ordinal }, message, [send]);
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
