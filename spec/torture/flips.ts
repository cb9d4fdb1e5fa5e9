import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { segmentBytes, segmentNames } from '../../lib/server/log/write-ahead/segment.js';
import { decodeSegment } from '../../lib/server/log/write-ahead/segment-format.js';
import { flipBit } from '../server/log/lmdb/flipped-store.js';
import type { Random } from '../simulation/random.js';

/** What a flipped bit can hit, and the databases of the store that have it, of whichever format it is. */
const databases = {
  entries: ['entries', 'events'],
  heads: ['heads', 'rooms', 'ids'],
  snapshots: ['snapshots', 'states', 'parts', 'snapshot-parts'],
} as const;

type Table = keyof typeof databases;

/**
 * One bit of a stored value, or of a write-ahead segment that a killed server left, named so that it can be planned before there
 * is a store: by fractions of what will be there.
 */
export interface Flip {
  readonly table: Table | 'segments';
  /** Which of the table's records, or of the segments that have something, from 0 (the first) to less than 1. */
  readonly record: number;
  /** Which of its bytes, likewise. */
  readonly byte: number;
  readonly bit: number;
}

/** The flips of one time that the server is down: a pure function of the source of chance. */
export function plannedFlips(random: Random): Flip[] {
  return Array.from({ length: random.between(1, 3) }, () => ({
    table: random.weighted({ entries: 6, heads: 2, snapshots: 2, segments: 3 }),
    record: random.next(),
    byte: random.next(),
    bit: random.between(0, 7),
  }));
}

/** A flip that was made. */
export interface Flipped {
  readonly table: Flip['table'];
  /** Or the segment's file. */
  readonly room: string;
  /** Of an entry. */
  readonly sequence?: number | undefined;
  /** From the value's, or the file's, beginning. */
  readonly byte: number;
  readonly bit: number;
}

/**
 * Flips bits of the store in `directory`, which nobody has open, and tells where. A table that is empty is passed over. LMDB leaves older copies of a page in its file: the value is altered wherever it stands, for only one of its
 * copies is ever read again.
 */
export async function flipBits(directory: string, flips: readonly Flip[]): Promise<Flipped[]> {
  const made: Flipped[] = [];
  for (const flip of flips) {
    if (flip.table === 'segments') {
      made.push(...flipSegment(directory, flip));
      continue;
    }
    const hit = await valueAt(directory, flip.table, flip.record);
    if (!hit) continue;
    const byte = Math.floor(flip.byte * hit.value.length);
    alter(join(directory, 'data.mdb'), hit.value, byte, 1 << flip.bit);
    made.push({ table: flip.table, room: hit.room, sequence: hit.sequence, byte, bit: flip.bit });
  }
  return made;
}

/** Flips one of the bits from a segment's header to its last frame's end; none where no segment has a frame. */
function flipSegment(directory: string, { table, record, byte, bit }: Flip): Flipped[] {
  const left = segmentNames.flatMap((name) => {
    const bytes = segmentBytes(join(directory, name));
    const { header, payloads } = decodeSegment(bytes ?? Buffer.alloc(0));
    return bytes && header && payloads.length > 0 ? { name, end: bytes.lastIndexOf(header.seed) + 16 } : [];
  });
  const hit = left[Math.floor(record * left.length)];
  if (!hit) return [];
  const at = Math.floor(byte * hit.end);
  flipBit(join(directory, hit.name), at * 8 + bit);
  return [{ table, room: hit.name, byte: at, bit }];
}

interface StoredValue {
  readonly room: string;
  readonly sequence: number | undefined;
  readonly value: Buffer;
}

async function valueAt(directory: string, table: Table, record: number): Promise<StoredValue | undefined> {
  const root = open({ path: directory, noSubdir: false, readOnly: true, encoding: 'binary' });
  try {
    const there = new Set([...root.getKeys()].map(String));
    const records = databases[table]
      .filter((name) => there.has(name))
      .flatMap((name) => {
        const database = root.openDB<Buffer, string | [string, number]>(name, { encoding: 'binary' });
        return [...database.getKeys()].map((key) => ({ database, key }));
      });
    const hit = records[Math.floor(record * records.length)];
    if (!hit) return undefined;
    const value = Buffer.from(hit.database.get(hit.key) ?? []);
    const [room, number] = Array.isArray(hit.key) ? hit.key : [hit.key, undefined];
    return value.length === 0 ? undefined : { room, sequence: table === 'entries' ? number : undefined, value };
  } finally {
    await root.close();
  }
}

/** Turns `mask` at `byte` of each place where `value` stands in the file. */
function alter(path: string, value: Buffer, byte: number, mask: number): void {
  const file = openSync(path, 'r+');
  try {
    const bytes = Buffer.alloc(fstatSync(file).size);
    readSync(file, bytes, 0, bytes.length, 0);
    const turned = Buffer.of((value[byte] as number) ^ mask);
    for (let at = bytes.indexOf(value); at >= 0; at = bytes.indexOf(value, at + value.length)) {
      writeSync(file, turned, 0, 1, at + byte);
    }
  } finally {
    closeSync(file);
  }
}
