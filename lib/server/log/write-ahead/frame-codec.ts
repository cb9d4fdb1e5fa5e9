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
  /** Its entries as they are stored (`storedEntries`), one or more. */
  readonly stored: readonly Buffer[];
}

/**
 * Entries as they are stored, within the frame that has them: held by their places, for as objects they would burden
 * the heap.
 */
export interface FramedEntries {
  readonly payload: Buffer;
  /** Where each begins, behind its length. */
  readonly starts: readonly number[];
}

/** The entry at `index`, as it is stored: a view, no copy. */
export function framedEntry({ payload, starts }: FramedEntries, index: number): Buffer {
  const start = starts[index] as number;
  return payload.subarray(start, start + payload.readUInt32LE(start - 4));
}

/** What a frame was found to have of one room. */
export interface FoundGroup extends Omit<GroupAhead, 'stored'> {
  readonly entries: readonly Entry[];
  readonly framed: FramedEntries;
}

type GroupHead = Omit<GroupAhead, 'stored'> & { readonly count: number };

/**
 * A frame's payload is its groups one behind the other: byte length of a JSON text (u32 LE) · the text, a `GroupHead` ·
 * and of each of its `count` entries the byte length (u32 LE) and the bytes.
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

/** Where the entries of each of `groups` are in their payload. */
export function framedIn(payload: Buffer, groups: readonly GroupAhead[]): FramedEntries[] {
  let at = 0;
  return groups.map(({ stored }) => {
    at += 4 + payload.readUInt32LE(at);
    const starts: number[] = [];
    for (const { length } of stored) {
      starts.push(at + 4);
      at += 4 + length;
    }
    return { payload, starts };
  });
}

/**
 * The groups of a payload; `decode` makes an event of its wire bytes. Throws where it is none, and what `decode`
 * throws.
 */
export function decodeGroups(payload: Buffer, decode: (bytes: Buffer) => KnownEvent): FoundGroup[] {
  const groups: FoundGroup[] = [];
  let at = 0;
  const next = (): number => {
    const start = at + 4;
    at = start + payload.readUInt32LE(at);
    if (at > payload.length) throw new RangeError('a frame ends within a group');
    return start;
  };
  while (at < payload.length) {
    const head = next();
    const { count, ...group } = JSON.parse(payload.toString('utf8', head, at)) as GroupHead;
    const framed = { payload, starts: Array.from({ length: count }, next) };
    const entries = framed.starts.map((_, index) => entryOf(framedEntry(framed, index), decode));
    groups.push({ ...group, framed, entries });
  }
  return groups;
}
