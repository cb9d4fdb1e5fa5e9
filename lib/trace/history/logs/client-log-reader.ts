import { type ClientLogRecord, clientLogRecord, text, whole } from '../../../codec/log-records.js';
import type { RoomEvent } from '../../../core/event.js';
import { defaultRoom } from '../../../core/room-name.js';
import type { Place, Step, StepOf } from '../history.js';

/** One record of a client's log, as its line of JSON says it or its journal was given it. */
export type LogRecord = Readonly<Record<string, unknown>> & {
  readonly event: string;
  /** When, in ISO 8601; where it is not set, the record says nothing about when. */
  readonly time?: unknown;
};

export interface ClientLogOptions {
  /** Whether all clients of the history took their times from one clock: then P6 is judged across clients too. */
  readonly sharedClock?: boolean;
  /** Gives the object to keep for an event received: who reads many logs keeps one for all that received it. */
  readonly kept?: (room: string, event: RoomEvent) => RoomEvent;
}

/**
 * Reads one client's log records, in their order, as the steps of its history. Records that say nothing about the promises are
 * passed over.
 */
export class ClientLogReader {
  readonly #steps: Step[];
  readonly #options: ClientLogOptions;
  readonly #rooms = new Map<string, RoomRecords>();

  /** The steps are added to `steps`, which others may add to as well. */
  constructor(steps: Step[], options: ClientLogOptions = {}) {
    this.#steps = steps;
    this.#options = options;
  }

  /** The client's next record. Throws UnreadableRecord and NewerLog, see `clientLogRecord`. */
  add(record: LogRecord): void {
    const known = clientLogRecord(record);
    if (!known) return;
    const { sharedClock, kept } = this.#options;
    const at = sharedClock && typeof record.time === 'string' ? { at: Date.parse(record.time) } : {};
    const name = known.room || defaultRoom;
    const room = this.#rooms.get(name) ?? new RoomRecords(name, this.#steps, kept);
    this.#rooms.set(name, room);
    room.add(known, at);
  }

  /** Nothing follows, for the process is dead: what it had sent and nobody had answered stays without an answer. */
  end(): void {
    for (const room of this.#rooms.values()) room.end();
  }
}

/** What the records say of one room. */
class RoomRecords {
  readonly #room: string;
  readonly #steps: Step[];
  readonly #kept: ClientLogOptions['kept'];
  /** By ordinal, the sessions of publishes that were sent and not answered. */
  readonly #unanswered = new Map<number, string>();
  /** The session of the latest welcome. */
  #session = '';
  #latest: RoomEvent | undefined;
  /** Steps that may still be looked through for events of answers that do not stand right behind them: no sound client writes one. */
  #lookBackMax = 1_000_000;
  /** The present connection's. Whether the client goes on from what it had, it may find out only by what it reads then. */
  #welcome: StepOf<'welcome'> | undefined;
  #welcomeAdded = true;

  constructor(room: string, steps: Step[], kept: ClientLogOptions['kept']) {
    this.#room = room;
    this.#steps = steps;
    this.#kept = kept;
  }

