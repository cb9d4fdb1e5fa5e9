import { expect } from 'chai';
import { chainStart } from '../../../lib/core/chain.js';
import type { FakePeer } from './fake-peer.js';
import { House, told } from './house.js';

describe('A room welcomes', () => {
  let house: House;

  beforeEach(() => {
    house = new House();
  });

  afterEach(() => house.close());

  /** A room with a Joined and so many messages. */
  async function talkOf(messages: number): Promise<FakePeer> {
    const ada = await house.visit('Ada');
    for (let ordinal = 1; ordinal <= messages; ordinal += 1) ada.publish(`${ordinal}`, ordinal);
    await house.heard(ada, `Ada: ${messages}`);
    return ada;
  }

  it('the first of a room at its beginning [S5]', async () => {
    const ada = await house.visit('Ada', { room: '' });
    const logId = house.log.head('lobby')?.logId;
    expect(ada.responses[0]?.events, 'alone and first').to.deep.equal([]);
    expect(ada.welcome).to.deep.equal({
      session: ada.welcome.session,
      room: 'lobby',
      logId,
      sequence: 0,
      lamport: 0,
      chain: chainStart,
      participants: [],
      resumed: false,
      textLengthMax: 128,
      ordinal: 0,
      newest: 0,
    });
    expect(ada.welcome.session).to.match(/^lobby:[\w-]{22}$/);
    expect(ada.events).to.deep.equal(house.events());
  });

  it('a later one at his own join, without history [P3]', async () => {
    const ada = await talkOf(5);
    await house.visit('Bob');
    const cyd = await house.visit('Cyd');
    const place = house.events().find(({ sequence }) => sequence === 7);
    expect(cyd.welcome).to.include({ sequence: 7, newest: 7, lamport: place?.lamport, chain: place?.chain });
    expect(cyd.welcome.participants).to.deep.equal(['Ada', 'Bob']);
    expect(told(cyd.events)).to.deep.equal(['Cyd joined']);
    expect(ada.welcome.session).not.to.equal(cyd.welcome.session);
  });

  it('a later one with as much history as he asked for, its chain to check it by [P1] [P3]', async () => {
    await talkOf(5);
    const bob = await house.visit('Bob', { history: 3 });
    expect(bob.welcome).to.include({ sequence: 3, newest: 6, chain: house.events()[2]?.chain });
    expect(bob.welcome.lamport, 'the room’s clock now').to.equal(house.events()[5]?.lamport);
    expect(told(bob.events)).to.deep.equal(['Ada: 3', 'Ada: 4', 'Ada: 5', 'Bob joined']);
  });

  it('a later one from the beginning where he asked for more than there is', async () => {
    await talkOf(5);
    const bob = await house.visit('Bob', { history: 4_294_967_295 });
    expect(bob.welcome).to.include({ sequence: 0, newest: 6, chain: chainStart });
    expect(bob.events).to.deep.equal(house.events());
  });

  it('nobody with more history than `historyEventsMax` [P12]', async () => {
    house = new House({ historyEventsMax: 2 });
    await talkOf(5);
    const bob = await house.visit('Bob', { history: 5 });
    expect(bob.welcome).to.include({ sequence: 4, newest: 6 });
    expect(told(bob.events)).to.deep.equal(['Ada: 4', 'Ada: 5', 'Bob joined']);
  });

  it('with what a log that forgets still has, from a place whose chain is known [P11]', async () => {
    house = new House({ memoryEventsPerRoomMax: 10, snapshotEveryEvents: 4, tailBytesMax: 1 });
    const ada = await house.visit('Ada');
    for (let ordinal = 1; ordinal <= 60; ordinal += 1) {
      ada.publish(`${ordinal}`, ordinal);
      await house.heard(ada, `Ada: ${ordinal}`);
    }
    const bob = await house.visit('Bob', { history: 1_000 });
    const oldest = house.log.oldest('lobby');
    expect(oldest).to.be.greaterThan(1);
    expect(bob.welcome.sequence).to.be.at.least(oldest);
    expect(bob.welcome.newest).to.equal(61);
    expect(bob.welcome.chain).to.equal(house.log.chainAt('lobby', bob.welcome.sequence));
    expect(bob.events.map(({ sequence }) => sequence)).to.deep.equal(
      Array.from({ length: 62 - bob.welcome.sequence }, (_, n) => bob.welcome.sequence + 1 + n),
    );
  });

  it('also where the log forgets all but his own join', async () => {
    house = new House({ memoryEventsPerRoomMax: 1, snapshotEveryEvents: 1, tailBytesMax: 1 });
    const ada = await talkOf(20);
    const bob = await house.visit('Bob', { history: 5 });
    expect(told(bob.events).at(-1)).to.equal('Bob joined');
    ada.publish('hi', 21);
    await house.heard(bob, 'hi');
  });
});
