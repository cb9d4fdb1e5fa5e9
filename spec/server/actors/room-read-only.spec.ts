import { expect } from 'chai';
import { House, refusal, told } from './house.js';

describe('A room whose log cannot be written', () => {
  let house: House;

  beforeEach(() => {
    house = new House({ readOnlyMs: 20 });
  });

  afterEach(() => house.close());

  it('refuses with READ_ONLY, for so long, and recovers by itself [P4] [P9]', async () => {
    const ada = await house.visit('Ada');
    const { session } = ada.welcome;
    house.log.unwritable = true;
    const failed = await house.publish(session, 'lost', 1);
    expect(refusal(failed)).to.deep.equal({ reason: 'READ_ONLY', ordinal: 1, retryAfterMs: 20 });
    house.nowMs += 5;
    const { appends } = house.log;
    expect(refusal(await house.publish(session, 'lost', 1))).to.include({ reason: 'READ_ONLY', retryAfterMs: 15 });
    ada.publish('lost', 2);
    expect(ada.rejections[0]).to.include({ reason: 'READ_ONLY', ordinal: 2, retryAfterMs: 15 });
    expect(house.log.appends, 'it is not tried in this time').to.equal(appends);
    expect(await house.history('lobby', 0), 'reading goes on').to.include({ kind: 'page', newest: 1 });
    house.nowMs += 15;
    expect(refusal(await house.publish(session, 'lost', 1)), 'tried again').to.include({ reason: 'READ_ONLY' });
    house.nowMs += 20;
    house.log.unwritable = false;
    expect(await house.publish(session, 'kept', 1)).to.include({ kind: 'accepted', sequence: 2 });
    expect(told(ada.events)).to.deep.equal(['Ada joined', 'Ada: kept']);
    expect(house.logged('log-unwritable')).to.have.length(2);
    expect(house.logged('log-unwritable')[0]).to.include({ level: 'error', room: 'lobby' });
  });

  it('tries again at once where the clock was set back, for then nobody knows how long it is', async () => {
    const ada = await house.visit('Ada');
    house.log.unwritable = true;
    expect(refusal(await house.publish(ada.welcome.session, 'lost', 1))).to.include({ reason: 'READ_ONLY' });
    house.log.unwritable = false;
    house.nowMs -= 3_600_000;
    expect(await house.publish(ada.welcome.session, 'kept', 1)).to.include({ kind: 'accepted' });
  });

  it('refuses joins by it, and the name is free afterwards', async () => {
    await house.visit('Ada');
    house.log.unwritable = true;
    const bob = house.join('Bob');
    await house.until('the end', () => bob.endings.length > 0);
    expect(bob.rejections.map(({ reason }) => reason)).to.deep.equal(['READ_ONLY']);
    house.log.unwritable = false;
    house.nowMs += 20;
    const again = await house.visit('Bob');
    expect(again.welcome.participants).to.deep.equal(['Ada']);
  });

  it('lets a visit go on whose asked leave it could not take', async () => {
    const ada = await house.visit('Ada');
    house.log.unwritable = true;
    ada.tell({ kind: 'leave', lamport: 0 });
    await house.until('the refusal', () => ada.rejections.length > 0);
    expect(ada.rejections[0]).to.include({ reason: 'READ_ONLY', ordinal: 0 });
    expect(ada.endings).to.deep.equal([]);
    house.log.unwritable = false;
    house.nowMs += 20;
    ada.publish('still here', 1);
    await house.heard(ada, 'still here');
  });

  it('keeps the leaves of those who are gone and tries them again, so that their names are free [P8]', async () => {
    const ada = await house.visit('Ada');
    const bob = await house.visit('Bob');
    const cyd = await house.visit('Cyd');
    house.log.unwritable = true;
    ada.gone();
    await house.until('a first try', () => house.logged('log-unwritable').length > 0);
    bob.tell({ kind: 'half-closed' });
    await house.until('a later try', () => house.logged('log-unwritable').length > 2);
    expect(house.lefts('Ada')).to.deep.equal([]);
    house.log.unwritable = false;
    await house.heard(cyd, 'Ada left');
    await house.heard(cyd, 'Bob left');
    await house.until('Bob’s end', () => bob.endings.length > 0);
    expect(told(bob.events).at(-1), 'he half-closed and still reads').to.equal('Bob left');
    house.nowMs += 1_000;
    const again = await house.visit('Ada');
    expect(again.welcome.participants).to.deep.equal(['Cyd']);
    expect(house.lefts('Ada')).to.have.length(1);
    expect(house.lefts('Bob')).to.have.length(1);
    expect(house.lefts('Ada')[0]).to.include({ reason: 'CONNECTION_LOST' });
  });

  it('undoes all that a group decided: ordinals, names and clock are as before', async () => {
    const ada = await house.visit('Ada');
    house.log.unwritable = true;
    ada.publish('lost', 5, { lamport: 1_000 });
    const bob = house.join('Bob', { lamport: 1_000 });
    await house.until('both are refused', () => ada.rejections.length === 1 && bob.rejections.length === 1);
    house.log.unwritable = false;
    house.nowMs += 20;
    expect(await house.publish(ada.welcome.session, 'kept', 1)).to.include({ kind: 'accepted', sequence: 2 });
    expect(house.events()[1]).to.include({ lamport: 2 });
  });
});
