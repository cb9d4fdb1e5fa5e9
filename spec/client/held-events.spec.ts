import { expect } from 'chai';
import { take } from 'rxjs';
import { HeldEvents } from '../../lib/client/feeds.js';

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

  it('says when as many are held as may wait, and when they are read; what comes meanwhile is held too [P3] [P12]', () => {
    const said: string[] = [];
    const held = new HeldEvents<number>(2, { filled: () => said.push('filled'), read: () => said.push('read') });
    held.next(1);
    expect([held.full, said]).to.deep.equal([false, []]);
    for (const value of [2, 3]) held.next(value);
    expect([held.full, held.first]).to.deep.equal([true, 1]);
    expect(said[0]).to.equal('filled');
    const first = collect(held);
    held.next(4);
    expect(first).to.deep.equal([1, 2, 3, 4]);
    expect([held.full, held.first, said.at(-1)]).to.deep.equal([false, undefined, 'read']);
  });

  it('has as the first that waits the one after that which its reader is given', () => {
    const held = new HeldEvents<number>(10);
    for (const value of [1, 2]) held.next(value);
    const waiting: (number | undefined)[] = [];
    held.values$.subscribe(() => waiting.push(held.first));
    expect(waiting).to.deep.equal([2, undefined]);
  });

  it('lets go of what is over its limit once nobody is waited for, and gives a late reader nothing behind the gap', () => {
    const held = new HeldEvents<number>(2, { filled: () => expect.fail('nobody is waited for') });
    held.letGo();
    for (const value of [1, 2, 3]) held.next(value);
    expect(held.full).to.equal(false);
    const first = collect(held);
    held.next(4);
    held.complete();
    expect(first).to.deep.equal([1, 2, 'end']);
  });

  it('gives a second subscriber, who comes while the first is given what was held, what comes after', () => {
    const held = new HeldEvents<number>(10);
    for (const value of [1, 2]) held.next(value);
    const all: unknown[] = [];
    held.values$.pipe(take(1)).subscribe(() => all.push(collect(held)));
    held.next(3);
    expect(all).to.deep.equal([[3]]);
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
