import { expect } from 'chai';
import { Tail } from '../../lib/actors/tail.js';
import type { Run } from '../../lib/log/event-log.js';
import { runOf } from '../../lib/log/run.js';

/** A run whose events' bytes are two digits each. */
function run(first: number, last: number): Run {
  const digits = Array.from({ length: last - first + 1 }, (_, n) => Buffer.from(String(first + n).padStart(2, '0')));
  return runOf(first, digits);
}

describe('Tail', () => {
  it('gives a run as it is to all who are just before it', () => {
    const tail = new Tail(100);
    const [one, two] = [run(1, 3), run(4, 5)];
    tail.push(one);
    tail.push(two);
    expect(tail.read(0)).to.equal(one);
    expect(tail.read(3)).to.equal(two);
  });

  it('gives the rest of a run to those within it', () => {
    const tail = new Tail(100);
    for (const one of [run(1, 3), run(4, 4), run(5, 9), run(10, 11)]) tail.push(one);
    for (const [after, first, last, bytes] of [
      [1, 2, 3, '0203'],
      [2, 3, 3, '03'],
      [5, 6, 9, '06070809'],
      [8, 9, 9, '09'],
      [10, 11, 11, '11'],
    ] as const) {
      const rest = tail.read(after);
      expect(rest).to.include({ first, last });
      expect(rest?.bytes.toString()).to.equal(bytes);
      expect(rest?.ends).to.deep.equal(Array.from({ length: last - first + 1 }, (_, n) => 2 * (n + 1)));
    }
  });

  it('has nothing for those who have everything, or who are behind its oldest', () => {
    const tail = new Tail(100);
    expect(tail.read(0)).to.equal(undefined);
    tail.push(run(5, 6));
    expect(tail.read(6)).to.equal(undefined);
    expect(tail.read(3)).to.equal(undefined);
    expect(tail.read(4)).to.include({ first: 5 });
  });

  it('drops its oldest runs over its limit of bytes, and holds nothing that is larger than it [P12]', () => {
    const tail = new Tail(8);
    tail.push(run(1, 2));
    tail.push(run(3, 4));
    expect(tail.read(0)).to.include({ first: 1 });
    tail.push(run(5, 5));
    expect(tail.read(0)).to.equal(undefined);
    expect(tail.read(2)).to.include({ first: 3 });
    tail.push(run(6, 20));
    expect(tail.read(5)).to.equal(undefined);
    tail.push(run(21, 21));
    expect(tail.read(20)).to.include({ first: 21 });
  });

  it('begins anew after it was cleared, at whatever event', () => {
    const tail = new Tail(8);
    tail.push(run(1, 4));
    tail.clear();
    expect(tail.read(0)).to.equal(undefined);
    tail.push(run(9, 12));
    expect(tail.read(8)).to.include({ first: 9, last: 12 });
  });
});
