import type { RoomEvent } from '../core/event.js';

/**
 * The format of the records that clients write, which `begin` names. An event log of format 1 does not name its own,
 * and has the same records. What changes the meaning of a record, or makes one that has to be understood, is another
 * format.
 */
export const logFormat = 2;

/** A record lacks something that it should say. `message` names the field. */
export class UnreadableRecord extends Error {
  override name = 'UnreadableRecord';
}

/** A record's fields, as its line says them. */
export type RecordFields = Readonly<Record<string, unknown>>;

/** What fields hold. A flag is set where it is true, whatever it is; what is not `read` says nothing to the checker. */
interface Kinds {
  text: string;
  whole: number;
  flag: boolean;
  sends: readonly UnansweredSend[];
  unread: unknown;
}

/** A message that was sent and that had no answer yet. */
export interface UnansweredSend {
  readonly session: string;
  readonly ordinal: number;
  readonly text: string;
  readonly lamport: number;
  readonly seen: number;
}

type Kind = keyof Kinds | `${keyof Kinds}?`;
type Shape = Readonly<Record<string, Kind>>;

const message = { session: 'text', ordinal: 'whole', text: 'text', lamport: 'whole', seen: 'whole' } as const;

/**
 * What each record of a client says, in the order in which a visit writes them (docs/operations.md, "Log records"). Its
 * writer has to give these fields, and its readers get them.
 */
const clientShapes = {
  /** A visit begins, with this time on the client's own clock. */
  begin: { clock: 'whole', format: 'whole?', participant: 'text?', server: 'unread' },
  /**
   * A part of a rotated log begins, and a visit goes on: its names, and where the client stands by all that it wrote
   * before. Set as far as the client got: its `session`, where that began (`newest` of its welcome), its position, and
   * the newest ordinals accepted and sent by this process; the time of a request to be let in that has no answer, and
   * whether it is one to resume; whether it asked to leave.
   */
  part: {
    ...{ clock: 'whole', format: 'whole?', participant: 'text', server: 'text?', inside: 'flag' },
    ...{ session: 'text?', logId: 'text?', sequence: 'whole?', chain: 'text?', newest: 'whole?' },
    ...{ ordinal: 'whole', sent: 'whole?', unanswered: 'sends' },
    ...{ asked: 'whole?', resuming: 'flag?', leaving: 'flag?' },
  },
  /** It asks to join … */
  connect: { participant: 'text', server: 'text?', lamport: 'whole' },
  /** … or to go on after a place. */
  resume: {
    ...{ sequence: 'whole', chain: 'text', participant: 'text', server: 'text?', lamport: 'whole' },
    ...{ session: 'unread', logId: 'unread' },
  },
  /** It was let in, just before the first event that comes; whether that `continues` what it has [P3]. */
  welcome: {
    ...{ session: 'text', logId: 'text', sequence: 'whole', chain: 'text', newest: 'whole', ordinal: 'whole' },
    ...{ resumed: 'flag', continues: 'flag' },
  },
  'join-refused': { reason: 'text' },
  'not-joined': { server: 'unread', err: 'unread' },
  /** An event, with the client's own time afterwards; `filled` where it was missed and is read later. */
  receive: {
    ...{ sequence: 'whole', chain: 'text', lamport: 'whole', timeMs: 'whole', participant: 'text', kind: 'text' },
    ...{ clock: 'whole', filled: 'flag?' },
  },
  send: message,
  'send-again': message,
  accepted: { ordinal: 'whole', sequence: 'whole' },
  /** Ordinal 0 is a leave that was refused. */
  refused: { ordinal: 'whole', reason: 'text', session: 'text?' },
  'no-answer': { ordinal: 'whole', reason: 'unread' },
  offline: { reason: 'text', logId: 'unread', sequence: 'unread' },
  'gap-filled': { logId: 'unread', after: 'unread', sequence: 'unread' },
  'history-lost': { logId: 'unread', sequence: 'unread' },
  'send-leave': { session: 'unread', lamport: 'whole' },
  'half-close': { session: 'unread' },
  /** The visit is over at this place, with `left` where its own Left came. */
  disconnect: { logId: 'text?', sequence: 'whole?', chain: 'text?', left: 'unread?' },
  'visit-failed': { err: 'unread' },
} as const satisfies Record<string, Shape>;

const order = {
  sequence: 'whole',
  time: 'text?',
  room: 'text',
  lamport: 'whole',
  logId: 'text?',
  chain: 'text?',
} as const;

/** What a server's records say of a room's order: no texts, and of a run's messages only the last one's chain. */
const serverShapes = {
  /** A session began, or ended, with this event. */
  'broadcast-join': { ...order, participant: 'text', session: 'text?' },
  'broadcast-leave': { ...order, participant: 'text', session: 'text?' },
  /** The events up to `last`, whose time and chain these are, went to so many participants. */
  delivery: { ...order, last: 'whole', participants: 'whole' },
} as const satisfies Record<string, Shape>;

