import { crc32 } from 'node:zlib';

/** Bytes that a checksum takes, before what it is of. */
export const checksumBytes = 4;

/** What kinds of value a store has. */
export type ChecksumKind = 'event' | 'head' | 'snapshot' | 'part' | 'id';

/**
 * What the checksum of a stored value begins with: the kind of the value and its key. So a value that is read under
 * another key than it was written under counts as damaged, like a value with other bytes.
 */
export function checksumSeed(kind: ChecksumKind, room: string): number {
  return crc32(`${kind} ${room}`);
}

/** The same for one of a room's events, from the room's seed: each sequence has another one. */
export function eventSeed(roomSeed: number, sequence: number): number {
  return (roomSeed ^ sequence) >>> 0;
}

/** The same for a part of a room's snapshots. */
export function partSeed(room: string, through: number): number {
  return eventSeed(checksumSeed('part', room), through);
}

/**
 * Writes the checksum of all bytes from the fifth on into the first four: CRC-32 (ISO-HDLC, as in zlib and Ethernet).
 * It notices all damage within 32 bits in a row, and other damage but for one case in 4,000 million. It is no
 * protection against an attacker.
 */
export function seal(stored: Buffer, seed: number): Buffer {
  stored.writeUInt32BE(checksumOf(stored, seed), 0);
  return stored;
}

/** A value with its checksum before it. */
export function sealed(value: Uint8Array, seed: number): Buffer {
  const stored = Buffer.allocUnsafe(checksumBytes + value.length);
  stored.set(value, checksumBytes);
  return seal(stored, seed);
}

/** Whether `stored` is what was sealed with this seed. */
export function isSound(stored: Buffer, seed: number): boolean {
  return stored.length >= checksumBytes && stored.readUInt32BE(0) === checksumOf(stored, seed);
}

/** The value that was sealed: a view, no copy; undefined where it is damaged. */
export function unsealed(stored: Buffer, seed: number): Buffer | undefined {
  return isSound(stored, seed) ? stored.subarray(checksumBytes) : undefined;
}

/** As `seal`, for a value that is known to be damaged: it stays so. */
export function sealAsDamaged(stored: Buffer, seed: number): Buffer {
  seal(stored, seed);
  stored.writeUInt32BE((stored.readUInt32BE(0) ^ 0xffffffff) >>> 0, 0);
  return stored;
}

/** A value of a room as JSON, sealed. */
export function sealedJson(value: unknown, kind: ChecksumKind, room: string): Buffer {
  const json = JSON.stringify(value);
  const stored = Buffer.allocUnsafe(checksumBytes + Buffer.byteLength(json));
  stored.write(json, checksumBytes);
  return seal(stored, checksumSeed(kind, room));
}

/** Up to so many bytes a checksum costs less in JavaScript than the way to zlib and back. */
const bytesInJavaScriptMax = 256;

/** Of all bytes from the fifth on. */
function checksumOf(stored: Buffer, seed: number): number {
  if (stored.length > bytesInJavaScriptMax) return crc32(stored.subarray(checksumBytes), seed);
  return crc32OfRest(stored, seed);
}

/** A byte's effect on the checksum at once, and after one, two, three more ("slicing-by-4", Kounavis, Berry 2005). */
const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  // The polynomial of IEEE 802.3, its lowest bit first.
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});
const afterOne = afterOneMore(table);
const afterTwo = afterOneMore(afterOne);
const afterThree = afterOneMore(afterTwo);

function afterOneMore(before: Int32Array): Int32Array {
  return before.map((crc) => (crc >>> 8) ^ (table[crc & 0xff] as number));
}

/** In one function: a call for each byte or word would cost what is gained. */
function crc32OfRest(stored: Buffer, seed: number): number {
  let crc = ~seed;
  let at = checksumBytes;
  for (const end = stored.length - 3; at < end; at += 4) {
    crc ^= (stored[at] as number) | ((stored[at + 1] as number) << 8);
    crc ^= ((stored[at + 2] as number) << 16) | ((stored[at + 3] as number) << 24);
    crc =
      (afterThree[crc & 0xff] as number) ^
      (afterTwo[(crc >>> 8) & 0xff] as number) ^
      (afterOne[(crc >>> 16) & 0xff] as number) ^
      (table[crc >>> 24] as number);
  }
  for (; at < stored.length; at += 1) crc = (crc >>> 8) ^ (table[(crc ^ (stored[at] as number)) & 0xff] as number);
  return ~crc >>> 0;
}
