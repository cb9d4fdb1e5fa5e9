import { expect } from 'chai';
import { atOnce } from '../../../lib/core/slices.js';
import { MemoryLog } from '../../../lib/server/log/memory-log.js';
import { House, reasonOf, told } from './house.js';

describe('A server that stops', () => {
  let house: House;

  beforeEach(() => {
    house = new House();
  });

  afterEach(() => house.close());

  it('writes snapshots, so that its next life has nothing to replay [P5]', async () => {
    const log = new MemoryLog({ memoryEventsPerRoomMax: 100 });
    house = new House({}, log);
    const ada = await house.visit('Ada', { resumable: true });
    ada.publish('once', 1);
    await house.heard(ada, 'Ada: once');
    await house.visit('Bob', { room: 'other', resumable: true });
    await house.close();
    await house.server.writeSnapshots(new AbortController().signal);
    expect(house.logged('snapshots-written')[0]).to.include({ written: 2, left: 0 });
    for (const room of ['lobby', 'other']) {
      const { head, snapshot, entries } = atOnce(log.recover(room));
      expect(snapshot?.place).to.deep.equal(head.place);
      expect([...entries]).to.deep.equal([]);
    }
    house = new House({}, log);
    expect(await house.publish(ada.welcome.session, 'once', 1)).to.include({ kind: 'repeated' });
  });

  it('answers what it took in before it says farewell, and ends no session [P4]', async () => {
    const ada = await house.visit('Ada');
    const bob = await house.visit('Bob');
    house.log.hold();
    const answer = house.publish(bob.welcome.session, 'the last word', 1);
    ada.publish('another', 1);
    const stopped = house.server.stop();
    await house.until('it is in work', () => house.log.appends === 3);
    expect(ada.endings).to.deep.equal([]);
    house.log.release();
    expect(await answer).to.include({ kind: 'accepted' });
    await stopped;
    for (const peer of [ada, bob]) {
      expect(told(peer.events).slice(-2)).to.deep.equal(['Bob: the last word', 'Ada: another']);
      expect(peer.responses.at(-1)?.farewell).to.deep.equal({ reason: 'SERVER_STOPPING', resume: false });
      expect(peer.endings).to.deep.equal([{ kind: 'stopping' }]);
    }
    expect(house.lefts('Ada')).to.deep.equal([]);
  });

  it('says farewell to those who have not joined, and to those who come later', async () => {
    const early = house.connect();
    const stopped = house.server.stop();
    const late = house.connect();
    await stopped;
    for (const peer of [early, late]) {
      expect(peer.responses).to.have.length(1);
      expect(peer.responses[0]?.farewell).to.deep.equal({ reason: 'SERVER_STOPPING', resume: false });
      expect(peer.endings).to.deep.equal([{ kind: 'stopping' }]);
    }
  });

  it('refuses what comes while it stops: OVERLOADED [P9]', async () => {
    const ada = await house.visit('Ada');
    house.log.hold();
    ada.publish('taken in', 1);
    const stopped = house.server.stop();
    ada.publish('too late', 2);
    expect(ada.rejections[0]).to.include({ reason: 'OVERLOADED', ordinal: 2 });
    expect(reasonOf(await house.publish(ada.welcome.session, 'too late', 3))).to.equal('OVERLOADED');
    house.log.release();
    await stopped;
    expect(told(house.events())).to.deep.equal(['Ada joined', 'Ada: taken in']);
  });

  it('waits for a stream that hangs only `lingerMsMax`', async () => {
    house = new House({ lingerMsMax: 10 });
    const ada = await house.visit('Ada', { hangs: true, takes: 2 });
    await house.server.stop();
    expect(ada.destroyed).to.equal(true);
  });

  it('tells what was under way that it failed where the log fails at last [P9]', async () => {
    const ada = await house.visit('Ada');
    house.log.hold();
    house.log.appendFaults.push('before');
    const answer = house.publish(ada.welcome.session, 'lost', 1);
    await house.until('it is in work', () => house.log.appends === 2);
    const stopped = house.server.stop();
    house.log.release();
    await stopped;
    expect(await answer).to.deep.equal({ kind: 'failed' });
  });

  it('answers with READ_ONLY what the log could not take at last [P9]', async () => {
    const ada = await house.visit('Ada');
    house.log.unwritable = true;
    const answer = house.publish(ada.welcome.session, 'lost', 1);
    await house.server.stop();
    expect(reasonOf(await answer)).to.equal('READ_ONLY');
  });

  it('resolves at once without streams, and may be asked twice', async () => {
    await Promise.all([house.server.stop(), house.server.stop()]);
    await house.server.stop();
  });

  it('may be asked twice with streams', async () => {
    const ada = await house.visit('Ada');
    await Promise.all([house.server.stop(), house.server.stop()]);
    expect(ada.endings).to.have.length(1);
  });
});
