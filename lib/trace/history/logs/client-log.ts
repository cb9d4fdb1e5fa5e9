import type { LeftReason, RoomEvent } from '../../../core/event.js';
import type { RejectionReason } from '../../../core/rejection.js';
import { defaultRoom } from '../../../core/room-name.js';
import type { Place } from '../history.js';
import { integer, string, UnreadableRecord } from '../record-fields.js';
import type { ClientRecorder } from '../recorder.js';

/** One record of a client's log, as its line of JSON says it or its journal was given it. */
export type LogRecord = Readonly<Record<string, unknown>> & {
  readonly event: string;
  /** When, in ISO 8601; where it is not set, the record says nothing about when. */
  readonly time?: string | undefined;
};

export interface ClientLogOptions {
  /** Whether all clients of the history took their times from one clock: then P6 is judged across clients too. */
  readonly sharedClock?: boolean;
  /** Gives the object to keep for an event received: who reads many logs keeps one for all that received it. */
  readonly kept?: (room: string, event: RoomEvent) => RoomEvent;
}

/**
 * Reads one client's log records, in their order, as the history that the checker judges: what it writes down is what the
 * client library says with its journal (docs/operations.md lists the records). Records that say nothing about
 * the promises are passed over.
 */
export class ClientLog {
  readonly #recorder: ClientRecorder;
  readonly #options: ClientLogOptions;
  readonly #rooms = new Map<string, RoomVisit>();

  constructor(recorder: ClientRecorder, options: ClientLogOptions = {}) {
    this.#recorder = recorder;
    this.#options = options;
  }

  /** The client's next record. Throws UnreadableRecord where a field that it needs is missing or of another kind. */
  take(record: LogRecord): void {
    const room = record.room === undefined ? '' : string(record, 'room');
    this.#visit(room || defaultRoom).take(record);
  }

  /** The process is dead: what it had sent and nobody had answered stays without an answer. */
  dead(): void {
    for (const visit of this.#rooms.values()) visit.dead();
  }

  #visit(room: string): RoomVisit {
    const visit = this.#rooms.get(room) ?? new RoomVisit(room, this.#recorder, this.#options);
    this.#rooms.set(room, visit);
    return visit;
  }
}

/** What the records say of one room. */
class RoomVisit {
  readonly #room: string;
  readonly #recorder: ClientRecorder;
  readonly #options: ClientLogOptions;
  /** By ordinal, the sessions of publishes that were sent and not answered. */
  readonly #unanswered = new Map<number, string>();
  #latest: RoomEvent | undefined;
  /** Steps that may still be looked through for events of answers that do not stand right behind them: no sound client writes one. */
  #lookBackMax = 1_000_000;
  /** The present connection's. Whether the client goes on from what it had, it may find out only by what it reads then. */
  #welcome: WelcomeFields | undefined;
  #welcomeTold = true;

  constructor(room: string, recorder: ClientRecorder, options: ClientLogOptions) {
    this.#room = room;
    this.#recorder = recorder;
    this.#options = options;
  }

  dead(): void {
    this.#tellWelcome();
    for (const [ordinal, session] of this.#unanswered) this.#recorder.unknown({ room: this.#room, session, ordinal });
    this.#unanswered.clear();
  }

  take(record: LogRecord): void {
    const step = this.#steps[record.event];
    if (step && record.event !== 'history-lost') this.#tellWelcome();
    step?.(record);
  }

  readonly #steps: Readonly<Record<string, (record: LogRecord) => void>> = {
    begin: (record) => {
      this.dead();
      this.#recorder.start(integer(record, 'clock'), record.room === undefined ? undefined : this.#room);
    },
    connect: (record) => this.#join(record),
    resume: (record) => this.#join(record, placeOf(record)),
    'join-refused': (record) => this.#recorder.joinRefused(this.#room, { reason: reasonOf(record) }),
    welcome: (record) => {
      this.#welcome = welcomeOf(record, this.#room);
      this.#welcomeTold = false;
    },
    'history-lost': () => {
      // A session that was resumed did go on, up to what is damaged in the room's log.
      if (!this.#welcome?.continues || this.#welcome.resumed) return;
      this.#welcome = { ...this.#welcome, continues: false };
      this.#welcomeTold = false;
    },
    receive: (record) => this.#receive(record),
    send: (record) => this.#send(record),
    'send-again': (record) => this.#send(record),
    accepted: (record) => this.#accepted(record),
    refused: (record) => this.#refused(record),
    'no-answer': (record) => {
      const ordinal = integer(record, 'ordinal');
      this.#recorder.unknown({ room: this.#room, session: this.#answered(ordinal), ordinal });
    },
    'send-leave': (record) => this.#recorder.leave(this.#room, integer(record, 'lamport')),
    offline: (record) => this.#recorder.offline(this.#room, string(record, 'reason')),
    'half-close': () => this.#recorder.leave(this.#room),
    disconnect: (record) => {
      if (record.logId !== undefined)
        this.#recorder.place(this.#room, { ...placeOf(record), logId: string(record, 'logId') });
      this.#recorder.end(this.#room, record.left === undefined ? 'gone' : 'left');
    },
  };

  #tellWelcome(): void {
    if (!this.#welcome || this.#welcomeTold) return;
    this.#welcomeTold = true;
    this.#recorder.welcome(this.#welcome, { continues: this.#welcome.continues });
  }

  #join(record: LogRecord, resume?: Place): void {
    this.#welcome = undefined;
    const name = string(record, 'participant');
    const server = record.server === undefined ? undefined : string(record, 'server');
    this.#recorder.join({ room: this.#room, name, lamport: integer(record, 'lamport'), resume, server });
  }

