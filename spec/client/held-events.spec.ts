import { expect } from 'chai';
import { take } from 'rxjs';
import { HeldEvents } from '../../lib/client/held-events.js';

describe('HeldEvents', () => {
  function collect(held: HeldEvents<number>): (number | 'end')[] {
    const seen: (number | 'end')[] = [];
    held.values$.subscribe({ next: (value) => seen.push(value), complete: () => seen.push('end') });
    return seen;
  }

  it('holds what came before the first subscriber, and then goes on [P3]', () => {
    const held = new HeldEvents<number>(10);
    held.next(1);
    held.next(2);
    const first = collect(held);
    held.next(3);
    expect(first).to.deep.equal([1, 2, 3]);
  });

  it('gives later subscribers what comes after', () => {
    const held = new HeldEvents<number>(10);
    held.next(1);
    const first = collect(held);
    const second = collect(held);
    held.next(2);
    expect([first, second]).to.deep.equal([[1, 2], [2]]);
  });

  it('gives the first subscriber all it held also after the end, and then the end', () => {
    const held = new HeldEvents<number>(10);
    held.next(1);
    held.complete();
    expect(collect(held)).to.deep.equal([1, 'end']);
    expect(collect(held)).to.deep.equal(['end']);
  });

  it('lets go of what it held over its limit, for nobody seems to want it [P12]', () => {
    const held = new HeldEvents<number>(2);
    for (const value of [1, 2, 3]) held.next(value);
    const first = collect(held);
    held.next(4);
    expect(first).to.deep.equal([4]);
  });

  it('holds just as many as its limit says', () => {
    const held = new HeldEvents<number>(2);
    for (const value of [1, 2]) held.next(value);
    expect(collect(held)).to.deep.equal([1, 2]);
  });

  it('lets a first subscriber go that has enough', () => {
    const held = new HeldEvents<number>(10);
    for (const value of [1, 2, 3]) held.next(value);
    const seen: number[] = [];
    held.values$.pipe(take(2)).subscribe((value) => seen.push(value));
    held.next(4);
    expect(seen).to.deep.equal([1, 2]);
  });
});
