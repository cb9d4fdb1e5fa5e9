import { expect } from 'chai';
import fc from 'fast-check';
import { ReplyBudget } from '../../../lib/server/service/read-scheduler.js';

describe('the budget of reply bytes', () => {
  it('allows each connection so much, and all together so much [P12]', () => {
    const budget = new ReplyBudget<string>(10, 25);
    budget.add('a', 6);
    expect([budget.allows('a', 4), budget.allows('a', 5)]).to.deep.equal([true, false]);
    budget.add('b', 10);
    expect([budget.allows('c', 9), budget.allows('c', 10)]).to.deep.equal([true, false]);
    budget.add('b', -10);
    expect(budget.allows('c', 10)).to.equal(true);
  });

  it('allows whoever holds nothing a reply that is larger than the budget of one, and the first of all any', () => {
    const budget = new ReplyBudget<string>(10, 25);
    expect(budget.allows('a', 1_000)).to.equal(true);
    budget.add('b', 5);
    expect([budget.allows('a', 20), budget.allows('a', 21)]).to.deep.equal([true, false]);
  });

  it('knows nothing more of a connection that holds nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 9 }))), (holdings) => {
        const budget = new ReplyBudget<string>(100, 100);
        for (const [key, bytes] of holdings) budget.add(key, bytes);
        expect(budget.held).to.equal(holdings.reduce((sum, [, bytes]) => sum + bytes, 0));
        for (const [key, bytes] of holdings) budget.add(key, -bytes);
        expect([budget.held, budget.heldBy('a'), budget.heldBy('b'), budget.heldBy('c')]).to.deep.equal([0, 0, 0, 0]);
      }),
    );
  });
});
