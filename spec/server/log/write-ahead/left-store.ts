import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EncodedEntry } from '../../../../lib/server/log/event-log.js';
import { segmentNames } from '../../../../lib/server/log/write-ahead/segment.js';
import { WriteAheadLog } from '../../../../lib/server/log/write-ahead/write-ahead-log.js';
import { flipBit } from '../lmdb/flipped-store.js';
import { decode, type RoomScript } from '../room-script.js';
import { leftByKill, openLeft } from './acknowledged-rooms.js';

/** Nothing is taken over but at the end. */
const options = {
  decode,
  flushes: false,
  takeOverBytes: 1024 * 1024,
  takeOverMs: 600_000,
  waitingBytesMax: 32 * 1024 * 1024,
};

/** What is said of a room. */
export type Talk = readonly [script: RoomScript, entries: readonly EncodedEntry[]];

/**
 * Makes a store in `directory` that a killed process has left: LMDB has `stored`, and the segments have `ahead`, a frame for each.
 * Returns where it is.
 */
export async function leftStore(directory: string, stored: readonly Talk[], ahead: readonly Talk[]): Promise<string> {
  for (const talks of [stored, ahead]) {
    const { log: store } = await openLeft(directory);
    const log = WriteAheadLog.open(directory, store, options);
    for (const [script, entries] of talks) await log.append({ ...script.group(entries), parts: [] });
    const left = talks === ahead ? leftByKill(directory) : undefined;
    await log.close();
    if (left) return left;
  }
  throw new Error('there is nothing to be left');
}

/** Where, in bytes from its beginning, the segment that is in use has `text`. */
export function inSegment(directory: string, text: string): { readonly path: string; readonly at: number } {
  for (const name of segmentNames) {
    const path = join(directory, name);
    const at = readFileSync(path).indexOf(text);
    if (at >= 0) return { path, at };
  }
  throw new Error(`no segment has ${text}`);
}

/** Damages what the segments have of `text`. */
export function damageSegment(directory: string, text: string): void {
  const { path, at } = inSegment(directory, text);
  flipBit(path, at * 8 + 3);
}
