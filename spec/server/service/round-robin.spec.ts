import { expect } from 'chai';
import fc from 'fast-check';
import { RoundRobin } from '../../../lib/server/service/round-robin.js';

const all = () => true;

describe('items that wait under keys', () => {
  const filled = (items: readonly string[]) => {
    const waiting = new RoundRobin<string, string>(100, 100);
    for (const item of items) waiting.add(item.charAt(0), item);
    return waiting;
  };
  const served = (waiting: RoundRobin<string, string>, passes: (key: string, item: string) => boolean = all) => {
    const order: string[] = [];
    for (let item = waiting.next(passes); item !== undefined; item = waiting.next(passes)) order.push(item);
    return order;
  };

  it('are served key by key, whatever the number of a key’s items', () => {
    expect(served(filled(['a1', 'a2', 'a3', 'b1', 'c1', 'c2']))).to.deep.equal(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
  });

  it('come after those of all other keys that wait already, where their key was served', () => {
    const waiting = filled(['a1', 'b1']);
    expect(waiting.next(all)).to.equal('a1');
    waiting.add('a', 'a2');
    expect(served(waiting)).to.deep.equal(['b1', 'a2']);
  });

  it('keep their place while they may not go, and keep nobody else', () => {
    const waiting = filled(['a1', 'b1', 'b2', 'c1']);
    expect(served(waiting, (key) => key !== 'a')).to.deep.equal(['b1', 'c1', 'b2']);
    waiting.add('d', 'd1');
    expect(served(waiting)).to.deep.equal(['a1', 'd1']);
  });

  it('are no more than may wait, of one key and of all [P12]', () => {
    const waiting = new RoundRobin<string, number>(2, 3);
    expect([1, 2, 3].map((item) => waiting.add('a', item))).to.deep.equal([true, true, false]);
    expect([1, 2].map((item) => waiting.add('b', item))).to.deep.equal([true, false]);
    waiting.remove('a', 1);
    expect([waiting.add('b', 3), waiting.size]).to.deep.equal([true, 3]);
  });

  it('are each served once, in the order of their key, and no key twice while another one waits', () => {
    const items = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(9)), { maxLength: 40 });
    fc.assert(
      fc.property(items, fc.array(fc.nat(39), { maxLength: 10 }), (pairs, removed) => {
        const named = pairs.map(([key], index) => `${key}${index}`);
        const waiting = filled(named);
        const gone = new Set(removed.map((index) => named[index]));
        for (const item of gone) if (item) waiting.remove(item.charAt(0), item);
        const left = named.filter((item) => !gone.has(item));
        expect(waiting.size).to.equal(left.length);
        const order = served(waiting);
        for (const key of 'abcd') {
          const own = (item: string) => item.startsWith(key);
          expect(order.filter(own)).to.deep.equal(left.filter(own));
        }
        for (const [index, item] of order.entries()) {
          const turn = order.slice(0, index).filter((one) => one.startsWith(item.charAt(0))).length;
          for (const key of 'abcd') {
            const own = left.filter((one) => one.startsWith(key)).length;
            const before = order.slice(0, index).filter((one) => one.startsWith(key)).length;
            expect(before, `${item} before a turn of ${key}`).to.be.at.least(Math.min(own, turn));
          }
        }
      }),
    );
  });
});
