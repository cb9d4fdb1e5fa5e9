/** A record's fields, as it says them. */
type Fields = Readonly<Record<string, unknown>>;

/** A record that should tell something, and does not. `message` names the field. */
export class UnreadableRecord extends Error {
  override name = 'UnreadableRecord';
}

/** Throws UnreadableRecord where the field is missing or no string. */
export function string(record: Fields, field: string): string {
  const value = record[field];
  if (typeof value !== 'string') throw new UnreadableRecord(`${field} is no string`);
  return value;
}

/** Throws UnreadableRecord where the field is missing or no whole number from 0 to 2^53 - 1. */
export function integer(record: Fields, field: string): number {
  const value = record[field];
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new UnreadableRecord(`${field} is no whole number`);
  return value as number;
}