  #receive(record: LogRecord): void {
    const read = eventOf(record);
    const event = this.#options.kept?.(this.#room, read) ?? read;
    const clock = integer(record, 'clock');
    this.#latest = event;
    if (record.filled === true) this.#recorder.fill(this.#room, event, clock);
    else this.#recorder.receive(this.#room, event, clock);
  }

  #send(record: LogRecord): void {
    const [session, ordinal] = [string(record, 'session'), integer(record, 'ordinal')];
    this.#unanswered.set(ordinal, session);
    const what = { text: string(record, 'text'), lamport: integer(record, 'lamport'), seen: integer(record, 'seen') };
    this.#recorder.send({ room: this.#room, session, ordinal, ...what, ...this.#at(record) });
  }

  #accepted(record: LogRecord): void {
    const [ordinal, sequence] = [integer(record, 'ordinal'), integer(record, 'sequence')];
    // The client says so right after it received the event; of an earlier one it is judged whether that is its message.
    const event = this.#latest?.sequence === sequence ? this.#latest : this.#receivedBefore(sequence);
    const session = this.#answered(ordinal);
    if (!event) {
      // What its message became the record does not say: the event itself stands in no line before this one.
      this.#recorder.place(this.#room, { sequence });
      this.#recorder.unknown({ room: this.#room, session, ordinal });
      return;
    }
    this.#recorder.accepted({ room: this.#room, session, ordinal, event, ...this.#at(record) });
  }

  /** The event of that sequence, if this room's record has received it since its last welcome of another history. */
  #receivedBefore(sequence: number): RoomEvent | undefined {
    const { steps } = this.#recorder;
    for (let index = steps.length - 1; index >= 0 && this.#lookBackMax > 0; index -= 1) {
      this.#lookBackMax -= 1;
      const step = steps[index];
      if (step?.kind !== 'receive' && step?.kind !== 'welcome') continue;
      if (step.room !== this.#room) continue;
      if (step.kind === 'welcome' && !step.continues) return undefined;
      if (step.kind === 'receive' && step.event.sequence === sequence) return step.event;
    }
    return undefined;
  }

  #refused(record: LogRecord): void {
    const ordinal = integer(record, 'ordinal');
    // What is refused as 0 is a leave.
    if (ordinal === 0) return;
    const session = this.#answered(ordinal) ?? string(record, 'session');
    this.#recorder.refused({ room: this.#room, session, ordinal, reason: reasonOf(record) });
  }

  #answered(ordinal: number): string | undefined {
    const session = this.#unanswered.get(ordinal);
    this.#unanswered.delete(ordinal);
    return session;
  }

  #at({ time }: LogRecord): { readonly at?: number } {
    return this.#options.sharedClock && time !== undefined ? { at: Date.parse(time) } : {};
  }
}

type WelcomeFields = Parameters<ClientRecorder['welcome']>[0] & { readonly continues: boolean };

function welcomeOf(record: LogRecord, room: string): WelcomeFields {
  return {
    room,
    session: string(record, 'session'),
    logId: string(record, 'logId'),
    ...placeOf(record),
    newest: integer(record, 'newest'),
    resumed: record.resumed === true,
    ordinal: integer(record, 'ordinal'),
    continues: record.continues === true,
  };
}

function placeOf(record: LogRecord): Place {
  return { sequence: integer(record, 'sequence'), chain: string(record, 'chain') };
}

function eventOf(record: LogRecord): RoomEvent {
  const sequence = integer(record, 'sequence');
  const chain = string(record, 'chain');
  const lamport = integer(record, 'lamport');
  const timeMs = integer(record, 'timeMs');
  const participant = string(record, 'participant');
  const kind = string(record, 'kind');
  switch (kind) {
    case 'joined':
    case 'unknown':
      return { sequence, lamport, timeMs, participant, chain, kind };
    case 'left':
      return { sequence, lamport, timeMs, participant, chain, kind, reason: string(record, 'reason') as LeftReason };
    case 'message': {
      const [text, ordinal, seen] = [string(record, 'text'), integer(record, 'ordinal'), integer(record, 'seen')];
      return { sequence, lamport, timeMs, participant, chain, kind, text, ordinal, seen };
    }
    default:
      throw new UnreadableRecord('kind is none of joined, message, left and unknown');
  }
}

/** Whether it is one of the contract's, the checker says. */
function reasonOf(record: LogRecord): RejectionReason {
  return string(record, 'reason') as RejectionReason;
}
