import { expect } from 'chai';
import { LamportClock, receive, tick } from '../../lib/core/clock.js';

describe('A Lamport clock', () => {
  it('ticks by one before a send [S8]', () => {
    const clock = new LamportClock();
    expect(clock.time).to.equal(0);
    expect([clock.tick(), clock.tick()]).to.deep.equal([1, 2]);
    expect(clock.time).to.equal(2);
    expect(tick(7)).to.equal(8);
  });

  it('goes beyond a later time it receives [S8]', () => {
    const clock = new LamportClock(3);
    expect(clock.receive(10)).to.equal(11);
    expect(clock.time).to.equal(11);
  });

  it('goes beyond its own time when it receives an earlier or equal one [S8]', () => {
    expect(receive(10, 3)).to.equal(11);
    expect(receive(10, 10)).to.equal(11);
  });
});
