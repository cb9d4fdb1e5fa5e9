import { expect } from 'chai';
import fc from 'fast-check';
import { joined, runOf, runsOf, within } from '../../../lib/server/log/run.js';

const encodings = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes)));

describe('A run of events', () => {
  it('is cut into runs that lie end to end, none larger than asked for unless by one event [P3] [P12]', () => {
    fc.assert(
      fc.property(encodings, fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1 }), (all, bytesMax, first) => {
        const runs = runsOf(first, all, bytesMax);
        expect(Buffer.concat(runs.map(({ bytes }) => bytes)).equals(Buffer.concat(all))).to.equal(true);
        let next = first;
        for (const run of runs) {
          expect(run.first).to.equal(next);
          expect(run).to.deep.equal(runOf(run.first, all.slice(run.first - first, run.last - first + 1)));
          if (run.last > run.first) expect(run.bytes.length).to.be.at.most(bytesMax);
          next = run.last + 1;
        }
        expect(next).to.equal(first + all.length);
      }),
    );
  });

  it('is cut as late as possible, so that there are no more writes than need be', () => {
    fc.assert(
      fc.property(encodings, fc.integer({ min: 1, max: 100 }), (all, bytesMax) => {
        const runs = runsOf(1, all, bytesMax);
        for (const [index, run] of runs.entries()) {
          const next = all[run.last];
          if (index < runs.length - 1) expect(run.bytes.length + (next?.length ?? 0)).to.be.greaterThan(bytesMax);
        }
      }),
    );
  });

  it('is not cut where it fits', () => {
    const all = [Buffer.alloc(3), Buffer.alloc(4)];
    expect(within(all, 7)).to.equal(all);
    expect(within([], 7)).to.deep.equal([]);
  });

  it('is joined with as much of the one that goes on from it as there is room for', () => {
    fc.assert(
      fc.property(encodings, encodings, fc.nat(200), fc.integer({ min: 1 }), (ours, theirs, bytesMax, first) => {
        fc.pre(ours.length > 0);
        const run = runOf(first, ours);
        const next = theirs.length > 0 ? runOf(first + ours.length, theirs) : undefined;
        let fit = 0;
        let bytes = run.bytes.length;
        while (fit < theirs.length && bytes + (theirs[fit] as Buffer).length <= bytesMax) {
          bytes += (theirs[fit] as Buffer).length;
          fit += 1;
        }
        expect(joined(run, next, bytesMax)).to.deep.equal(runOf(first, [...ours, ...theirs.slice(0, fit)]));
      }),
    );
  });
});
