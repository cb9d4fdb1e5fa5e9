import { crc32 } from 'node:zlib';

/** Bytes that a checksum takes, before what it is of. */
export const checksumBytes = 4;

/**
 * Where the checksum of a stored value begins: at what the value is, and under which key it stands. So a value that is read
 * under another key than it was written under is as damaged as one with other bytes.
 */
export function checksumSeed(kind: 'event' | 'head' | 'snapshot' | 'part' | 'id', room: string): number {
  return crc32(`${kind} ${room}`);
}

/** The same for one of a room's events (or parts of snapshots), from the room's seed: each sequence has another one. */
export function eventSeed(roomSeed: number, sequence: number): number {
  return (roomSeed ^ sequence) >>> 0;
}

/**
 * Writes the checksum of what is behind its first four bytes into those: CRC-32 (ISO-HDLC, the one of zlib and Ethernet). Every
 * damage within 32 bits in a row is noticed, of others all but one in 4,000 million. It is no protection against people.
 */
export function seal(stored: Buffer, seed: number): Buffer {
  stored.writeUInt32BE(crc32(stored.subarray(checksumBytes), seed), 0);
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
  return stored.length >= checksumBytes && stored.readUInt32BE(0) === crc32(stored.subarray(checksumBytes), seed);
}

/** The value that was sealed: a view, no copy; undefined where it is damaged. */
export function unsealed(stored: Buffer, seed: number): Buffer | undefined {
  return isSound(stored, seed) ? stored.subarray(checksumBytes) : undefined;
}

/** As `seal`, of a value that is known to be damaged already: it stays so. */
export function sealAsDamaged(stored: Buffer, seed: number): Buffer {
  seal(stored, seed);
  stored.writeUInt32BE((stored.readUInt32BE(0) ^ 0xffffffff) >>> 0, 0);
  return stored;
}

/** A value of a room as JSON, sealed. */
export function sealedJson(value: unknown, kind: Parameters<typeof checksumSeed>[0], room: string): Buffer {
  return sealed(Buffer.from(JSON.stringify(value), 'utf8'), checksumSeed(kind, room));
}
