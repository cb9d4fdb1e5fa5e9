import { closeSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEvent } from '../../../../lib/codec/event-codec.js';
import type { EncodedEntry, RoomHead } from '../../../../lib/server/log/event-log.js';
import { LogDamaged } from '../../../../lib/server/log/event-log.js';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import type { Damage } from '../../../../lib/server/log/lmdb/sound-reader.js';
import { comparable, RoomScript, recoveredState } from '../room-script.js';

/** What is in a store, for comparison. */
export interface StoreContent {
  readonly heads: readonly RoomHead[];
  /** By room: each event's bytes, in base64. */
  readonly events: Readonly<Record<string, readonly string[]>>;
  /** By room: all that its state says. */
  readonly states: Readonly<Record<string, unknown>>;
}

/**
 * exact: all of it is as it was; told: what is lost was told, and all else is as it was; refused: the store was not opened, in one line.
 * Whatever else is a lie.
 */
export type Outcome = 'exact' | 'told' | 'refused' | `wrong: ${string}`;

/** Flips a bit of a file, counted from its beginning. */
export function flipBit(path: string, bit: number): void {
  const file = openSync(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    readSync(file, byte, 0, 1, bit >> 3);
    byte[0] = (byte[0] as number) ^ (1 << (bit & 7));
    writeSync(file, byte, 0, 1, bit >> 3);
  } finally {
    closeSync(file);
  }
}

/** What comes of using the store in `directory` as a server does: opening, rebuilding, reading, going on. */
export async function outcomeOf(
  directory: string,
  content: StoreContent,
  { checkBytesMax, wentOn = false }: { checkBytesMax?: number | undefined; wentOn?: boolean },
): Promise<Outcome> {
  const damages: Damage[] = [];
  let log: LmdbLog;
  try {
    log = LmdbLog.open(directory, {
      decode: decodeEvent,
      durability: 'process',
      growthBytes: 1,
      damaged: (damage) => damages.push(damage),
      ...(checkBytesMax === undefined ? {} : { checkBytesMax }),
    });
  } catch (error) {
    const { name, message } = error as Error;
    const told = ['StoreDamaged', 'NotLmdbFile', 'NewerStore'].includes(name) && !message.includes('\n');
    return told ? 'refused' : `wrong: refused with ${name}: ${message}`;
  }
  try {
    for (const head of content.heads) {
      const wrong = await faultOfRoom(log, head, content, { damages, wentOn });
      if (wrong) return `wrong: ${head.room}: ${wrong}`;
    }
    const names = log.heads().map(({ room }) => room);
    if (names.join() !== content.heads.map(({ room }) => room).join()) return `wrong: its rooms are ${names.join()}`;
  } finally {
    await log.close();
  }
  return damages.length > 0 ? 'told' : 'exact';
}

/** What was wrong with what the log said of a room, if anything was. */
async function faultOfRoom(
  log: LmdbLog,
  expected: RoomHead,
  content: StoreContent,
  { damages, wentOn }: { damages: readonly Damage[]; wentOn: boolean },
) {
  const { room } = expected;
  const head = log.head(room);
  const rebuilt = damages.some((damage) => damage.kind === 'head' && damage.room === room);
  if (!head) return 'it is not there';
  const asExpected = (now: unknown, before: unknown) =>
    rebuilt || wentOn || JSON.stringify(now) === JSON.stringify(before);
  if (!asExpected(head, expected)) return 'its head is another one';
  const events = content.events[room] ?? [];
  // What was appended before the process died is no part of what is expected.
  for (let after = 0; after < Math.min(head.place.sequence, events.length); ) {
    try {
      const run = log.read(room, after, Math.min(50, events.length - after));
      if (!run) return `nothing comes after ${after}`;
      const bytes = events.slice(after, run.last).map((event) => Buffer.from(event, 'base64'));
      if (!Buffer.concat(bytes).equals(run.bytes)) return `events after ${after} are others`;
      after = run.last;
    } catch (error) {
      if (!(error instanceof LogDamaged)) return `reading fails with ${error}`;
      after += 1;
    }
  }
  try {
    const state = recoveredState(log, room);
    if (!asExpected(comparable(state), content.states[room])) return 'its state is another';
    const script = new RoomScript(state);
    const entry: EncodedEntry = script.say('Ada', 'goes on');
    await log.append(script.group([entry]));
    if (!log.read(room, entry.event.sequence - 1, 1)?.bytes.equals(entry.bytes)) return 'what was appended is another';
  } catch (error) {
    if (!(error instanceof LogDamaged)) return `going on fails with ${error}`;
  }
  return undefined;
}

/** Takes a store, one bit after the other is flipped in a copy of it, and says what came of each: `BIT OUTCOME`, before it `BIT`. */
if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [pristine = '', directory = '', contentFile = '', checkBytesMax = '', ...bits] = process.argv.slice(2);
  const content = JSON.parse(readFileSync(contentFile, 'utf8')) as StoreContent;
  for (const bit of bits) {
    writeSync(1, `${bit}\n`);
    if (bit !== 'again') {
      writeFileSync(join(directory, 'data.mdb'), readFileSync(pristine));
      flipBit(join(directory, 'data.mdb'), Number(bit));
    }
    const options = { checkBytesMax: checkBytesMax ? Number(checkBytesMax) : undefined, wentOn: bit === 'again' };
    writeSync(1, `${bit} ${await outcomeOf(directory, content, options)}\n`);
  }
}
