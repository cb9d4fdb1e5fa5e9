import { expect } from 'chai';
import type { FakePeer } from '../actors/fake-peer.js';
import { eventsIn, House, told } from '../actors/house.js';

describe('Groups that are told together', () => {
  let house: House;
  let ada: FakePeer;
  let bob: FakePeer;

  afterEach(() => house.close());

  /** Ada and Bob in a room that holds up to so many groups. */
  async function roomThatHolds(groupsHeldMax: number): Promise<void> {
    house = new House({ groupsHeldMax, participantsPerHeldGroup: 1, readOnlyMs: 5 });
    ada = await house.visit('Ada');
    bob = await house.visit('Bob');
    await house.until('Bob has come', () => told(ada.events).includes('Bob joined'));
  }

  /** What each write since told of messages. */
  function writesTo(peer: FakePeer): string[][] {
    return peer.sent
      .map((bytes) => told(eventsIn(bytes)).filter((text) => text.includes(':')))
      .filter((texts) => texts.length > 0);
  }

  /** An append begins by `act`, and waits. */
  async function appending(act: () => void): Promise<void> {
    const before = house.log.appends;
    // First the one that is under way, if there is one.
    house.log.release();
    house.log.hold();
    act();
    await house.until('an append', () => house.log.appends > before);
  }

  const nextAppending = () => appending(() => {});

  const heard = (peer: FakePeer, text: string) => house.until(text, () => told(peer.events).includes(text));

  it('are those that became durable while more waited, so that each is written to once', async () => {
    await roomThatHolds(1);
    await appending(() => ada.publish('one', 1));
    bob.publish('two', 1);
    await nextAppending();
    expect(writesTo(ada), 'one is durable, and waits for two').to.deep.equal([]);
    house.log.release();
    await heard(ada, 'Bob: two');
    expect(writesTo(ada)).to.deep.equal([['Ada: one', 'Bob: two']]);
    expect(writesTo(bob)).to.deep.equal([['Ada: one', 'Bob: two']]);
  });

  it('are no more than may be held [P12]', async () => {
    await roomThatHolds(1);
    await appending(() => ada.publish('one', 1));
    bob.publish('two', 1);
    await nextAppending();
    ada.publish('three', 2);
    house.log.release();
    await heard(bob, 'Ada: three');
    expect(writesTo(bob)).to.deep.equal([['Ada: one', 'Bob: two'], ['Ada: three']]);
  });

  it('are none where few are there to be written to', async () => {
    await roomThatHolds(0);
    await appending(() => ada.publish('one', 1));
    bob.publish('two', 1);
    house.log.release();
    await heard(bob, 'Bob: two');
    expect(writesTo(bob)).to.deep.equal([['Ada: one'], ['Bob: two']]);
  });

  it('do not wait for joins and leaves alone, which wait for company', async () => {
    await roomThatHolds(1);
    await appending(() => ada.publish('one', 1));
    house.join('Cyd');
    house.log.release();
    await heard(bob, 'Ada: one');
    expect(told(bob.events)).not.to.include('Cyd joined');
    await heard(bob, 'Cyd joined');
  });

  it('are told where the one that they waited for cannot be written [P4]', async () => {
    await roomThatHolds(1);
    await appending(() => ada.publish('one', 1));
    bob.publish('two', 1);
    await nextAppending();
    house.log.unwritable = true;
    house.log.release();
    await heard(bob, 'Ada: one');
    await house.until('a refusal', () => bob.rejections.length > 0);
    expect(bob.rejections.map(({ reason, ordinal }) => ({ reason, ordinal }))).to.deep.equal([
      { reason: 'READ_ONLY', ordinal: 1 },
    ]);
    expect(writesTo(ada)).to.deep.equal([['Ada: one']]);
    house.log.unwritable = false;
  });

  it('are told once where the room fails over the one that they waited for [P3]', async () => {
    await roomThatHolds(1);
    const cyd = await house.visit('Cyd');
    await appending(() => ada.publish('one', 1));
    bob.publish('two', 1);
    await nextAppending();
    house.log.appendFaults.push('before');
    house.log.release();
    await heard(cyd, 'Ada: one');
    expect(house.logged('room-failed')).to.have.length(1);
    expect(told(house.events()).filter((text) => text.includes(':'))).to.deep.equal(['Ada: one']);
    expect(writesTo(cyd)).to.deep.equal([['Ada: one']]);
    // Who was not told what became of a message is told that nobody knows.
    expect([ada, bob].map((peer) => peer.endings.map(({ kind }) => kind))).to.deep.equal([['failed'], ['failed']]);
  });
});
