import { writeChain } from '../../core/chain.js';
import type { Entry, KnownEvent } from '../../core/event.js';
import { checksumBytes, checksumSeed, eventSeed, seal } from './checksum.js';
import type { EncodedEntry } from './event-log.js';

/**
 * An entry as it is stored, in LMDB and ahead of it: 4 bytes of checksum over the rest · 8 bytes of chain · 1 byte what
 * it opens (0 nothing, 1 a plain session, 2 a resumable one) · if it opens one: byte length of the session id (u16 BE)
 * · session id · and then, to the end, the event as it goes over the wire. The chain stands apart so that it can be
 * compared without decoding. `seed`: where its checksum begins.
 */
function storedEntry({ event, sessionStart: opens, bytes }: EncodedEntry, seed: number): Buffer {
  const sessionBytes = opens ? Buffer.byteLength(opens.session) : 0;
  const stored = Buffer.allocUnsafe(openedAt + 1 + (opens ? 2 + sessionBytes : 0) + bytes.length);
  writeChain(event.chain, stored, chainPlace);
  let at = stored.writeUInt8(opens ? (opens.resumable ? opened.resumable : opened.plain) : opened.nothing, openedAt);
  if (opens) {
    at = stored.writeUInt16BE(sessionBytes, at);
    at += stored.write(opens.session, at);
  }
  stored.set(bytes, at);
  return seal(stored, seed);
}

const chainPlace = checksumBytes;
const openedAt = chainPlace + 8;
const opened = { nothing: 0, plain: 1, resumable: 2 } as const;

/** Entries of one room as they are stored, each with the checksum of its place. */
export function storedEntries(room: string, entries: readonly EncodedEntry[]): Buffer[] {
  const seed = checksumSeed('event', room);
  return entries.map((entry) => storedEntry(entry, eventSeed(seed, entry.event.sequence)));
}

/** The chain in a stored entry, as 16 hex digits. */
export function storedChain(stored: Buffer): string {
  return stored.toString('hex', chainPlace, openedAt);
}

/** The event's wire bytes in a stored entry: a view of it, no copy. */
export function storedBytes(stored: Buffer): Buffer {
  return stored.subarray(bytesAt(stored));
}

/** The entry that was stored; `decode` makes an event of its wire bytes. */
export function entryOf(stored: Buffer, decode: (bytes: Buffer) => KnownEvent): Entry {
  const event = decode(storedBytes(stored));
  const kind = stored.readUInt8(openedAt);
  if (kind === opened.nothing) return { event };
  const session = stored.toString('utf8', openedAt + 3, bytesAt(stored));
  return { event, sessionStart: { session, resumable: kind === opened.resumable } };
}

function bytesAt(stored: Buffer): number {
  const opensNothing = stored.readUInt8(openedAt) === opened.nothing;
  return opensNothing ? openedAt + 1 : openedAt + 3 + stored.readUInt16BE(openedAt + 1);
}
