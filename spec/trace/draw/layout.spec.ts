import { expect } from 'chai';
import fc from 'fast-check';
import { textWidth } from '../../../lib/display/text-width.js';
import type { Box, Label, Line, Page } from '../../../lib/trace/draw/picture.js';
import { hasRow } from '../../../lib/trace/draw/rows.js';
import { type Laid, laid, partialPictures, pictures } from './arbitrary-picture.js';
import { chatter, smallTalk } from './conversation.js';

const twelve = [
  'ada',
  'bob',
  'cem',
  'dora',
  'eve',
  'finn',
  'greta',
  'hugo',
  'ida',
  'jonas',
  'kim',
  'a participant with 32 letters !!',
];

describe('layout', () => {
  function everyPicture(holds: (one: Laid) => void): void {
    fc.assert(fc.property(fc.oneof(pictures, partialPictures), holds), { numRuns: 60 });
    for (const spaceTime of [smallTalk(), chatter(7, twelve.slice(0, 6), 60), chatter(3, twelve, 150)]) {
      holds(laid(spaceTime));
    }
  }

  const everyPage = (holds: (page: Page) => void) => everyPicture(({ picture }) => picture.pages.forEach(holds));

  it('puts no label on another', () => {
    everyPage(({ labels }) => {
      const sorted = labels.toSorted((a, b) => a.box.y - b.box.y);
      for (const [at, label] of sorted.entries()) {
        for (let below = at + 1; below < sorted.length; below += 1) {
          const other = sorted[below] as Label;
          if (other.box.y >= label.box.y + label.box.height) break;
          expect(overlap(label.box, other.box), `${label.text} and ${other.text}`).to.equal(false);
        }
      }
    });
  });

  it('leads no arrow and no lifeline through a label', () => {
    everyPage(({ labels, arrows, lifelines }) => {
      for (const line of [...arrows, ...lifelines]) {
        for (const { box, text } of labels) {
          if (near(line, box)) expect(crosses(line, box), `${JSON.stringify(line)} and ${text}`).to.equal(false);
        }
      }
    });
  });

  it('gives each text the room that it needs', () => {
    const asideGap = 8;
    const sizesOf = { title: 16, name: 12, time: 10, sequence: 12, said: 12, note: 12, legend: 11 };
    everyPage(({ labels }) => {
      for (const { role, text, aside, box } of labels) {
        const bold = role === 'title' || role === 'name' || role === 'sequence';
        const needed = textWidth(text, sizesOf[role], bold) + (aside ? asideGap + textWidth(aside, sizesOf[role]) : 0);
        expect(needed, text).to.be.at.most(box.width + 1e-6);
      }
    });
  });

  it('has room for late logical times', () => {
    const { moments, ...rest } = smallTalk();
    const late = moments.map((moment) => {
      const [level, lamport] = [moment.level + 2 ** 52, moment.lamport + 2 ** 52];
      return { ...moment, level, lamport };
    });
    const [page] = laid({ ...rest, moments: late }).picture.pages;
    const times = page?.labels.filter(({ role, text }) => role === 'time' && /\d/.test(text)) ?? [];
    expect(times.length).to.be.above(20);
    for (const { text, box } of times) expect(textWidth(text, 10)).to.be.at.most(box.width);
  });

  it('keeps everything on its page, and what happened in the plot', () => {
    everyPage((page) => {
      const whole = { x: 0, y: 0, width: page.width, height: page.height };
      for (const { box } of page.labels) expect(inside(box, whole)).to.equal(true);
      const points = page.marks.map(({ x, y }) => ({ x, y, width: 0, height: 0 }));
      for (const point of points) expect(inside(point, whole)).to.equal(true);
      const drawn = page.arrows.filter(({ to }) => to !== undefined);
      for (const { x1, y1, x2, y2 } of [...drawn, ...page.lifelines.filter(({ lifeline }) => lifeline >= 0)]) {
        expect(inside({ x: x1, y: y1, width: 0, height: 0 }, page.plot)).to.equal(true);
        expect(inside({ x: x2, y: y2, width: 0, height: 0 }, page.plot)).to.equal(true);
      }
      for (const { moment, x, y } of page.marks) {
        if (moment) expect(inside({ x, y, width: 0, height: 0 }, page.plot)).to.equal(true);
      }
    });
  });

  it('shows each moment once, on its lifeline and below its cause', () => {
    everyPicture(({ selected, picture }) => {
      const places = new Map<number, { page: number; x: number; y: number }>();
      for (const [page, { marks }] of picture.pages.entries()) {
        for (const { moment, x, y } of marks) {
          if (!moment) continue;
          expect(places.has(moment.index)).to.equal(false);
          places.set(moment.index, { page, x, y });
        }
      }
      const shown = selected.moments.filter(hasRow);
      expect([...places.keys()].sort((a, b) => a - b)).to.deep.equal(shown.map(({ index }) => index));
      for (const { index, cause } of shown) {
        const [own, before] = [places.get(index), cause === undefined ? undefined : places.get(cause)];
        if (own && before) expect(own.page * 1e6 + own.y).to.be.above(before.page * 1e6 + before.y);
      }
      for (const lifeline of selected.lifelines) {
        const xs = shown.filter((moment) => moment.lifeline === lifeline).map(({ index }) => places.get(index)?.x);
        expect(new Set(xs).size).to.be.at.most(1);
      }
    });
  });

  it('draws an arrow from each cause that is shown, all the way over the pages between', () => {
    everyPicture(({ selected, picture }) => {
      const shown = new Map(selected.moments.filter(hasRow).map((moment) => [moment.index, moment]));
      const expected = [...shown.values()].flatMap(({ index, cause = -1 }) =>
        shown.has(cause) ? `${cause}>${index}` : [],
      );
      const pieces = picture.pages.flatMap((page) => page.arrows.filter(({ to }) => to !== undefined));
      const arrived = pieces.filter(({ arrives }) => arrives).map(({ from, to }) => `${from}>${to}`);
      expect(arrived.sort()).to.deep.equal(expected.sort());
      for (const { y1, y2 } of pieces) expect(y2).to.be.at.least(y1);
    });
  });

  it('puts at most as many events on a page as asked for', () => {
    const { picture } = laid(chatter(5, twelve.slice(0, 4), 40), 10);
    expect(picture.pages.length).to.be.above(3);
    for (const { marks } of picture.pages) {
      expect(marks.filter(({ moment }) => moment?.kind === 'stamp').length).to.be.within(1, 10);
    }
  });

  it('marks what crossed in flight, by shape and in words', () => {
    const { picture } = laid(smallTalk());
    const [page] = picture.pages;
    expect(
      page?.marks.filter(({ kind }) => kind === 'stamp-crossed').map(({ moment }) => moment?.event?.sequence),
    ).to.deep.equal([6]);
    expect(page?.arrows.filter(({ kind, to }) => kind === 'crossed' && to !== undefined)).to.have.length(1);
    expect(page?.labels.flatMap(({ aside }) => aside ?? [])).to.deep.equal(['crossed 5']);
  });

  it('begins and ends each lifeline with a bar, at the own joining and leaving', () => {
    const [page] = laid(smallTalk()).picture.pages;
    for (const lifeline of [1, 2, 3]) {
      const bars = page?.marks.filter((mark) => mark.lifeline === lifeline && !mark.moment).map(({ kind }) => kind);
      expect(bars).to.deep.equal(['begin', 'end']);
      const states = page?.lifelines.filter((piece) => piece.lifeline === lifeline).map(({ state }) => state);
      expect(states).to.deep.equal(['waiting', 'present']);
    }
  });
});

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function inside(box: Box, { x, y, width, height }: Box): boolean {
  const slack = 1e-6;
  return (
    box.x >= x - slack &&
    box.y >= y - slack &&
    box.x + box.width <= x + width + slack &&
    box.y + box.height <= y + height + slack
  );
}

function near({ x1, y1, x2, y2 }: Line, { x, y, width, height }: Box): boolean {
  return Math.max(x1, x2) > x && Math.min(x1, x2) < x + width && Math.max(y1, y2) > y && Math.min(y1, y2) < y + height;
}

/** Whether a line goes through a box (Liang and Barsky's clipping, 1984). */
function crosses({ x1, y1, x2, y2 }: Line, { x, y, width, height }: Box): boolean {
  let [enter, leave] = [0, 1];
  const sides = [
    [x1 - x2, x1 - x],
    [x2 - x1, x + width - x1],
    [y1 - y2, y1 - y],
    [y2 - y1, y + height - y1],
  ] as const;
  for (const [towards, distance] of sides) {
    if (towards === 0 && distance < 0) return false;
    if (towards < 0) enter = Math.max(enter, distance / towards);
    if (towards > 0) leave = Math.min(leave, distance / towards);
  }
  return enter < leave;
}
