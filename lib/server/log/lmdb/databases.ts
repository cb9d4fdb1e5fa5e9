import type { Database, RootDatabase } from 'lmdb';

/** Of each room two snapshots are kept, so that a damaged one costs a longer replay and no more. */
export type SnapshotKey = [room: string, slot: 0 | 1];

/** The databases of a store of format 2. */
export interface Databases {
  /** What the store says of itself. */
  readonly about: Database<unknown, string>;
  readonly entries: Database<Buffer, [room: string, sequence: number]>;
  readonly heads: Database<Buffer, string>;
  readonly ids: Database<Buffer, string>;
  readonly snapshots: Database<Buffer, SnapshotKey>;
  /** What snapshots refer to (`SnapshotPart`), by the event that each part goes through to. */
  readonly parts: Database<Buffer, [room: string, through: number]>;
}

/**
 * How values are read that are read by the thousands. lmdb's own way gives each value memory of its own, which costs
 * more than all else of reading it; here small values share memory. lmdb hands `decode` a buffer that it uses again, of
 * which `length` alone says where the value ends (its documented option `encoder`, of which these options' type says
 * nothing).
 */
const copiedValues = {
  encoding: 'binary' as const,
  encoder: {
    encode: (value: Buffer): Buffer => value,
    decode: ({ buffer, byteOffset, length }: Buffer): Buffer => {
      const value = Buffer.allocUnsafe(length);
      value.set(new Uint8Array(buffer, byteOffset, length));
      return value;
    },
  },
};

/** Opens what the store says of itself, and so whether the others can be read. */
export function openAbout(root: RootDatabase): Databases['about'] {
  return root.openDB('about', { encoding: 'json' });
}

/** Opens the others, which are made where they are absent. */
export function openDatabases(root: RootDatabase, about: Databases['about']): Databases {
  return {
    about,
    entries: root.openDB('events', copiedValues),
    heads: root.openDB('rooms', { encoding: 'binary' }),
    ids: root.openDB('ids', { encoding: 'binary' }),
    snapshots: root.openDB('states', { encoding: 'binary' }),
    parts: root.openDB('parts', copiedValues),
  };
}
