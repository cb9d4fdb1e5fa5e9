import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { digestOf, type Life, type LivesJson, recordName } from './lives.js';
import { DiskModel } from './possible-disk.js';
import { descriptorOf, type Moment, momentsOf, stringsOf } from './system-calls.js';
import { toldIn } from './told.js';
import { Witness, type WitnessJson } from './witness.js';

/** The lives of a store as they were recorded. */
export interface Recorded {
  /** The directory below which all was. */
  readonly root: string;
  /** Of all lives, one behind the other. */
  readonly moments: readonly Moment[];
  /** The first moment of each, and the one behind its last. */
  readonly lives: readonly (Life & { readonly from: number; readonly to: number })[];
  readonly witness: Witness;
  /** See `toldIn`. */
  readonly told: ReadonlyMap<string, number>;
}

/**
 * What `recordLives` wrote. Throws where what the record says of the files is not what they were: then it does not say
 * all.
 */
export function readRecorded(directory: string): Recorded {
  const json = <T>(name: string): T => JSON.parse(readFileSync(join(directory, name), 'utf8')) as T;
  const { root, lives: recorded } = json<LivesJson>('lives.json');
  const disk = new DiskModel(root);
  const moments: Moment[] = [];
  const lives: Recorded['lives'][number][] = [];
  for (const [index, life] of recorded.entries()) {
    const from = moments.length;
    for (const moment of momentsOf(readFileSync(join(directory, recordName(index + 1)), 'latin1'))) {
      disk.apply(moment);
      moments.push(moment);
    }
    lives.push({ ...life, from, to: moments.length });
    expectSame(disk, life, index + 1);
  }
  return { root, moments, lives, witness: Witness.from(json<WitnessJson>('witness.json')), told: toldIn(moments) };
}

function expectSame(disk: DiskModel, { files }: Life, number: number): void {
  const found = new Map([...disk.cached()].map(([path, bytes]) => [basename(path), digestOf(bytes)]));
  found.delete('lock.mdb');
  for (const name of new Set([...found.keys(), ...Object.keys(files)])) {
    if (found.get(name) !== files[name])
      throw new Error(`by the record ${name} was not what it was after life ${number}`);
  }
}

/** Where the power may be lost: `number` is the moment that does not come any more. */
export interface Place {
  readonly number: number;
  readonly near: PlaceKind;
}

/** What is near a place, by the calls before it. */
export type PlaceKind = 'start' | 'segment begun or spent' | 'erasing' | 'taking over' | 'names' | 'end' | 'anywhere';

/** How many of a life's first and last moments with the store's files are its start and its end. */
const momentsOfStart = 120;
const momentsOfEnd = 60;

/** The places behind moments that have to do with the store's files, by what is near them. */
export function placesIn({ root, moments, lives }: Recorded): Readonly<Record<PlaceKind, readonly number[]>> {
  const places: Record<PlaceKind, number[]> = {
    ...{ start: [], 'segment begun or spent': [], erasing: [], 'taking over': [], names: [], end: [], anywhere: [] },
  };
  for (const { from, to } of lives) {
    const ofLife: number[] = [];
    for (let number = from; number < to; number += 1) {
      const { call } = moments[number] as Moment;
      const kind = kindOf(call.name, call.args, root);
      if (!kind) continue;
      ofLife.push(number + 1);
      places.anywhere.push(number + 1);
      if (kind !== 'anywhere') places[kind].push(number + 1);
    }
    places.start.push(...ofLife.slice(0, momentsOfStart));
    places.end.push(...ofLife.slice(-momentsOfEnd));
  }
  return places;
}

function kindOf(name: string, args: string, root: string): PlaceKind | undefined {
  const { of } = descriptorOf(args) ?? {};
  if (of?.startsWith(root)) {
    if (of.endsWith('/data.mdb')) return 'taking over';
    if (/\/ahead-[01]$/.test(of)) return kindInSegment(name, args);
    return of.endsWith('/lock.mdb') ? undefined : 'names';
  }
  if (of !== undefined || !/^(open|mkdir|unlink|rename|rmdir)/.test(name)) return undefined;
  return stringsOf(args).some((path) => path.toString('utf8').startsWith(root)) ? 'names' : undefined;
}

function kindInSegment(name: string, args: string): PlaceKind {
  // "CHITAH", a header's first bytes.
  if (/"\\x43\\x48\\x49\\x54\\x41\\x48/.test(args.slice(0, 20_000))) return 'segment begun or spent';
  // A mark of a frame that was refused.
  return name === 'pwrite64' && /, 16, \d+$/.test(args) ? 'erasing' : 'anywhere';
}
