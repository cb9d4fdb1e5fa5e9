import { expect } from 'chai';
import { WaitingPlaces } from '../../../lib/server/access/waiting-places.js';

describe('the places of those that wait for their clients', () => {
  let refused: string[];
  let places: WaitingPlaces;

  beforeEach(() => {
    refused = [];
    places = new WaitingPlaces({ totalMax: 4, perAddressMax: 3 });
  });

  const enter = (address: string, number: number) =>
    places.enter(address, () => {
      refused.push(`${address}${number}`);
    });

  it('are so many of an address; for one more the one that has waited for longest goes [P12]', () => {
    for (const number of [1, 2, 3, 4, 5]) enter('a', number);
    expect(refused).to.deep.equal(['a1', 'a2']);
    expect(places.size).to.equal(3);
  });

  it('are so many together; for one more the one that has waited for longest of all goes [P12]', () => {
    for (const number of [1, 2]) enter('a', number);
    for (const number of [1, 2, 3]) enter('b', number);
    expect(refused).to.deep.equal(['a1']);
    expect(places.size).to.equal(4);
  });

  it('do not include those that went on or are over', () => {
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
    expect(places.size).to.equal(3);
  });
});
