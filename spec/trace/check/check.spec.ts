import { expect } from 'chai';
import fc from 'fast-check';
import { check } from '../../../lib/trace/check/check.js';
import { courses, townAfter } from '../good-histories.js';
import { withoutClocks } from './mutation.js';

describe('The history checker', () => {
  it('finds nothing in histories of a server and clients that keep P1 to P9', () => {
    fc.assert(
      fc.property(courses, (course) => {
        const history = townAfter(course).history();
        fc.pre(history.clients.some(({ steps }) => steps.some(({ kind }) => kind === 'receive')));
        expect(
          check(history)
            .map(({ kind, message }) => `${kind}: ${message}`)
            .join('\n'),
        ).to.equal('');
      }),
      { numRuns: 500 },
    );
  });

  it('finds nothing either where nobody wrote down what the clocks were on receiving [P7]', () => {
    fc.assert(
      fc.property(courses, (course) => {
        const found = check(withoutClocks(townAfter(course).history()));
        expect(found.filter(({ promise }) => promise !== 'unknown')).to.deep.equal([]);
      }),
    );
  });
});
