import type { Entry, KnownEvent } from '../../../core/event.js';
import { entryOf } from '../stored-entry.js';
import type { Payload } from './segment-format.js';

/** A group as a segment has it, without its snapshot: the entries before it are replayed where that is lost. */
export interface GroupAhead {
  readonly room: string;
  /** The log id of the room's events. */
  readonly logId: string;
  /** How many are present after the last of its entries. */
  readonly participants: number;
  /** Its entries as they are stored (`storedEntry`), one or more. */
  readonly stored: readonly Buffer[];
}

/** The same with its entries decoded. */
export interface FoundGroup extends GroupAhead {
  readonly entries: readonly Entry[];
}

type GroupHead = Omit<GroupAhead, 'stored'> & { readonly count: number };

/**
 * A frame's payload is its groups one behind the other: byte length of a JSON text (u32 LE) · the text, a `GroupHead` · and of each of
 * its `count` entries the byte length (u32 LE) and the bytes.
 */
export function payloadOf(groups: readonly GroupAhead[]): Payload {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (const { room, logId, participants, stored } of groups) {
    const head: GroupHead = { room, logId, participants, count: stored.length };
    chunks.push(Buffer.from(JSON.stringify(head)), ...stored);
  }
  for (const { length } of chunks) bytes += 4 + length;
  return { bytes, write: (target, from) => writeChunks(chunks, target, from) };
}

function writeChunks(chunks: readonly Buffer[], target: Buffer, from: number): void {
  let at = from;
  for (const chunk of chunks) {
    at = target.writeUInt32LE(chunk.length, at);
    target.set(chunk, at);
    at += chunk.length;
  }
}

/** The groups of a payload; `decode` makes an event of its wire bytes. Throws where it is none, and what `decode` throws. */
export function decodeGroups(payload: Buffer, decode: (bytes: Buffer) => KnownEvent): FoundGroup[] {
  const groups: FoundGroup[] = [];
  let at = 0;
  const next = (): Buffer => {
    const from = at + 4;
    at = from + payload.readUInt32LE(at);
    if (at > payload.length) throw new RangeError('a frame ends within a group');
    return payload.subarray(from, at);
  };
  while (at < payload.length) {
    const { count, ...head } = JSON.parse(next().toString('utf8')) as GroupHead;
    const stored = Array.from({ length: count }, next);
    groups.push({ ...head, stored, entries: stored.map((value) => entryOf(value, decode)) });
  }
  return groups;
}
