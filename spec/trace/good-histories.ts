import fc from 'fast-check';
import { type Happening, happenings, SimulatedTown } from './simulated-town.js';

const often: Happening['what'][] = ['join', 'say', 'say', 'say', 'again', 'up', 'up', 'up', 'down', 'down', 'down'];

const happening: fc.Arbitrary<Happening> = fc.record({
  what: fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...often) },
    { weight: 12, arbitrary: fc.constantFrom(...(Object.keys(happenings) as Happening['what'][])) },
    { weight: 1, arbitrary: fc.constantFrom<Happening['what']>('restart', 'read logs') },
  ),
  who: fc.nat({ max: 6 }),
  n: fc.nat({ max: 60 }),
});

/** Courses of things; most of them long, for in short ones hardly anything happens. */
export const courses: fc.Arbitrary<Happening[]> = fc.array(happening, { maxLength: 400, size: 'max' });

/** A town after `course`, with `meanwhile` called after each step of it. */
export function townAfter(
  course: readonly Happening[],
  meanwhile: (town: SimulatedTown) => void = () => {},
): SimulatedTown {
  const town = new SimulatedTown();
  for (const one of course) {
    town.happen(one);
    meanwhile(town);
  }
  return town;
}
