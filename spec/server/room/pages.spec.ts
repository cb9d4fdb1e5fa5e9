import { expect } from 'chai';
import fc from 'fast-check';
import { runOf } from '../../../lib/server/log/run.js';
import { EventPages } from '../../../lib/server/room/recent-events.js';
import { SharedMemory } from '../../../lib/server/room/shared-memory.js';

/** Pages of a log of `newest` events, `size` at a time; an event's bytes are its number and a full stop. */
function pagesOf(newest: number, size: number) {
  const reads: number[] = [];
  const bytes = (sequence: number) => Buffer.from(`${sequence}.`);
  const run = (after: number, count: number) =>
    runOf(
      after + 1,
      Array.from({ length: count }, (_, index) => bytes(after + 1 + index)),
    );
  const pages = new EventPages(new SharedMemory(1_000_000), (after) => {
    reads.push(after);
    return after < newest ? run(after, Math.min(size, newest - after)) : undefined;
  });
  return { pages, reads, run };
}

describe('The pages of a log', () => {
  it('are what the log has, for any number of cursors in any order [P2] [P3]', () => {
    const steps = fc.array(fc.nat(4), { minLength: 1, maxLength: 60 });
    const starts = fc.array(fc.nat(40), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(starts, steps, fc.integer({ min: 1, max: 9 }), (cursors, turns, size) => {
        const { pages, run } = pagesOf(40, size);
        for (const turn of turns) {
          const after = cursors[turn] as number;
          const read = pages.read(after);
          if (after >= 40) expect(read).to.equal(undefined);
          else {
            expect(read).to.deep.equal(run(after, (read?.last ?? 0) - after));
            cursors[turn] = read?.last ?? 0;
          }
        }
      }),
    );
  });

  it('are read once for all who are at one place, the same bytes for each', () => {
    const { pages, reads } = pagesOf(20, 10);
    expect(pages.read(0)).to.equal(pages.read(0));
    expect(pages.read(10)).to.equal(pages.read(10));
    expect(reads).to.deep.equal([0, 10]);
  });

  it('bring those together who are in the middle of them', () => {
    const { pages, reads } = pagesOf(40, 10);
    pages.read(0);
    expect(pages.read(7)).to.include({ first: 8, last: 10 });
    expect(pages.read(10)).to.include({ last: 20 });
    expect(pages.read(19)).to.include({ first: 20, last: 20 });
    expect(reads).to.deep.equal([0, 10]);
  });

  it('are kept in a small number, the newest of them [P12]', () => {
    const { pages, reads } = pagesOf(1000, 10);
    for (let after = 0; after < 200; after += 10) pages.read(after);
    pages.read(190);
    pages.read(120);
    expect(reads).to.have.length(20);
    pages.read(110);
    expect(reads).to.have.length(21);
  });

  it('are let go of when nobody has read them for a while, or they are cleared', () => {
    const { pages, reads } = pagesOf(20, 10);
    pages.read(0);
    pages.forgetUnused();
    pages.read(0);
    expect(reads).to.deep.equal([0]);
    pages.forgetUnused();
    pages.forgetUnused();
    pages.read(0);
    expect(reads).to.deep.equal([0, 0]);
    pages.clear();
    pages.read(0);
    expect(reads).to.deep.equal([0, 0, 0]);
  });

  it('keep nothing of the end of the log, where more may come', () => {
    const { pages, reads } = pagesOf(20, 10);
    expect(pages.read(20)).to.equal(undefined);
    expect(pages.read(20)).to.equal(undefined);
    expect(reads).to.deep.equal([20, 20]);
  });
});
