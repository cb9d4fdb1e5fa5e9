import { Random } from '../../simulation/random.js';
import { faultsOn } from './judge.js';
import { DiskModel, type Manner } from './possible-disk.js';
import { type PlaceKind, placesIn, type Recorded } from './recorded.js';

/**
 * A loss of power: before which moment, and what the disk then has. All of it follows from a seed and the cut's number.
 */
export interface Cut {
  readonly number: number;
  readonly before: number;
  readonly near: PlaceKind;
  /** For all files; undefined: for each by lot. */
  readonly manner: Manner | undefined;
  readonly random: Random;
}

const weights: Readonly<Record<PlaceKind, number>> = {
  ...{ start: 2, 'segment begun or spent': 3, erasing: 2, 'taking over': 3, names: 1, end: 1, anywhere: 3 },
};

/** How often the extremes are chosen for all files alike, against each file's manner by lot. */
const mannerWeights: Readonly<Record<Manner | 'by lot', number>> = {
  ...{ none: 2, all: 1, earlier: 1, later: 1, any: 1, 'by lot': 6 },
};

/** A few calls behind a place of note something else may just have begun. */
const placesBehindMax = 3;

/** The cuts of a seed, by number. */
export function cutsOf(recorded: Recorded, { seed, count }: { readonly seed: number; readonly count: number }): Cut[] {
  const places = placesIn(recorded);
  const found = { ...weights };
  for (const kind of Object.keys(weights) as PlaceKind[]) if (places[kind].length === 0) found[kind] = 0;
  return Array.from({ length: count }, (_, index): Cut => {
    const number = index + 1;
    const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b));
    const near = random.weighted(found);
    const place = random.pick(places[near]) ?? 0;
    const at = places.anywhere.indexOf(place) + (random.chance(0.5) ? random.between(0, placesBehindMax) : 0);
    const manner = random.weighted(mannerWeights);
    return {
      number,
      before: places.anywhere[at] ?? place,
      near,
      manner: manner === 'by lot' ? undefined : manner,
      random,
    };
  });
}

export interface CutResult {
  readonly cut: Cut;
  readonly life: number;
  /** In what manner each file was chosen. */
  readonly manners: Readonly<Record<string, string>>;
  /** How many messages had been told to a socket. */
  readonly told: number;
  readonly faults: readonly string[];
}

/** Starts a server on what each of the cuts leaves, and says what is wrong; in the order of their moments. */
export async function* judged(recorded: Recorded, cuts: readonly Cut[]): AsyncGenerator<CutResult, void> {
  const disk = new DiskModel(recorded.root);
  let next = 0;
  for (const cut of cuts.toSorted((a, b) => a.before - b.before)) {
    for (; next < cut.before; next += 1) {
      const moment = recorded.moments[next];
      if (moment) disk.apply(moment);
    }
    const possible = disk.possible(cut.random, cut.manner);
    const faults = await faultsOn(possible, recorded, cut.before);
    const told = [...recorded.told.values()].filter((first) => first < cut.before).length;
    const life = recorded.lives.findIndex(({ to }) => cut.before <= to) + 1;
    yield { cut, life, manners: possible.manners, told, faults };
  }
}
