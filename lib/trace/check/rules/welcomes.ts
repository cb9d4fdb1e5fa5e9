import type { Evidence } from '../../history/evidence.js';
import type { ClientRecord, JoinStep, ReceiveStep, SendStep, WelcomeStep } from '../../history/history.js';
import type { SessionRecord } from '../../history/sessions.js';
import type { Findings } from '../findings.js';
import { told } from '../violation.js';

/**
 * P9: a welcome answers a request and fits it, and nobody receives anything in a room before one. P5: it tells of the session's
 * publishes no fewer than were accepted, and no other.
 */
export function welcomes({ history, sessions }: Evidence, findings: Findings): void {
  for (const record of history.clients) if (!record.beginsLate) new Entrances(record, findings).follow();
  for (const session of sessions.values()) acceptedAsTold(session, findings);
}

/** How one client asks to be let in to its rooms, and is. */
class Entrances {
  readonly #record: ClientRecord;
  readonly #findings: Findings;
  /** Those that it ever asked to be let in to. */
  readonly #rooms = new Set<string>();
  /** By room, the request that has no answer yet. */
  readonly #asked = new Map<string, JoinStep>();
  readonly #latest = new Map<string, WelcomeStep>();
  /** Rooms of which the latest request was answered with a welcome. */
  readonly #inside = new Set<string>();
  /** By room, the session that the present process was let in to. */
  readonly #ofProcess = new Map<string, string>();
  /** The sessions that it was let in to. */
  readonly #sessions = new Set<string>();
  /** By session that it began, the greatest ordinal sent. */
  readonly #sent = new Map<string, number>();
  /** Rooms that it had a place in. */
  readonly #placed = new Set<string>();

  constructor(record: ClientRecord, findings: Findings) {
    this.#record = record;
    this.#findings = findings;
  }

  follow(): void {
    for (const step of this.#record.steps) {
      if (step.kind === 'start') this.#start(step.room);
      else if (step.kind === 'join') this.#ask(step);
      else if (step.kind === 'join-refused') this.#asked.delete(step.room);
      else if (step.kind === 'welcome') this.#welcome(step);
      else if (step.kind === 'receive') this.#receive(step);
      else if (step.kind === 'send') this.#send(step);
    }
  }

  #start(room: string | undefined): void {
    if (room === undefined) this.#ofProcess.clear();
    else this.#ofProcess.delete(room);
  }

  #ask(join: JoinStep): void {
    this.#rooms.add(join.room);
    this.#asked.set(join.room, join);
    if (join.resume) this.#placed.add(join.room);
    this.#inside.delete(join.room);
  }

  #welcome(welcome: WelcomeStep): void {
    const { room, session, place } = welcome;
    const { client } = this.#record;
    const asked = this.#asked.get(room);
    const before = this.#latest.get(room);
    // Told once more where it turns out that the history is lost.
    const toldAgain = before?.continues && !welcome.continues && before.session === session;
    const otherwise = asked && this.#otherwise(asked, welcome);
    this.#asked.delete(room);
    this.#latest.set(room, welcome);
    this.#inside.add(room);
    this.#ofProcess.set(room, session);
    this.#placed.add(room);
    if (!welcome.resumed && !this.#sessions.has(session)) this.#sent.set(session, 0);
    this.#sessions.add(session);
    this.#acceptedWasSent(welcome);
    if (!asked && !toldAgain) {
      const message = `${client} was let in to room ${room} at event ${place.sequence}, and had not asked to be.`;
      this.#findings.add('answer-from-nowhere', room, { sequence: place.sequence, client }, message, [welcome]);
    }
    if (asked && otherwise) {
      const message = `${client} was let in to room ${room} at event ${place.sequence} ${otherwise}.`;
      this.#findings.add('welcomed-otherwise', room, { sequence: place.sequence, client }, message, [welcome, asked]);
    }
  }

  /** What of a welcome does not fit the request. */
  #otherwise({ resume }: JoinStep, welcome: WelcomeStep): string | undefined {
    const { room, session, resumed, continues } = welcome;
    const present = this.#ofProcess.get(room);
    if (resume && !resumed) return 'as if it came for the first time, and had asked to go on';
    if (!resume && resumed) return 'as if it had been there, and had asked to join anew';
    if (resumed && !continues) return 'to go on, and what follows is said not to go on from what it had';
    if (resumed && present !== undefined && session !== present) return 'to go on with another session than it had';
    if (continues && !this.#placed.has(room)) return 'to go on from what it had, and had nothing';
    if (!resumed && this.#sessions.has(session)) return 'anew, with a session that it had before';
    return undefined;
  }

  /** What was accepted, was sent before. */
  #acceptedWasSent(welcome: WelcomeStep): void {
    const { room, session, newest, ordinal } = welcome;
    const sent = this.#sent.get(session);
    if (sent === undefined || ordinal <= sent) return;
    const { client } = this.#record;
    const message = `${client} was told on being let in that its publish ${ordinal} is accepted, and had not sent it yet.`;
    this.#findings.add('welcomed-otherwise', room, { sequence: newest, client, ordinal }, message, [welcome]);
  }

  #send({ session, ordinal }: SendStep): void {
    const sent = this.#sent.get(session);
    if (sent !== undefined) this.#sent.set(session, Math.max(sent, Number(ordinal)));
  }

  #receive(receipt: ReceiveStep): void {
    const { room, event, filled } = receipt;
    // What was missed is read before joining anew.
    if ((filled ? this.#rooms : this.#inside).has(room)) return;
    const { client } = this.#record;
    const asked = this.#asked.get(room);
    const message = `${client} received ${told(event)} of room ${room}, and had not been let in there.`;
    const exhibits = asked ? [receipt, asked] : [receipt];
    this.#findings.add('received-outside', room, { sequence: event.sequence, client }, message, exhibits);
  }
}

/** What the welcomes of a session that went on tell of its publishes, held against what its client knew and what the log has. */
function acceptedAsTold({ client, welcome, stay, resumptions }: SessionRecord, findings: Findings): void {
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
      findings.add('ordinals-forgotten', room, { sequence: newest, client, ordinal: known }, message, [resumed]);
    }
    // Of a stay whose end is not seen a message may come that the server had accepted by then.
    if (ordinal > known && stay?.left && !stay.messages.has(ordinal)) {
      const message = `${client} was told on resuming that its publish ${ordinal} is accepted, and the log has no such message of it.`;
      findings.add('welcomed-otherwise', room, { sequence: newest, client, ordinal }, message, [resumed]);
    }
  }
}
