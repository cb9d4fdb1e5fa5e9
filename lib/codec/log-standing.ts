import { defaultRoom } from '../core/name.js';
import { type ClientFields, type ClientLogRecord, logFormat, type UnansweredSend, type Whose } from './log-records.js';

/** What the record `part` of a room says. */
export type LogPart = ClientFields['part'] & Whose;

/** Where a client stands in a room: the record `part` as it would be now. */
type Standing = { -readonly [Field in keyof Omit<LogPart, 'clock' | 'format' | 'unanswered'>]: LogPart[Field] } & {
  /** By ordinal, each time that it was sent. */
  readonly unanswered: Map<number, UnansweredSend[]>;
  /** The answer to the latest request. */
  welcome: ClientFields['welcome'] | undefined;
};

/** Of one message, the tries that are followed; of one that was sent more often a part does not tell. */
const triesTrackedMax = 4;

type Noting = {
  readonly [Event in keyof ClientFields]?: (room: Standing, record: ClientFields[Event]) => void;
};

const ask = (room: Standing, record: ClientFields['connect'], resuming: boolean) => {
  Object.assign(room, { server: record.server, asked: record.lamport, resuming, inside: false, welcome: undefined });
};
const send = (room: Standing, { session, ordinal, text, lamport, seen }: ClientFields['send']) => {
  room.sent = Math.max(room.sent ?? 0, ordinal);
  // Its answer is known, whatever comes of it now.
  if (session === room.session && ordinal <= room.ordinal) return;
  const tries = room.unanswered.get(ordinal) ?? [];
  room.unanswered.set(ordinal, [...tries.slice(-triesTrackedMax), { session, ordinal, text, lamport, seen }]);
};
const answer = (room: Standing, { ordinal }: { readonly ordinal: number }) => room.unanswered.delete(ordinal);
const askToLeave = (room: Standing) => {
  room.leaving = true;
};
const goTo = (room: Standing, { sequence, chain }: { readonly sequence: number; readonly chain: string }) =>
  Object.assign(room, { sequence, chain });

/** What each record changes. */
const noting: Noting = {
  connect: (room, record) => ask(room, record, false),
  resume: (room, record) => {
    const { session, logId, sequence, chain } = record;
    ask(room, record, true);
    // Of the session of an earlier process its place is all that is known.
    if (room.session === undefined) Object.assign(room, { session, logId, sequence, chain });
  },
  welcome: (room, welcome) => {
    const { session, logId, newest, ordinal, resumed, continues } = welcome;
    if (!continues || room.sequence === undefined) goTo(room, welcome);
    if (!resumed) Object.assign(room, { newest, sent: 0, leaving: undefined });
    Object.assign(room, { session, logId, ordinal, welcome, inside: true, asked: undefined, resuming: undefined });
  },
  'join-refused': (room) => Object.assign(room, { asked: undefined, resuming: undefined }),
  // What comes is of another history: it begins where the welcome said.
  'history-lost': (room) => room.welcome?.continues && !room.welcome.resumed && goTo(room, room.welcome),
  receive: goTo,
  send,
  'send-again': send,
  accepted: (room, record) => {
    answer(room, record);
    room.ordinal = Math.max(room.ordinal, record.ordinal);
  },
  refused: answer,
  'no-answer': answer,
  'send-leave': askToLeave,
  'half-close': askToLeave,
};

const compared = ['session', 'logId', 'sequence', 'chain', 'ordinal', 'sent', 'asked', 'leaving'] as const;

/**
 * Follows a client's log records, and tells at any time where the client stands by them: what a new part of its log
 * begins with, so that the part can be judged without those before. One room has one visit at a time, and all have one
 * clock.
 */
export class LogStanding {
  readonly #rooms = new Map<string, Standing>();
  #clock = 0;

  /** The next record, as it was written or read. One that says nothing here is passed over. */
  note(record: ClientLogRecord): void {
    const { event } = record;
    const name = record.room || defaultRoom;
    if (event === 'begin' && record.room === undefined) this.#rooms.clear();
    else if (event === 'begin') this.#rooms.delete(name);
    if ((event === 'begin' || event === 'connect' || event === 'resume') && !this.#rooms.has(name)) {
      const { participant = '' } = record;
      const none = { ordinal: 0, unanswered: new Map(), welcome: undefined };
      this.#rooms.set(name, { participant, room: name, inside: false, ...none });
    }
    if (event === 'part') {
      const { clock, format, unanswered, ...rest } = record;
      const room: Standing = { ...rest, room: name, unanswered: new Map(), welcome: undefined };
      for (const one of unanswered) send(room, one);
      this.#rooms.set(name, room);
    }
    if ('clock' in record) this.#clock = record.clock;
    else if ('lamport' in record) this.#clock = record.lamport;
    const room = this.#rooms.get(name);
    if (room) (noting[event] as ((room: Standing, record: ClientLogRecord) => void) | undefined)?.(room, record);
    // The visit is over.
    if (event === 'disconnect') this.#rooms.delete(name);
  }

  /** The records, one for each room in which a visit is under way. */
  get parts(): LogPart[] {
    return Array.from(this.#rooms.values(), ({ unanswered, welcome, ...rest }) => {
      // Which of so many tries counts, nobody could say by some of them.
      const told = [...unanswered.values()].filter(({ length }) => length <= triesTrackedMax).flat();
      return { ...rest, clock: this.#clock, format: logFormat, unanswered: told };
    });
  }

  /** Whether a client that stands here may have gone on with this part: what lies between them is nothing. */
  goesOn(part: ClientLogRecord & { readonly event: 'part' }): boolean {
    const room = this.#rooms.get(part.room || defaultRoom);
    return room !== undefined && this.#clock === part.clock && compared.every((field) => room[field] === part[field]);
  }
}
