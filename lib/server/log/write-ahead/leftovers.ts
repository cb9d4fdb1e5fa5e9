import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { nextChain } from '../../../core/chain.js';
import type { KnownEvent } from '../../../core/event.js';
import { beginning, type Position } from '../../../core/room-state.js';
import { bootId } from '../../../platform/boot-id.js';
import { flush } from '../../../platform/directory.js';
import { decodeGroups, type FoundGroup } from './frame-codec.js';
import { segmentBytes, segmentNames } from './segment.js';
import { decodeSegment, type SegmentContent } from './segment-format.js';

/** What the segments of a store have that the store may lack: a life without farewell left it. */
export interface Leftovers {
  /** In the order in which they were appended. */
  readonly groups: readonly FoundGroup[];
  /** Groups were durable, of whichever rooms, and cannot be read any more. */
  readonly isDamaged: boolean;
}

/** What is left in the segments of `directory`; undefined where there are none. Throws the system's error. */
export function leftoversIn(
  directory: string,
  decode: (bytes: Buffer) => KnownEvent,
  boot = bootId(),
): Leftovers | undefined {
  const found = segmentNames.flatMap((name) => segmentBytes(join(directory, name)) ?? []);
  return found.length === 0 ? undefined : leftoversOf(found, decode, boot);
}

/** The same of the segments' bytes; `boot`: the life of the operating system in which they are looked at. */
export function leftoversOf(
  segments: readonly Buffer[],
  decode: (bytes: Buffer) => KnownEvent,
  boot: string,
): Leftovers {
  const contents = segments.map(decodeSegment).sort((a, b) => generationOf(a) - generationOf(b));
  let isDamaged = contents.some((content, index) => isLost(content, boot, contents.slice(index + 1)));
  const groups: FoundGroup[] = [];
  for (const payload of contents.flatMap(({ payloads }) => payloads)) {
    try {
      groups.push(...decodeGroups(payload, decode));
    } catch {
      isDamaged = true;
    }
  }
  return { groups, isDamaged };
}

function generationOf({ header }: SegmentContent): number {
  return header?.generation ?? 0;
}

/** Whether what was durable of a segment is lost. `later`: segments that were begun when its last write had settled. */
function isLost({ header, end }: SegmentContent, boot: string, later: readonly SegmentContent[]): boolean {
  if (end === 'whole') return false;
  if (end === 'damaged' || later.some(({ payloads }) => payloads.length > 0)) return true;
  // A write that was under way when power was lost may have any part of its frame on the disk. Without such a loss all
  // that was written is there, and a frame with its end was written to its end.
  return end === 'broken' && boot !== '' && header?.boot === boot;
}

/**
 * The entries of `group` that a room lacks whose newest event is at `place`; none where it has them; undefined where
 * they do not follow, or what it has at their sequences is something else. `chainAt`: the room's chains; undefined
 * where one cannot be read.
 */
export function lackedOf(
  group: FoundGroup,
  { sequence, chain }: Position = beginning,
  chainAt: (sequence: number) => string | undefined,
): FoundGroup | undefined {
  const had = group.entries.filter(({ event }) => event.sequence <= sequence).length;
  const last = group.entries[had - 1]?.event;
  const known = last && chainAt(last.sequence);
  if (known !== undefined && known !== last?.chain) return undefined;
  const entries = group.entries.slice(had);
  const [first] = entries;
  if (first && (first.event.sequence !== sequence + 1 || first.event.chain !== nextChain(chain, first.event))) {
    return undefined;
  }
  const { payload, starts } = group.framed;
  return { ...group, entries, framed: { payload, starts: starts.slice(had) } };
}

/** Removes the segments of `directory`, durably: the store has what is in them. Throws the system's error. */
export function removeSegments(directory: string): void {
  for (const name of segmentNames) rmSync(join(directory, name), { force: true });
  flush(directory);
}