  end(): void {
    this.#addWelcome();
    for (const [ordinal, session] of this.#unanswered) this.#addUnknown(ordinal, session);
    this.#unanswered.clear();
  }

  /** `at`: when, on the clock that all clients share, if they do. */
  add(record: ClientLogRecord, at: { readonly at?: number }): void {
    const room = this.#room;
    switch (record.event) {
      case 'not-joined':
      case 'gap-filled':
      case 'visit-failed':
        return;
      case 'history-lost':
        // A session that was resumed did go on, up to what is damaged in the room's event log.
        if (this.#welcome?.continues && !this.#welcome.resumed) this.#welcomed({ ...this.#welcome, continues: false });
        return;
    }
    this.#addWelcome();
    switch (record.event) {
      case 'begin':
        this.end();
        this.#steps.push({ kind: 'start', clock: record.clock, ...(record.room !== undefined && { room }) });
        break;
      case 'connect':
      case 'resume': {
        const { participant: name, lamport, server } = record;
        const resume = record.event === 'resume' ? placeOf(record) : undefined;
        this.#welcome = undefined;
        this.#steps.push({ kind: 'join', room, name, lamport, resume, server });
        break;
      }
      case 'join-refused':
        this.#steps.push({ kind: 'join-refused', room, reason: record.reason });
        break;
      case 'welcome': {
        const { session, logId, newest, ordinal } = record;
        const [resumed, continues] = [record.resumed === true, record.continues === true];
        const place = placeOf(record);
        this.#welcomed({ kind: 'welcome', room, session, logId, place, newest, resumed, ordinal, continues });
        break;
      }
      case 'receive': {
        const read = eventOf(record);
        const event = this.#kept?.(room, read) ?? read;
        const { clock, filled } = record;
        this.#latest = event;
        this.#steps.push({ kind: 'receive', room, event, clock, ...(filled === true && { filled }) });
        break;
      }
      case 'send':
      case 'send-again': {
        const { session, ordinal, text, lamport, seen } = record;
        this.#unanswered.set(ordinal, session);
        this.#steps.push({ kind: 'send', room, session, ordinal, text, lamport, seen, ...at });
        break;
      }
      case 'accepted':
        this.#accepted(record.ordinal, record.sequence, at);
        break;
      case 'refused': {
        const { ordinal, reason } = record;
        // What is refused as 0 is a leave.
        if (ordinal === 0) break;
        const session = this.#answered(ordinal) ?? text(record, 'session');
        this.#steps.push({ kind: 'refused', room, session, ordinal, reason });
        break;
      }
      case 'no-answer':
        this.#addUnknown(record.ordinal, this.#answered(record.ordinal));
        break;
      case 'send-leave':
        this.#steps.push({ kind: 'leave', room, session: this.#session, lamport: record.lamport });
        break;
      case 'half-close':
        this.#steps.push({ kind: 'leave', room, session: this.#session });
        break;
      case 'offline':
        this.#steps.push({ kind: 'offline', room, reason: record.reason });
        break;
      case 'disconnect': {
        const { logId, left } = record;
        if (logId !== undefined) this.#steps.push({ kind: 'place', room, ...placeOf(record), logId });
        this.#steps.push({ kind: 'end', room, how: left === undefined ? 'gone' : 'left' });
      }
    }
  }

  #welcomed(welcome: StepOf<'welcome'>): void {
    this.#welcome = welcome;
    this.#welcomeAdded = false;
  }

  #addWelcome(): void {
    if (!this.#welcome || this.#welcomeAdded) return;
    this.#welcomeAdded = true;
    this.#session = this.#welcome.session;
    this.#steps.push(this.#welcome);
  }

  #addUnknown(ordinal: number, session = this.#session): void {
    this.#steps.push({ kind: 'unknown', room: this.#room, session, ordinal });
  }

  #accepted(ordinal: number, sequence: number, at: { readonly at?: number }): void {
    // The client says so right after it received the event; of an earlier one it is judged whether that is its message.
    const event = this.#latest?.sequence === sequence ? this.#latest : this.#receivedBefore(sequence);
    const session = this.#answered(ordinal) ?? this.#session;
    const room = this.#room;
    if (event) {
      this.#steps.push({ kind: 'accepted', room, session, ordinal, event, duplicate: false, ...at });
      return;
    }
    // What its message became the record does not say: the event itself stands in no line before this one.
    this.#steps.push({ kind: 'place', room, sequence });
    this.#addUnknown(ordinal, session);
  }

  /** The event of that sequence, if this room's record has received it since its last welcome of another history. */
  #receivedBefore(sequence: number): RoomEvent | undefined {
    for (let index = this.#steps.length - 1; index >= 0 && this.#lookBackMax > 0; index -= 1) {
      this.#lookBackMax -= 1;
      const step = this.#steps[index];
      if (step?.kind !== 'receive' && step?.kind !== 'welcome') continue;
      if (step.room !== this.#room) continue;
      if (step.kind === 'welcome' && !step.continues) return undefined;
      if (step.kind === 'receive' && step.event.sequence === sequence) return step.event;
    }
    return undefined;
  }

  #answered(ordinal: number): string | undefined {
    const session = this.#unanswered.get(ordinal);
    this.#unanswered.delete(ordinal);
    return session;
  }
}

function placeOf(record: Readonly<Record<string, unknown>>): Place {
  return { sequence: whole(record, 'sequence'), chain: text(record, 'chain') };
}

function eventOf(record: Extract<ClientLogRecord, { readonly event: 'receive' }>): RoomEvent {
  const { sequence, lamport, timeMs, participant, chain, kind } = record;
  switch (kind) {
    case 'left':
      return { sequence, lamport, timeMs, participant, chain, kind, reason: record.reason };
    case 'message': {
      const { text, ordinal, seen } = record;
      return { sequence, lamport, timeMs, participant, chain, kind, text, ordinal, seen };
    }
    default:
      return { sequence, lamport, timeMs, participant, chain, kind };
  }
}
