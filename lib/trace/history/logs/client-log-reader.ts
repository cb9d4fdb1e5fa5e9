import { type ClientLogRecord, clientLogRecord, text, whole } from '../../../codec/log-records.js';
import type { RoomEvent } from '../../../core/event.js';
import { defaultRoom } from '../../../core/name.js';
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
 * Reads one client's log records, in their order, as the steps of its history. Records that say nothing about the
 * promises are passed over.
 */
export class ClientLogReader {
  readonly #steps: Step[];
  readonly #options: ClientLogOptions;
  readonly #rooms = new Map<string, ReturnType<typeof recordsOf>>();

  /** The steps are added to `steps`, which others may add to as well. */
  constructor(steps: Step[], options: ClientLogOptions = {}) {
    this.#steps = steps;
    this.#options = options;
  }

  /** The client's next record. Throws UnreadableRecord and NewerLog, see `clientLogRecord`. */
  add(record: LogRecord): void {
    const known = clientLogRecord(record);
    if (!known) return;
    const { sharedClock, kept = (_, event) => event } = this.#options;
    const at = sharedClock && typeof record.time === 'string' ? { at: Date.parse(record.time) } : {};
    const name = known.room || defaultRoom;
    const room = this.#rooms.get(name) ?? recordsOf(name, this.#steps, (event) => kept(name, event));
    this.#rooms.set(name, room);
    room.add(known, at);
  }

