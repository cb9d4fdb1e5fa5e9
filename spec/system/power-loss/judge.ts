import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RoomEvent } from '../../../lib/core/event.js';
import { verdictOf } from '../acknowledged.js';
import { Child } from '../child.js';
import { Endings, temporaryDirectory } from '../endings.js';
import { projectFile } from '../project.js';
import { RawCaller } from '../raw-caller.js';
import { ServerProcess } from '../server-process.js';
import { expectUnbroken } from '../transcript.js';
import { removedRoom } from './lives.js';
import type { PossibleDisk } from './possible-disk.js';
import type { Recorded } from './recorded.js';

/** What a room must be after a loss of power. */
export interface Due {
  readonly room: string;
  /** Undefined where nothing of it had been told: then it may be any, or none. */
  readonly logId: string | undefined;
  /** From the first on: all up to the newest one that was told. */
  readonly events: readonly RoomEvent[];
  /** It was being removed: it may be there or not. */
  readonly mayBeGone: boolean;
  /** Log ids of histories that were removed. */
  readonly removed: readonly string[];
}

/** By how much the clocks of a record and of its participants may differ, in milliseconds. */
const clocksMs = 2;

/**
 * What must be there after a loss of power before the moment `number`, by what had been told to sockets and seen by
 * participants.
 */
export function dueAt({ moments, lives, witness, told }: Recorded, number: number): Due[] {
  const nowMs = (moments[number - 1]?.atMs ?? 0) - clocksMs;
  const toldBefore = new Set([...told].filter(([, first]) => first < number).map(([marker]) => marker));
  const removing = lives.find(({ kind }) => kind === 'removing');
  return [...witness.eras].map(([room, eras]) => {
    const isRemovedRoom = room === removedRoom && removing !== undefined && number > removing.from;
    const isGone = isRemovedRoom && number >= removing.to;
    // The first one is what was removed.
    const [first, ...later] = eras;
    const candidates = isGone ? later : eras;
    for (const { logId, events } of candidates.toReversed()) {
      const newest = Math.max(
        0,
        ...[...events.values()].map(({ event, seenMs }) => {
          const isTold = event.kind === 'message' && toldBefore.has(event.text.split(' ')[0] ?? '');
          return isTold || seenMs <= nowMs ? event.sequence : 0;
        }),
      );
      if (newest === 0) continue;
      const due = Array.from({ length: newest }, (_, index) => events.get(index + 1)?.event);
      return {
        ...{ room, logId, events: due.filter((event) => event !== undefined) },
        ...{ mayBeGone: isRemovedRoom && logId === first?.logId, removed: isGone && first ? [first.logId] : [] },
      };
    }
    return { room, logId: undefined, events: [], mayBeGone: true, removed: isGone && first ? [first.logId] : [] };
  });
}

/** What a room is found to be. */
export interface Found {
  readonly logId: string;
  readonly events: readonly RoomEvent[];
}

const beginning = { sequence: 0, chain: '0000000000000000' };

/** What is wrong of a room that is `found` so. */
export function faultsOf(due: Due, found: Found | undefined, { refused, published }: Texts): string[] {
  const { room, logId, events, mayBeGone, removed } = due;
  if (!found)
    return mayBeGone || logId === undefined ? [] : [`${room} is lost, with ${events.length} events that were told`];
  if (removed.includes(found.logId)) return [`${room} was removed and is there again`];
  if (logId !== undefined && found.logId !== logId) return [`${room} has another log id`];
  const faults: string[] = [];
  try {
    expectUnbroken(found.events, beginning);
  } catch (error) {
    faults.push(`${room} is broken: ${(error as Error).message}`);
  }
  const { lost, duplicated, disordered } = verdictOf(events, found.events);
  faults.push(...lost.slice(0, 3).map((line) => `${room} lost, of ${lost.length}: ${line}`));
  faults.push(...duplicated.map((text) => `${room} has twice: ${text}`));
  faults.push(...disordered.map((name) => `${room} has messages of ${name} in another order`));
  for (const event of found.events) {
    if (event.kind !== 'message') continue;
    if (refused.has(event.text)) faults.push(`${room} has what was refused: ${event.text}`);
    if (!published.has(event.text)) faults.push(`${room} has what nobody said: ${event.text}`);
  }
  return faults;
}

export interface Texts {
  /** Those that had been refused. */
  readonly refused: ReadonlySet<string>;
  /** Those that had been published. */
  readonly published: ReadonlySet<string>;
}

export function textsAt({ moments, witness }: Recorded, number: number): Texts {
  const nowMs = moments[number - 1]?.atMs ?? 0;
  const upTo = (texts: ReadonlyMap<string, number>, ms: number) =>
    new Set([...texts].filter(([, at]) => at <= ms).map(([text]) => text));
  // A moment's time is that of its call's beginning, and the next one may be later by anything.
  const nextMs = moments[number]?.atMs ?? Number.POSITIVE_INFINITY;
  return { refused: upTo(witness.refused, nowMs - clocksMs), published: upTo(witness.published, nextMs + clocksMs) };
}

/** Log records that say that something was found damaged or lost. */
const badRecords = [
  'log-ids-renewed',
  'segments-damaged',
  'head-rebuilt',
  'snapshot-damaged',
  'event-damaged',
  'room-unreadable',
  'room-failed',
];

/** What is wrong with a server that starts on `disk`, a disk after a loss of power before the moment `number`. */
export async function faultsOn(disk: PossibleDisk, recorded: Recorded, number: number): Promise<string[]> {
  const endings = new Endings();
  try {
    const place = temporaryDirectory(endings);
    const at = (path: string) => join(place, path.slice(recorded.root.length));
    for (const directory of disk.directories) mkdirSync(at(directory));
    for (const [path, bytes] of disk.files) writeFileSync(at(path), bytes, { mode: 0o600 });
    const data = join(place, 'data');
    const due = dueAt(recorded, number);
    const faults = due.some(({ logId }) => logId !== undefined) ? await checked(endings, data) : [];
    const texts = textsAt(recorded, number);
    const server = await ServerProcess.start(endings, { data }).catch((error: Error) => error);
    if (server instanceof Error) return [...faults, `no server starts: ${server.message}`];
    const caller = new RawCaller(endings, server.address);
    for (const one of due) faults.push(...faultsOf(one, await found(caller, one.room), texts));
    for (const { event } of server.records()) if (badRecords.includes(event)) faults.push(`the server says ${event}`);
    await server.kill();
    return faults;
  } finally {
    await endings.run();
  }
}

async function checked(endings: Endings, data: string): Promise<string[]> {
  if (!existsSync(data)) return ['the directory of the store is gone'];
  const check = new Child(endings, process.execPath, [projectFile('bin/chit-server'), 'check', data]);
  const code = await check.ended;
  return code === 0 ? [] : [`check says (${code}): ${[...check.lines, ...check.errorLines].join(' / ')}`];
}

async function found(caller: RawCaller, room: string): Promise<Found | undefined> {
  const { logId, newest } = await caller.historyPage(room, 0, 1);
  return newest === 0 ? undefined : { logId, events: await caller.history(room) };
}
