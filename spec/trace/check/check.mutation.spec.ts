import { expect } from 'chai';
import fc from 'fast-check';
import { check } from '../../../lib/trace/check/check.js';
import { kinds, type ViolationKind } from '../../../lib/trace/check/violation.js';
import type { History } from '../../../lib/trace/history/history.js';
import { courses, townAfter } from '../good-histories.js';
import type { Happening } from '../simulated-town.js';
import { answerEdits } from './answer-edits.js';
import { clockEdits } from './clock-edits.js';
import { logEdits } from './log-edits.js';
import type { Mutation, Pick } from './mutation.js';
import { readerEdits } from './reader-edits.js';
import { serverFaults } from './server-faults.js';
import { welcomeEdits } from './welcome-edits.js';

const mutations: readonly Mutation[] = [
  ...readerEdits,
  ...answerEdits,
  ...logEdits,
  ...clockEdits,
  ...welcomeEdits,
  ...serverFaults,
];

/** Histories a mutation has to find something to break in, of those that are tried. */
const brokenMin = 5;

describe('The history checker reports', () => {
  let sampled: { course: Happening[]; history: History }[];

  before(() => {
    const long = fc.sample(courses, { numRuns: 250, seed: 20 }).filter(({ length }) => length > 100);
    sampled = long.map((course) => ({ course, history: townAfter(course).history() }));
  });

  for (const mutation of mutations) {
    const { title, kind, before = [] } = mutation;
    it(`${title} as ${kind} [${kinds[kind]}]`, () => {
      let broken = 0;
      for (const [seed, { course, history }] of sampled.entries()) {
        const mutated = mutate(mutation, course, history, seed);
        if (!mutated) continue;
        broken += 1;
        const found = check(mutated);
        expect(found.map((violation) => violation.kind)).to.include(kind);
        const [first] = found;
        expect(first?.kind, first?.message).to.be.oneOf([kind, ...before]);
        expect(first?.promise).to.equal(kinds[first?.kind as ViolationKind]);
      }
      expect(broken).to.be.at.least(brokenMin);
    });
  }

  it('every kind that it has, each under a mutation of its own', () => {
    const mutated = new Set(mutations.map(({ kind }) => kind));
    expect(Object.keys(kinds).filter((kind) => !mutated.has(kind as ViolationKind))).to.deep.equal([]);
  });
});

function mutate(
  { edit, fault }: Mutation,
  course: readonly Happening[],
  history: History,
  seed: number,
): History | undefined {
  const pick: Pick = (items) => items[(seed * 31) % Math.max(1, items.length)];
  if (edit) return edit(history, pick);
  let steps = 0;
  // A server that starts again reads its own log, and what it should never have written there stops it.
  const without = course.filter(({ what }) => what !== 'restart');
  const town = townAfter(without, (now) => {
    steps += 1;
    if (!now.broken && steps > (seed * 7) % 100) fault?.(now, pick);
  });
  return town.broken ? town.history() : undefined;
}
