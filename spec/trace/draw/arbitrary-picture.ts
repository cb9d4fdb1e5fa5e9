import fc from 'fast-check';
import { RunFacts } from '../../../lib/trace/draw/captions.js';
import { layout } from '../../../lib/trace/draw/layout.js';
import type { Picture } from '../../../lib/trace/draw/picture.js';
import { type Selected, select } from '../../../lib/trace/space-time/selection.js';
import type { SpaceTime } from '../../../lib/trace/space-time/space-time.js';
import { spaceTimeOf } from '../../../lib/trace/space-time/space-time-of.js';
import { courses, townAfter } from '../good-histories.js';
import { runOf } from '../space-time/run-of.js';

export interface Laid {
  readonly selected: Selected;
  readonly facts: RunFacts;
  readonly picture: Picture;
}

/** As the texts are, since the simulated ones need no care. */
export const asItIs = (text: string) => text;

/** All of a space-time, laid out. */
export function laid(spaceTime: SpaceTime, eventsPerPage?: number): Laid {
  return laidOut(select(spaceTime), eventsPerPage);
}

/** Pictures of whole runs, with two rooms, on one page or many. */
export const pictures: fc.Arbitrary<Laid> = fc
  .tuple(courses, fc.constantFrom(undefined, 1, 5, 40, Number.POSITIVE_INFINITY))
  .map(([course, eventsPerPage]) => laid(spaceTimeOf(runOf(townAfter(course).history())), eventsPerPage));

/** Pictures of parts of runs: some participants, from one event on. */
export const partialPictures: fc.Arbitrary<Laid> = fc
  .tuple(courses, fc.nat(), fc.subarray(['Ada', 'Bob', 'Cyd', 'Dan', 'Eve'], { minLength: 1 }))
  .map(([course, pick, participants]) => {
    const spaceTime = spaceTimeOf(runOf(townAfter(course).history()));
    const sequences = spaceTime.moments.flatMap(({ event }) => event?.sequence ?? []);
    const from = sequences[pick % sequences.length];
    return laidOut(select(spaceTime, from === undefined ? { participants } : { participants, from }), 20);
  });

function laidOut(selected: Selected, eventsPerPage?: number): Laid {
  const facts = new RunFacts(selected.spaceTime, asItIs);
  return { selected, facts, picture: layout(selected, facts, eventsPerPage) };
}