type FieldsOf<S extends Shape> = {
  readonly [Field in keyof S as S[Field] extends keyof Kinds ? Field : never]: Kinds[S[Field] & keyof Kinds];
} & {
  readonly [Field in keyof S as S[Field] extends `${string}?` ? Field : never]?:
    | (S[Field] extends `${infer K extends keyof Kinds}?` ? Kinds[K] : never)
    | undefined;
};

/** An event's own fields, of one kind or another. */
type FieldsOfEvent<Event> = Event extends unknown ? { readonly [Field in keyof Event]: Event[Field] } : never;

/** The fields of a client's records by which its story can be told, by `event`. */
export type ClientFields = {
  readonly [Event in keyof typeof clientShapes]: FieldsOf<(typeof clientShapes)[Event]> &
    (Event extends 'receive' ? FieldsOfEvent<RoomEvent> : unknown);
};

/** The same of a server's records that tell of the order. */
export type ServerFields = {
  readonly [Event in keyof typeof serverShapes]: FieldsOf<(typeof serverShapes)[Event]>;
};

/** Who writes it, and where; of what is received the participant is the event's. */
export type Whose = {
  readonly participant: string;
  readonly room: string;
};

type Records<Fields, Common> = {
  [Event in keyof Fields]: { readonly event: Event } & Fields[Event] & Common;
}[keyof Fields];

/** A client's record as it is read; one that names no room is of the default one. */
export type ClientLogRecord = Records<ClientFields, { readonly room?: string | undefined }>;

/** A server's record of the order as it is read. */
export type ServerLogRecord = Records<ServerFields, unknown>;

/** The event log was written by a newer program, whose records may mean something else. `message` says what to do. */
export class NewerLog extends Error {
  override name = 'NewerLog';
}

/**
 * A client's record, if it is one that is known; undefined of any other. Throws UnreadableRecord where a field that is
 * needed is missing or of another kind, and NewerLog where the record begins an event log of a format that is not
 * known.
 */
export function clientLogRecord(record: RecordFields): ClientLogRecord | undefined {
  if (record.room !== undefined) text(record, 'room');
  const known = checked<ClientLogRecord>(record, clientChecks);
  if (known?.event === 'receive' && !eventKinds.has(known.kind)) {
    throw new UnreadableRecord('kind is none of joined, message, left and unknown');
  }
  if (known?.event === 'receive') for (const [field, check] of eventKinds.get(known.kind) ?? []) check(record, field);
  if ((known?.event === 'begin' || known?.event === 'part') && (known.format ?? 1) > logFormat) {
    throw new NewerLog(
      `this log has format ${known.format}, and formats up to ${logFormat} are read here. Use the chit-trace of the client that wrote it.`,
    );
  }
  return known;
}

/** The same of a server's record of the order. Throws UnreadableRecord. */
export function serverLogRecord(record: RecordFields): ServerLogRecord | undefined {
  return checked<ServerLogRecord>(record, serverChecks);
}

/** Throws UnreadableRecord where the field is missing or no string. */
export function text(record: RecordFields, field: string): string {
  const value = record[field];
  if (typeof value !== 'string') throw new UnreadableRecord(`${field} is no string`);
  return value;
}

/** Throws UnreadableRecord where the field is missing or no whole number from 0 to 2^53 - 1. */
export function whole(record: RecordFields, field: string): number {
  const value = record[field];
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new UnreadableRecord(`${field} is no whole number`);
  return value as number;
}

type Check = (record: RecordFields, field: string) => unknown;

const ifThere =
  (check: Check): Check =>
  (record, field) =>
    record[field] === undefined || check(record, field);

function sends(record: RecordFields, field: string): void {
  const value = record[field];
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'object' && one !== null)) {
    throw new UnreadableRecord(`${field} is no list of records`);
  }
  for (const one of value as RecordFields[]) {
    for (const name of ['session', 'text']) text(one, name);
    for (const name of ['ordinal', 'lamport', 'seen']) whole(one, name);
  }
}

const checks: Partial<Record<Kind, Check>> = { text, whole, sends, 'text?': ifThere(text), 'whole?': ifThere(whole) };

/** The fields of each record that are looked at, in the order of its shape. */
function checksOf(
  shapes: Readonly<Record<string, Shape>>,
): ReadonlyMap<unknown, readonly (readonly [string, Check])[]> {
  const fields = (shape: Shape) =>
    Object.entries(shape).flatMap(([field, kind]): [string, Check][] => {
      const check = checks[kind];
      return check ? [[field, check]] : [];
    });
  return new Map(Object.entries(shapes).map(([event, shape]) => [event, fields(shape)]));
}

const clientChecks = checksOf(clientShapes);
const serverChecks = checksOf(serverShapes);
/** What an event of each kind has besides what all have. */
const eventKinds = checksOf({
  joined: {},
  message: { text: 'text', ordinal: 'whole', seen: 'whole' },
  left: { reason: 'text' },
  unknown: {},
});

/** The very record, since a long log has many. */
function checked<R>(record: RecordFields, known: typeof clientChecks): R | undefined {
  const fields = known.get(record.event);
  if (!fields) return undefined;
  for (const [field, check] of fields) check(record, field);
  return record as R;
}
