import { expect } from 'chai';
import { RecentEvents } from '../../../lib/chat/causality/recent-events.js';
import { Said } from './said.js';

function events(count: number) {
  const said = new Said();
  for (let lamport = 1; lamport <= count; lamport += 1) said.message('ada', lamport, 0);
  return said.events;
}

const sequences = (recent: RecentEvents) => recent.all.map(({ sequence }) => sequence);

describe('The events kept to be asked about', () => {
  it('are the newest, however many there were [P12]', () => {
    const recent = new RecentEvents(3);
    for (const event of events(10)) recent.add(event);
    expect(sequences(recent)).to.deep.equal([8, 9, 10]);
  });

  it('have earlier ones put before them, as many as may be kept', () => {
    const recent = new RecentEvents(4);
    const all = events(6);
    for (const event of all.slice(4)) recent.add(event);
    recent.addEarlier(all.slice(0, 4));
    expect(sequences(recent)).to.deep.equal([3, 4, 5, 6]);
  });

  it('never have a gap', () => {
    const recent = new RecentEvents(10);
    const all = events(9);
    for (const event of all.slice(4, 6)) recent.add(event);
    recent.addEarlier(all.slice(0, 3));
    expect(sequences(recent)).to.deep.equal([5, 6]);
    for (const event of all.slice(7)) recent.add(event);
    expect(sequences(recent)).to.deep.equal([8, 9]);
  });

  it('are forgotten with when they were sent where another history follows', () => {
    const recent = new RecentEvents(3);
    for (const event of events(2)) recent.add(event);
    recent.noteSent(2, { first: 1, last: 1 });
    recent.forget();
    expect([sequences(recent), recent.sent(2)]).to.deep.equal([[], undefined]);
  });

  it('know when as many own ones were sent as are kept [P12]', () => {
    const recent = new RecentEvents(2);
    for (const sequence of [1, 2, 3]) recent.noteSent(sequence, { first: sequence, last: sequence });
    expect([1, 2, 3].map((sequence) => recent.sent(sequence)?.first)).to.deep.equal([undefined, 2, 3]);
  });
});
