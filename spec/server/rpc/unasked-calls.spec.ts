import { expect } from 'chai';
import { UnaskedCalls } from '../../../lib/server/rpc/unasked-calls.js';

describe('the calls that were not asked yet', () => {
  let refused: string[];
  let calls: UnaskedCalls;

  beforeEach(() => {
    refused = [];
    calls = new UnaskedCalls({ unaskedCallsMax: 4, unaskedCallsPerAddressMax: 3 });
  });

  const enter = (address: string, number: number) =>
    calls.enter(address, () => {
      refused.push(`${address}${number}`);
    });

  it('are so many of an address; for one more the one that has waited for longest goes [P12]', () => {
    for (const number of [1, 2, 3, 4, 5]) enter('a', number);
    expect(refused).to.deep.equal(['a1', 'a2']);
    expect(calls.size).to.equal(3);
  });

  it('are so many together; for one more the one that has waited for longest of all goes [P12]', () => {
    for (const number of [1, 2]) enter('a', number);
    for (const number of [1, 2, 3]) enter('b', number);
    expect(refused).to.deep.equal(['a1']);
    expect(calls.size).to.equal(4);
  });

  it('do not include those that were asked or are over', () => {
    const [first, second] = [1, 2, 3].map((number) => enter('a', number));
    first?.leave();
    first?.leave();
    second?.leave();
    for (const number of [4, 5, 6]) enter('a', number);
    expect(refused).to.deep.equal(['a3']);
  });

  it('have no place of their own any more once they were refused', () => {
    const [first] = [1, 2, 3, 4].map((number) => enter('a', number));
    first?.leave();
    expect(calls.size).to.equal(3);
  });
});
