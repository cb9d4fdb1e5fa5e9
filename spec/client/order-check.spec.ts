import { expect } from 'chai';
import { OrderCheck } from '../../lib/client/order-check.js';
import { chainStart } from '../../lib/core/chain.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { ScriptedRoom } from './scripted-room.js';

describe('OrderCheck', () => {
  let events: RoomEvent[];
  let check: OrderCheck;

  beforeEach(() => {
    const room = new ScriptedRoom();
    room.join('Ada', 4);
    room.say('Ada', 'one', 1, 9);
    room.say('Ada', 'two', 2);
    room.leave('Ada');
    events = room.events;
    check = new OrderCheck({ sequence: 0, chain: chainStart });
  });

  const at = (n: number) => events[n] as RoomEvent;

  it('takes a history event by event, of all kinds [P1] [P2] [P3]', () => {
    for (const event of events) expect(check.take(event), `event ${event.sequence}`).to.equal(true);
    expect(check.sequence).to.equal(4);
  });

  it('goes on from any place', () => {
    const { sequence, chain } = at(1);
    const later = new OrderCheck({ sequence, chain });
    expect(later.take(at(2))).to.equal(true);
    expect(later.sequence).to.equal(3);
  });

  it('refuses a gap, a duplicate and a step back, and stays where it is', () => {
    check.take(at(0));
    expect(check.take(at(2)), 'a gap').to.equal(false);
    check.take(at(1));
    expect(check.take(at(1)), 'a duplicate').to.equal(false);
    expect(check.take(at(0)), 'a step back').to.equal(false);
    expect(check.sequence).to.equal(2);
    expect(check.take(at(2)), 'the next').to.equal(true);
  });

  it('refuses an event that is another than its chain says, in whatever', () => {
    check.take(at(0));
    const said = at(1);
    for (const change of [
      { text: 'One' },
      { participant: 'Bob' },
      { lamport: said.lamport + 1 },
      { seen: 1 },
      { kind: 'left', reason: 'ASKED' },
      { chain: `0${said.chain.slice(1)}`.replace(/^0(?=.)/, said.chain.startsWith('0') ? '1' : '0') },
    ]) {
      expect(check.take({ ...said, ...change } as RoomEvent), JSON.stringify(change)).to.equal(false);
    }
    expect(check.take(said)).to.equal(true);
  });

  it('refuses the right event of another history', () => {
    const other = new ScriptedRoom();
    other.join('Bob');
    other.join('Ada');
    check.take(at(0));
    expect(check.take(other.events[1] as RoomEvent)).to.equal(false);
  });
});
