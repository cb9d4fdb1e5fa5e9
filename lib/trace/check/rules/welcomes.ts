import type { Entrance } from '../../history/entrances.js';
import type { ClientEvidence, Evidence } from '../../history/evidence.js';
import type { StepOf } from '../../history/history.js';
import type { SessionRecord } from '../../history/sessions.js';
import { describe, type Findings, finding } from '../violation.js';

/**
 * P9: a welcome answers a request and fits it, and nobody receives anything in a room before one. P5: it tells of the
 * session's publishes no fewer than were accepted, and no other.
 */
export function* welcomes({ clients, sessions }: Evidence): Findings {
  for (const client of clients) {
    if (client.record.beginsLate) continue;
    for (const entrance of client.entrances) yield* fitting(client, entrance);
    yield* receivedInside(client);
  }
  for (const session of sessions.values()) yield* acceptedAsTold(session);
}

function* fitting({ record: { client } }: ClientEvidence, entrance: Entrance): Findings {
  const { welcome, asked, toldAgain, sent } = entrance;
  const { room, place, ordinal, newest } = welcome;
  const { sequence } = place;
  if (sent !== undefined && ordinal > sent) {
    const message = `${client} was told on being let in that its publish ${ordinal} is accepted, and had not sent it yet.`;
    yield finding('welcomed-otherwise', room, { sequence: newest, client, ordinal }, message, [welcome]);
  }
  if (!asked && !toldAgain) {
    const message = `${client} was let in to room ${room} at event ${sequence}, and had not asked to be.`;
    yield finding('answer-from-nowhere', room, { sequence, client }, message, [welcome]);
  }
  const otherwise = asked && whatDoesNotFit(asked, entrance);
  if (!otherwise) return;
  const message = `${client} was let in to room ${room} at event ${sequence} ${otherwise}.`;
  yield finding('welcomed-otherwise', room, { sequence, client }, message, [welcome, asked]);
}

/** What of a welcome does not fit the request. */
function whatDoesNotFit({ resume }: StepOf<'join'>, { welcome, present, placed, known }: Entrance): string | undefined {
  const { session, resumed, continues } = welcome;
  if (resume && !resumed) return 'as if it came for the first time, and had asked to go on';
  if (!resume && resumed) return 'as if it had been there, and had asked to join anew';
  if (resumed && !continues) return 'to go on, and what follows is said not to go on from what it had';
  if (resumed && present !== undefined && session !== present) return 'to go on with another session than it had';
  if (continues && !placed) return 'to go on from what it had, and had nothing';
  if (!resumed && known) return 'anew, with a session that it had before';
  return undefined;
}

function* receivedInside({ record: { client }, outside }: ClientEvidence): Findings {
  for (const { receipt, asked } of outside) {
    const { room, event } = receipt;
    const message = `${client} received ${describe(event)} of room ${room}, and had not been let in there.`;
    const exhibits = asked ? [receipt, asked] : [receipt];
    yield finding('received-outside', room, { sequence: event.sequence, client }, message, exhibits);
  }
}

/** What welcomes to a resumed session say of its publishes, against what its client knew and what the log has. */
function* acceptedAsTold({ client, welcome, stay, resumptions }: SessionRecord): Findings {
  const { room } = welcome;
  const messages = [...(stay?.messages.values() ?? [])];
  let [passed, logged] = [0, 0];
  for (const { welcome: resumed, knownOrdinal } of resumptions) {
    const { ordinal, newest } = resumed;
    for (; (messages[passed]?.sequence ?? Number.POSITIVE_INFINITY) <= newest; passed += 1)
      logged = Math.max(logged, messages[passed]?.ordinal ?? 0);
    const known = Math.max(knownOrdinal, logged);
    if (ordinal < known) {
      const message = `${client}'s publish ${known} was accepted, and on resuming it was told that ${ordinal} is the newest accepted one.`;
      yield finding('ordinals-forgotten', room, { sequence: newest, client, ordinal: known }, message, [resumed]);
    }
    // Where a stay's end is not seen, the accepted message may be behind it; where its beginning is not, before it.
    if (ordinal > known && stay?.joined && stay.left && !stay.messages.has(ordinal)) {
      const message = `${client} was told on resuming that its publish ${ordinal} is accepted, and the log has no such message of it.`;
      yield finding('welcomed-otherwise', room, { sequence: newest, client, ordinal }, message, [resumed]);
    }
  }
}
