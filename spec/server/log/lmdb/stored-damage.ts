import { type Database, open } from 'lmdb';

/** The databases of a store of format 2, as they are named. */
export interface StoredDatabases {
  readonly about: Database<unknown, string>;
  readonly events: Database<Buffer, [string, number]>;
  readonly rooms: Database<Buffer, string>;
  readonly ids: Database<Buffer, string>;
  readonly states: Database<Buffer, [string, number]>;
}

/** Changes a store that nobody has open, behind its log's back. */
export async function editStore(directory: string, edit: (databases: StoredDatabases) => void): Promise<void> {
  const store = open(directory, { noSubdir: false, overlappingSync: false });
  const binary = { encoding: 'binary' } as const;
  edit({
    about: store.openDB('about', { encoding: 'json' }),
    events: store.openDB('events', binary),
    rooms: store.openDB('rooms', binary),
    ids: store.openDB('ids', binary),
    states: store.openDB('states', binary),
  } as never);
  await store.close();
}

/** `value` with one bit of it flipped, counted from its beginning, or from its end. */
export function withFlippedBit(value: Buffer | undefined, bit: number): Buffer {
  if (!value) throw new Error('there is no such value');
  const flipped = Buffer.from(value);
  const at = bit < 0 ? flipped.length * 8 + bit : bit;
  flipped[at >> 3] = (flipped[at >> 3] as number) ^ (1 << (at & 7));
  return flipped;
}