  /** Nothing follows, for the process is dead: what it had sent and nobody had answered stays without an answer. */
  end(): void {
    for (const room of this.#rooms.values()) room.end();
  }
}

/** When, on the clock that all clients share, if they do. */
type At = { readonly at?: number };

type RecordOf<Event extends ClientLogRecord['event']> = Extract<ClientLogRecord, { readonly event: Event }>;

/** Steps looked through, in all, for events of answers not right behind them: no sound client writes such. */
const lookBackMax = 1_000_000;

/** What the records say of one room. */
function recordsOf(room: string, steps: Step[], kept: (event: RoomEvent) => RoomEvent) {
  /** By ordinal, the sessions of publishes that were sent and not answered. */
  const unanswered = new Map<number, string>();
  let latest: RoomEvent | undefined;
  let lookedBack = 0;
  /** The present connection's. Whether the client goes on from what it had, it may find out only by reading on. */
  let welcome: StepOf<'welcome'> | undefined;
  let added: StepOf<'welcome'> | undefined;
  /** The session of the latest welcome. */
  let present = '';

  const addWelcome = () => {
    if (!welcome || welcome === added) return;
    added = welcome;
    present = welcome.session;
    steps.push(welcome);
  };
  const answered = (ordinal: number) => {
    const session = unanswered.get(ordinal);
    unanswered.delete(ordinal);
    return session;
  };
  const addUnknown = (ordinal: number, session = present) => steps.push({ kind: 'unknown', room, session, ordinal });
  const end = () => {
    addWelcome();
    for (const [ordinal, session] of unanswered) addUnknown(ordinal, session);
    unanswered.clear();
  };
  const join = (record: RecordOf<'connect' | 'resume'>, resume?: Place) => {
    const { participant: name, lamport, server } = record;
    welcome = undefined;
    steps.push({ kind: 'join', room, name, lamport, resume, server });
  };
  const send = ({ session, ordinal, text, lamport, seen }: RecordOf<'send' | 'send-again'>, at: At) => {
    unanswered.set(ordinal, session);
    steps.push({ kind: 'send', room, session, ordinal, text, lamport, seen, ...at });
  };
  /** The event of that sequence, if this room's record has received it since its last welcome of another history. */
  const receivedBefore = (sequence: number): RoomEvent | undefined => {
    for (let index = steps.length - 1; index >= 0 && lookedBack < lookBackMax; index -= 1) {
      lookedBack += 1;
      const step = steps[index];
      if (step?.kind !== 'receive' && step?.kind !== 'welcome') continue;
      if (step.room !== room) continue;
      if (step.kind === 'welcome' && !step.continues) return undefined;
      if (step.kind === 'receive' && step.event.sequence === sequence) return step.event;
    }
    return undefined;
  };

  const adding: { [Event in ClientLogRecord['event']]?: (record: RecordOf<Event>, at: At) => void } = {
    begin: (record) => {
      end();
      steps.push({ kind: 'start', clock: record.clock, ...(record.room !== undefined && { room }) });
    },
    part: (record) => {
      const { clock, server, inside, sent, session, logId, newest, ordinal, participant: name, asked } = record;
      for (const one of record.unanswered) unanswered.set(one.ordinal, one.session);
      const { sequence, chain } = record;
      const place = sequence === undefined || chain === undefined ? undefined : { sequence, chain };
      const resume = record.resuming ? place : undefined;
      const here = { room, session: session ?? '' };
      const before = {
        newest: newest ?? place?.sequence ?? 0,
        resumed: newest === undefined,
        ordinal,
        continues: true,
      };
      present = here.session;
      steps.push({
        ...{ kind: 'part', room, clock, server, inside: inside === true, sent: sent ?? Number.POSITIVE_INFINITY, name },
        asked: asked === undefined ? undefined : { kind: 'join', room, name, lamport: asked, resume, server },
        welcome: place && logId !== undefined ? { kind: 'welcome', ...here, logId, place, ...before } : undefined,
        leave: record.leaving ? { kind: 'leave', ...here } : undefined,
        sends: record.unanswered.map(({ session, ordinal, text, lamport, seen }) => {
          return { kind: 'send', room, session, ordinal, text, lamport, seen };
        }),
      });
    },
    connect: (record) => join(record),
    resume: (record) => join(record, placeOf(record)),
    'join-refused': ({ reason }) => steps.push({ kind: 'join-refused', room, reason }),
    welcome: (record) => {
      const { session, logId, newest, ordinal } = record;
      const [resumed, continues] = [record.resumed === true, record.continues === true];
      welcome = { kind: 'welcome', room, session, logId, place: placeOf(record), newest, resumed, ordinal, continues };
    },
    receive: (record) => {
      const { clock, filled } = record;
      latest = kept(eventOf(record));
      steps.push({ kind: 'receive', room, event: latest, clock, ...(filled === true && { filled }) });
    },
    send,
    'send-again': send,
    accepted: ({ ordinal, sequence }, at) => {
      // The client says so right after it received the event; of an earlier event, it is judged whether it is that one.
      const event = latest?.sequence === sequence ? latest : receivedBefore(sequence);
      const session = answered(ordinal) ?? present;
      if (event) steps.push({ kind: 'accepted', room, session, ordinal, event, duplicate: false, ...at });
      if (event) return;
      // What its message became the record does not say: the event itself stands in no line before this one.
      steps.push({ kind: 'place', room, sequence });
      addUnknown(ordinal, session);
    },
    refused: (record) => {
      const { ordinal, reason } = record;
      // What is refused as 0 is a leave.
      if (ordinal === 0) return;
      steps.push({ kind: 'refused', room, session: answered(ordinal) ?? text(record, 'session'), ordinal, reason });
    },
    'no-answer': ({ ordinal }) => addUnknown(ordinal, answered(ordinal)),
    'send-leave': ({ lamport }) => steps.push({ kind: 'leave', room, session: present, lamport }),
    'half-close': () => steps.push({ kind: 'leave', room, session: present }),
    offline: ({ reason }) => steps.push({ kind: 'offline', room, reason }),
    disconnect: (record) => {
      const { logId, left } = record;
      if (logId !== undefined)
        steps.push({ kind: 'place', room, sequence: whole(record, 'sequence'), chain: text(record, 'chain'), logId });
      steps.push({ kind: 'end', room, how: left === undefined ? 'gone' : 'left' });
    },
  };
  return {
    end,
    add: (record: ClientLogRecord, at: At) => {
      const add = adding[record.event] as ((record: ClientLogRecord, at: At) => void) | undefined;
      if (add) addWelcome();
      add?.(record, at);
      // A session that was resumed did go on, up to what is damaged in the room's event log.
      const lost = record.event === 'history-lost' && welcome?.continues && !welcome.resumed;
      if (lost && welcome) welcome = { ...welcome, continues: false };
    },
  };
}

function placeOf({ sequence, chain }: Place): Place {
  return { sequence, chain };
}

/** Written out for each kind: a long run has millions, and spread objects are several times as slow. */
function eventOf(record: RecordOf<'receive'>): RoomEvent {
  const { sequence, lamport, timeMs, participant, chain, kind } = record;
  if (kind === 'left') return { sequence, lamport, timeMs, participant, chain, kind, reason: record.reason };
  if (kind !== 'message') return { sequence, lamport, timeMs, participant, chain, kind };
  const { text, ordinal, seen } = record;
  return { sequence, lamport, timeMs, participant, chain, kind, text, ordinal, seen };
}
