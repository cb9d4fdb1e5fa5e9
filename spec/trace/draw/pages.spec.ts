import { expect } from 'chai';
import fc from 'fast-check';
import { pagesOf } from '../../../lib/trace/draw/pages.js';
import type { Row } from '../../../lib/trace/draw/rows.js';

describe('pagesOf', () => {
  const height = 20;
  const rows = (count: number): Row[] =>
    Array.from({ length: count }, (_, at) => {
      const top = at * height;
      return { level: at + 1, top, bottom: top + height, lines: [{ y: top + height / 2, time: at + 1 }], skips: false };
    });
  const middle = (row: number) => (row + 0.5) * height;

  it('takes every row once and in order, within both limits', () => {
    const count = fc.integer({ min: 1, max: 200 });
    const arrows = fc.array(fc.tuple(fc.nat({ max: 199 }), fc.nat({ max: 9 })));
    const stamps = fc.uniqueArray(fc.nat({ max: 199 }));
    const limits = fc.record({
      heightMax: fc.integer({ min: height, max: 900 }),
      eventsMax: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(count, arrows, stamps, limits, (many, lines, at, { heightMax, eventsMax }) => {
        const all = rows(many);
        const inside = at.filter((row) => row < many);
        const drawn = lines
          .filter(([from, length]) => from + length < many)
          .map(([from, length]): [number, number] => [middle(from), middle(from + length)]);
        const pages = pagesOf(all, drawn, inside.map(middle), { heightMax, eventsMax });
        expect(pages[0]?.top).to.equal(0);
        expect(pages.at(-1)?.bottom).to.equal(many * height);
        for (const [index, { top, bottom }] of pages.entries()) {
          expect(top).to.equal(pages[index - 1]?.bottom ?? 0);
          expect(bottom - top).to.be.within(height, heightMax);
          const stamped = inside.filter((row) => middle(row) > top && middle(row) < bottom).length;
          expect(stamped).to.be.at.most(eventsMax);
        }
      }),
    );
  });

  it('makes one empty page of nothing', () => {
    expect(pagesOf([], [], [], { heightMax: 100, eventsMax: 1 })).to.deep.equal([{ top: 0, bottom: 0 }]);
  });

  it('breaks near the end of a page where the fewest arrows are cut', () => {
    const arrows = Array.from({ length: 20 }, (_, row): [number, number] => [middle(row), middle(row + 1)]);
    const quiet = arrows.filter((_, row) => row !== 7);
    const [first] = pagesOf(rows(21), quiet, [], { heightMax: 10 * height, eventsMax: 100 });
    expect(first).to.deep.equal({ top: 0, bottom: 8 * height });
  });
});
