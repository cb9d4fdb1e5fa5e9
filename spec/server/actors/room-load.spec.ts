import { expect } from 'chai';
import { House, refusal } from './house.js';

describe('A room under load', () => {
  let house: House;

  beforeEach(() => {
    house = new House();
  });

  afterEach(() => house.close());

  it('refuses commands over `inletDraftsMax` with OVERLOADED, and takes owed leaves all the same [P12] [P8]', async () => {
    house = new House({ inletDraftsMax: 2, overloadedRetryMs: 70 });
    const ada = await house.visit('Ada');
    const bob = await house.visit('Bob');
    house.log.hold();
    const taken = [1, 2].map((ordinal) => house.publish(ada.welcome.session, `${ordinal}`, ordinal));
    const third = await house.publish(ada.welcome.session, '3', 3);
    expect(refusal(third)).to.deep.equal({ reason: 'OVERLOADED', ordinal: 3, retryAfterMs: 70 });
    ada.publish('4', 4);
    expect(ada.rejections[0]).to.include({ reason: 'OVERLOADED', ordinal: 4, retryAfterMs: 70 });
    const cyd = house.join('Cyd');
    expect(cyd.ending?.kind === 'refused' && cyd.ending.rejection.reason).to.equal('OVERLOADED');
    bob.gone();
    house.log.release();
    for (const answer of taken) expect(await answer).to.include({ kind: 'accepted' });
    await house.heard(ada, 'Bob left');
    expect(await house.publish(ada.welcome.session, '3', 3)).to.include({ kind: 'accepted' });
  });

  it('refuses commands over `inletsDraftsMax` of all rooms together with OVERLOADED [P12]', async () => {
    house = new House({ inletsDraftsMax: 3 });
    const ada = await house.visit('Ada');
    const bob = await house.visit('Bob', { room: 'other' });
    house.log.hold();
    const taken = [1, 2].map((ordinal) => house.publish(ada.welcome.session, `${ordinal}`, ordinal));
    taken.push(house.publish(bob.welcome.session, '1', 1));
    for (const { welcome } of [ada, bob]) {
      expect(refusal(await house.publish(welcome.session, '9', 9))).to.include({ reason: 'OVERLOADED', ordinal: 9 });
    }
    house.log.release();
    for (const answer of taken) expect(await answer).to.include({ kind: 'accepted' });
    expect(await house.publish(bob.welcome.session, '2', 2)).to.include({ kind: 'accepted' });
  });

  it('refuses publishes over a session’s rate with RATE_LIMITED, and nobody else’s [P12]', async () => {
    house = new House({ publishesPerSecondMax: 10, publishBurstMax: 2 });
    const ada = await house.visit('Ada');
    const bob = await house.visit('Bob');
    const { session } = ada.welcome;
    for (const ordinal of [1, 2]) expect(await house.publish(session, 'hi', ordinal)).to.include({ kind: 'accepted' });
    const third = await house.publish(session, 'hi', 3);
    expect(refusal(third)).to.deep.equal({ reason: 'RATE_LIMITED', ordinal: 3, retryAfterMs: 100 });
    ada.publish('by stream', 4);
    expect(ada.rejections[0]).to.include({ reason: 'RATE_LIMITED', ordinal: 4, retryAfterMs: 100 });
    expect(await house.publish(bob.welcome.session, 'hi', 1)).to.include({ kind: 'accepted' });
    house.nowMs += 100;
    expect(await house.publish(session, 'hi', 3), 'a refused ordinal is not used up').to.include({
      kind: 'accepted',
    });
    expect(await house.leave(session), 'leaves are never limited').to.include({ kind: 'accepted' });
  });

  it('counts also the publishes that follow their join without waiting for its answer [P12]', async () => {
    house = new House({ publishesPerSecondMax: 10, publishBurstMax: 2 });
    const ada = house.join('Ada');
    for (let ordinal = 1; ordinal <= 5; ordinal += 1) ada.publish(`${ordinal}`, ordinal);
    await house.heard(ada, 'Ada: 2');
    expect(ada.rejections.map(({ reason, ordinal }) => [reason, ordinal])).to.deep.equal([
      ['RATE_LIMITED', 3],
      ['RATE_LIMITED', 4],
      ['RATE_LIMITED', 5],
    ]);
  });

  it('commits together what came together: one append for many [P12]', async () => {
    house = new House({ groupDraftsMax: 8 });
    const ada = await house.visit('Ada');
    const before = house.log.appends;
    for (let ordinal = 1; ordinal <= 24; ordinal += 1) ada.publish(`${ordinal}`, ordinal);
    await house.heard(ada, 'Ada: 24');
    expect(house.log.appends - before).to.equal(3);
    expect(ada.responses.map(({ events }) => events.length).slice(2)).to.deep.equal([8, 8, 8]);
  });
});
