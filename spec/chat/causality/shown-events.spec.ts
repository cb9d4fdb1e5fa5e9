import { expect } from 'chai';
import { ShownEvents } from '../../../lib/chat/causality/shown-events.js';
import { Said } from './said.js';

function events(count: number) {
  const said = new Said();
  for (let lamport = 1; lamport <= count; lamport += 1) said.message('ada', lamport, 0);
  return said.events;
}

const sequences = (shown: ShownEvents) => shown.all.map(({ sequence }) => sequence);

describe('The events kept to be asked about', () => {
  it('are the newest, however many there were [P12]', () => {
    const shown = new ShownEvents(3);
    for (const event of events(10)) shown.add(event);
    expect(sequences(shown)).to.deep.equal([8, 9, 10]);
  });

  it('have earlier ones put before them, as many as may be kept', () => {
    const shown = new ShownEvents(4);
    const all = events(6);
    for (const event of all.slice(4)) shown.add(event);
    shown.addEarlier(all.slice(0, 4));
    expect(sequences(shown)).to.deep.equal([3, 4, 5, 6]);
  });

  it('never have a gap', () => {
    const shown = new ShownEvents(10);
    const all = events(9);
    for (const event of all.slice(4, 6)) shown.add(event);
    shown.addEarlier(all.slice(0, 3));
    expect(sequences(shown)).to.deep.equal([5, 6]);
    for (const event of all.slice(7)) shown.add(event);
    expect(sequences(shown)).to.deep.equal([8, 9]);
  });

  it('are forgotten with when they were sent where another history follows', () => {
    const shown = new ShownEvents(3);
    for (const event of events(2)) shown.add(event);
    shown.noteSent(2, { first: 1, last: 1 });
    shown.forget();
    expect([sequences(shown), shown.sent(2)]).to.deep.equal([[], undefined]);
  });

  it('know when as many own ones were sent as are kept [P12]', () => {
    const shown = new ShownEvents(2);
    for (const sequence of [1, 2, 3]) shown.noteSent(sequence, { first: sequence, last: sequence });
    expect([1, 2, 3].map((sequence) => shown.sent(sequence)?.first)).to.deep.equal([undefined, 2, 3]);
  });
});
