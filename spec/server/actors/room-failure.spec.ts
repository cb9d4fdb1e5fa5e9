import { expect } from 'chai';
import type { FakePeer } from './fake-peer.js';
import { House, told } from './house.js';

describe('A room after a failure', () => {
  let house: House;

  beforeEach(() => {
    house = new House();
  });

  afterEach(() => house.close());

  it('goes on from its log, and so do all who follow [T1] [P3]', async () => {
    const ada = await house.visit('Ada');
    const bob = await house.visit('Bob');
    house.log.appendFaults.push('before');
    expect(await house.publish(ada.welcome.session, 'lost', 1)).to.deep.equal({ kind: 'failed' });
    expect(await house.publish(bob.welcome.session, 'hi', 1)).to.include({ kind: 'accepted', sequence: 3 });
    expect(await house.publish(ada.welcome.session, 'ho', 1)).to.include({ kind: 'accepted', sequence: 4 });
    expect(told(ada.events)).to.deep.equal(['Ada joined', 'Bob joined', 'Bob: hi', 'Ada: ho']);
    expect(told(bob.events)).to.deep.equal(['Bob joined', 'Bob: hi', 'Ada: ho']);
    expect(house.logged('room-failed')).to.have.length(1);
    expect(house.logged('room-failed')[0]).to.include({ level: 'error', room: 'lobby' });
  });

  it('ends the streams whose commands were under way, for nobody knows what became of them', async () => {
    const ada = await house.visit('Ada');
    const bob = await house.visit('Bob');
    house.log.appendFaults.push('before');
    ada.publish('lost', 1);
    await house.heard(bob, 'Ada left');
    expect(ada.endings).to.deep.equal([{ kind: 'failed' }]);
    expect(bob.endings).to.deep.equal([]);
    expect(house.lefts('Ada')).to.have.length(1);
  });

  it('tells what had become durable, though nobody knew [P4]', async () => {
    const ada = await house.visit('Ada');
    const bob = await house.visit('Bob');
    house.log.appendFaults.push('after');
    expect(await house.publish(ada.welcome.session, 'kept', 1)).to.deep.equal({ kind: 'failed' });
    await house.heard(bob, 'Ada: kept');
    expect(await house.publish(ada.welcome.session, 'kept', 1), 'a repeat').to.include({
      kind: 'repeated',
      sequence: 3,
    });
    expect(ada.events).to.deep.equal(house.events());
  });

  it('ends once the sessions whose join had become durable, though nobody knew [P8]', async () => {
    const ada = await house.visit('Ada');
    house.log.appendFaults.push('after');
    const bob = house.join('Bob');
    await house.heard(ada, 'Bob left');
    await house.publish(ada.welcome.session, 'hi', 1);
    expect(told(ada.events)).to.deep.equal(['Ada joined', 'Bob joined', 'Bob left', 'Ada: hi']);
    expect(bob.endings).to.deep.equal([{ kind: 'failed' }]);
    expect(bob.welcomed).to.equal(false);
  });

  it('completes the streams whose Left had become durable, though nobody knew [P8]', async () => {
    const ada = await house.visit('Ada');
    const bob = await house.visit('Bob');
    house.log.appendFaults.push('after');
    expect(await house.leave(ada.welcome.session)).to.deep.equal({ kind: 'failed' });
    await house.until('Ada’s end', () => ada.endings.length > 0);
    await house.heard(bob, 'Ada left');
    expect(told(ada.events).at(-1)).to.equal('Ada left');
    expect(ada.endings).to.deep.equal([{ kind: 'complete' }]);
    expect(house.lefts('Ada')).to.have.length(1);
  });

  it('owes the leaves that were under way [P8]', async () => {
    const ada = await house.visit('Ada');
    const bob = await house.visit('Bob');
    house.log.appendFaults.push('before');
    ada.gone();
    await house.heard(bob, 'Ada left');
    expect(house.lefts('Ada')).to.have.length(1);
  });

  it('sends nobody a gap where the log had more than was told [P3]', async () => {
    const ada = await house.visit('Ada');
    const slow = await house.visit('Bob', { takes: 2 });
    expect(slow.writable).to.equal(false);
    ada.publish('one', 1);
    await house.heard(ada, 'Ada: one');
    house.log.appendFaults.push('after');
    const cyd = house.join('Cyd');
    await house.until('Cyd was failed', () => cyd.endings.length > 0);
    await house.heard(ada, 'Cyd left');
    ada.publish('two', 2);
    await house.heard(ada, 'Ada: two');
    slow.drain();
    const everything = house.events();
    expect(ada.events).to.deep.equal(everything);
    expect(slow.events).to.deep.equal(everything.slice(1));
  });

  /** The room fails over a message while it waits for its log. */
  async function failsInTheMiddle(ada: FakePeer, text: string, ordinal: number): Promise<void> {
    const { appends } = house.log;
    house.log.hold();
    ada.publish(text, ordinal);
    await house.until('it is being written', () => house.log.appends > appends);
    house.server.tell({
      kind: 'list-participants',
      room: 'lobby',
      replyTo: {
        tell: () => {
          throw new Error('a fault of whoever asks');
        },
      },
    });
  }

  it('waits with its restart for the append under way, and tells all what that made of it [P1] [P3] [P4]', async () => {
    const ada = await house.visit('Ada');
    const bob = await house.visit('Bob');
    await failsInTheMiddle(ada, 'in the middle', 1);
    const meanwhile = house.publish(bob.welcome.session, 'meanwhile', 1);
    await new Promise(setImmediate);
    expect(house.logged('room-failed'), 'not yet').to.deep.equal([]);
    house.log.release();
    expect(await meanwhile).to.deep.equal({ kind: 'failed' });
    await house.heard(bob, 'in the middle');
    expect(await house.publish(bob.welcome.session, 'after', 1)).to.include({ kind: 'accepted' });
    expect(house.logged('room-failed')).to.have.length(1);
    await house.heard(bob, 'Bob: after');
    expect(bob.events).to.deep.equal(house.events().slice(1));
    expect(told(house.events()).slice(2, 3)).to.deep.equal(['Ada: in the middle']);
  });

  it('waits for that one also when it comes to its end, before it is opened again [P1]', async () => {
    house = new House({ roomRestartsPerMinuteMax: 0 });
    const ada = await house.visit('Ada');
    await failsInTheMiddle(ada, 'in the middle', 1);
    const bob = house.join('Bob');
    await new Promise(setImmediate);
    expect(bob.endings).to.deep.equal([]);
    house.log.release();
    await house.until('Bob is told that nobody knows', () => bob.endings.length > 0);
    const cyd = await house.visit('Cyd');
    await house.publish(cyd.welcome.session, 'hi', 1);
    expect(house.logged('room-failed')).to.have.length(1);
    expect(told(house.events()).slice(0, 2)).to.deep.equal(['Ada joined', 'Ada: in the middle']);
    expect(told(house.events()).at(-1)).to.equal('Cyd: hi');
  });

  it('answers what was under way also when its first start fails [P9]', async () => {
    const ada = await house.visit('Ada');
    const { session } = ada.welcome;
    house.log.appendFaults.push('before');
    house.log.recoverFaults = 1;
    expect(await house.publish(session, 'lost', 1)).to.deep.equal({ kind: 'failed' });
    expect(await house.publish(session, 'kept', 2)).to.include({ kind: 'accepted', sequence: 2 });
  });

  it('comes to an end with all its streams when it fails too often, and leaves no session behind [P8]', async () => {
    house = new House({ roomRestartsPerMinuteMax: 2 });
    const ada = await house.visit('Ada');
    const bob = await house.visit('Bob');
    const elsewhere = await house.visit('Cyd', { room: 'elsewhere' });
    for (let ordinal = 1; ordinal <= 2; ordinal += 1) {
      house.log.appendFaults.push('before');
      expect(await house.publish(ada.welcome.session, 'lost', ordinal)).to.deep.equal({ kind: 'failed' });
      expect(ada.endings, 'not yet').to.deep.equal([]);
    }
    house.log.appendFaults.push('before');
    expect(await house.publish(ada.welcome.session, 'lost', 3)).to.deep.equal({ kind: 'failed' });
    expect([ada.endings, bob.endings]).to.deep.equal([[{ kind: 'failed' }], [{ kind: 'failed' }]]);
    expect(house.logged('room-failed')).to.have.length(3);

    elsewhere.publish('hi', 1);
    await house.heard(elsewhere, 'hi');
    const again = await house.visit('Ada');
    expect(again.welcome.participants, 'the room opened again without ghosts').to.deep.equal([]);
    expect(told(house.events())).to.deep.equal(['Ada joined', 'Bob joined', 'Ada left', 'Bob left', 'Ada joined']);
  });

  it('may fail again later: restarts are counted by the minute', async () => {
    house = new House({ roomRestartsPerMinuteMax: 2 });
    const ada = await house.visit('Ada');
    for (let ordinal = 1; ordinal <= 6; ordinal += 1) {
      house.log.appendFaults.push('before');
      expect(await house.publish(ada.welcome.session, 'lost', ordinal)).to.deep.equal({ kind: 'failed' });
      house.nowMs += 30_000;
    }
    expect(ada.endings).to.deep.equal([]);
  });

  it('does not restart at all where none is allowed', async () => {
    house = new House({ roomRestartsPerMinuteMax: 0 });
    const ada = await house.visit('Ada');
    house.log.appendFaults.push('before');
    expect(await house.publish(ada.welcome.session, 'lost', 1)).to.deep.equal({ kind: 'failed' });
    expect(ada.endings).to.deep.equal([{ kind: 'failed' }]);
  });
});
