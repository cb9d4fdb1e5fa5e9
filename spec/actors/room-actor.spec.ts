import { expect } from 'chai';
import { House, told } from './house.js';

describe('RoomActor', () => {
  let house: House;

  afterEach(() => house.close());

  describe('with a join and its leave in one group', () => {
    it('ends the stream after its own Left, at once and with nothing beyond it [P8]', async () => {
      house = new House();
      const bob = await house.visit('Bob');
      const ada = house.join('Ada');
      ada.publish('in and out', 1);
      ada.tell({ kind: 'leave', lamport: 0 });
      bob.publish('after her', 1);
      await house.until('Ada is out', () => ada.endings.length > 0);
      expect(house.log.appends, 'one group').to.equal(2);
      expect(told(ada.events)).to.deep.equal(['Ada joined', 'Ada: in and out', 'Ada left']);
      expect(ada.destroyed).to.equal(false);
      expect(ada.ending).to.deep.equal({ kind: 'complete' });
    });

    it('counts somebody who came under the name of one who left [S5]', async () => {
      house = new House();
      const first = await house.visit('Ada');
      first.tell({ kind: 'leave', lamport: 0 });
      const second = house.join('Ada');
      await house.until('the second is in', () => second.welcomed);
      expect(house.log.appends, 'one group').to.equal(2);
      expect(await house.participants('lobby')).to.deep.equal({ kind: 'participants', names: ['Ada'] });
    });
  });

  describe('after a failure', () => {
    it('sends nobody a gap where the log had more than was told [P3]', async () => {
      house = new House();
      const ada = await house.visit('Ada');
      const slow = await house.visit('Bob', { takes: 2 });
      expect(slow.writable).to.equal(false);
      ada.publish('one', 1);
      await house.until('one', () => told(ada.events).includes('Ada: one'));
      house.log.appendFaults.push('after');
      const cyd = house.join('Cyd');
      await house.until('Cyd was failed', () => cyd.endings.length > 0);
      await house.until('Ada saw Cyd leave', () => told(ada.events).includes('Cyd left'));
      ada.publish('two', 2);
      await house.until('two', () => told(ada.events).includes('Ada: two'));
      slow.drain();
      const everything = house.events();
      expect(ada.events).to.deep.equal(everything);
      expect(slow.events).to.deep.equal(everything.slice(1));
    });

    it('answers what was under way also when its first start fails [P9]', async () => {
      house = new House();
      const ada = await house.visit('Ada');
      const { session } = ada.welcome;
      house.log.appendFaults.push('before');
      house.log.recoverFaults = 1;
      expect(await house.publish(session, 'lost', 1)).to.deep.equal({ kind: 'failed' });
      expect(await house.publish(session, 'kept', 2)).to.include({ kind: 'accepted', sequence: 2 });
    });
  });
});
