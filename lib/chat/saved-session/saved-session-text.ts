import type { SavedSession } from '../../client/chat-client.js';

/** The text is no saved session; the message says what of it is wrong. */
export class SavedSessionDamaged extends Error {
  override name = 'SavedSessionDamaged';
}

/** The first line of thought for whoever finds such a file, and how a later version knows what it has before it. */
const format = 'chit-chat place 1: lets its holder speak as the participant, keep it to yourself';

const beginning = `{\n  "format": ${JSON.stringify(format)}`;

/** Longer than anything that a server gives or a person types as an address. */
const textLengthMax = 512;

/** A saved session as the text of its file. */
export function savedSessionText(saved: SavedSession): string {
  const { server, room, name, session, logId, sequence, chain, ordinal, lamport } = saved;
  const fields = { format, server, room, name, session, logId, sequence, chain, ordinal, lamport };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

/** The session of which this is the text. Throws `SavedSessionDamaged` if it is none. */
export function savedSessionFrom(text: string): SavedSession {
  const fields = fieldsOf(text);
  if (fields.format !== format) throw new SavedSessionDamaged('it is of no format that this version knows');
  const chain = textField(fields, 'chain');
  if (!/^[0-9a-f]{16}$/.test(chain)) throw new SavedSessionDamaged('"chain" is not 16 hex digits');
  return {
    server: textField(fields, 'server'),
    room: textField(fields, 'room'),
    name: textField(fields, 'name'),
    session: textField(fields, 'session'),
    logId: textField(fields, 'logId'),
    sequence: numberField(fields, 'sequence'),
    chain,
    ordinal: numberField(fields, 'ordinal'),
    lamport: numberField(fields, 'lamport'),
  };
}

/** Whether the text was begun by `savedSessionText`, whatever became of the rest. */
export function beginsAsSavedSession(text: string): boolean {
  return text.startsWith(beginning);
}

/** Whether it is that of this participant, there and nowhere else. */
export function isSavedSessionOf(saved: SavedSession, whose: Pick<SavedSession, 'server' | 'room' | 'name'>): boolean {
  return saved.server === whose.server && saved.room === whose.room && saved.name === whose.name;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SavedSessionDamaged('it is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SavedSessionDamaged('it is no JSON object');
  return value as Fields;
}

function textField(fields: Fields, name: string): string {
  const value = fields[name];
  const valid = typeof value === 'string' && value !== '' && value.length <= textLengthMax && !/\p{Cc}/u.test(value);
  if (!valid) throw new SavedSessionDamaged(`"${name}" is no text of 1 to ${textLengthMax} characters`);
  return value;
}

function numberField(fields: Fields, name: string): number {
  const value = fields[name];
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw new SavedSessionDamaged(`"${name}" is no whole number`);
  return value as number;
}
