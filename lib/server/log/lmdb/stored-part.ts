import type { SnapshotPart } from '../../../core/snapshot-ledger.js';

/**
 * A part of a session's ordinals as the LMDB event log stores it, beside the snapshots that name it: byte length of the session id
 * (u16 BE) · session id · and then, to the end, the pairs as the core encodes them. Its key is the room and `through`.
 */
export function storedPart({ session, pairs }: SnapshotPart): Buffer {
  const sessionBytes = Buffer.byteLength(session);
  const stored = Buffer.allocUnsafe(2 + sessionBytes + pairs.length);
  let at = stored.writeUInt16BE(sessionBytes);
  at += stored.write(session, at);
  stored.write(pairs, at, 'latin1');
  return stored;
}

/** The part that was stored under `through`. */
export function partOf(through: number, stored: Buffer): SnapshotPart {
  const pairsAt = 2 + stored.readUInt16BE(0);
  return { session: stored.toString('utf8', 2, pairsAt), through, pairs: stored.toString('latin1', pairsAt) };
}
