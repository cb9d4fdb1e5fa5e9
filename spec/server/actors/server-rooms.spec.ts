import { expect } from 'chai';
import { MemoryLog } from '../../../lib/server/log/memory-log.js';
import { House } from './house.js';

describe('A server with rooms', () => {
  let house: House;

  beforeEach(() => {
    house = new House();
  });

  afterEach(() => house.close());

  it('refuses a join that would make one more than `roomsMax` with OVERLOADED [P12]', async () => {
    house = new House({ roomsMax: 2 });
    await house.visit('Ada', { room: 'one' });
    await house.visit('Ada', { room: 'two' });
    const third = house.join('Ada', { room: 'three' });
    await house.until('the end', () => third.endings.length > 0);
    expect(third.rejections[0]).to.include({ reason: 'OVERLOADED', retryAfterMs: 0 });
    const bob = await house.visit('Bob', { room: 'two' });
    expect(bob.welcome.participants).to.deep.equal(['Ada']);
    expect(house.log.heads().map(({ room }) => room)).to.deep.equal(['one', 'two']);
  });

  it('does not count rooms that came to nothing because the log could not be written [P12]', async () => {
    house = new House({ roomsMax: 2, readOnlyMs: 10 });
    house.log.unwritable = true;
    for (const room of ['one', 'two', 'three', 'one']) {
      const refused = house.join('Ada', { room });
      await house.until('the end', () => refused.endings.length > 0);
      expect(refused.rejections[0]?.reason).to.equal('READ_ONLY');
    }
    house.log.unwritable = false;
    await house.visit('Ada', { room: 'three' });
    await house.visit('Bob', { room: 'three' });
    await house.visit('Ada', { room: 'four' });
    const fifth = house.join('Ada', { room: 'five' });
    await house.until('the end', () => fifth.endings.length > 0);
    expect(fifth.rejections[0]?.reason).to.equal('OVERLOADED');
  });

  it('counts the rooms that its log had before [P12]', async () => {
    const log = new MemoryLog({ memoryEventsPerRoomMax: 100 });
    house = new House({}, log);
    await house.visit('Ada', { room: 'old' });
    await house.close();
    house = new House({ roomsMax: 1 }, log);
    await house.server.repair();
    const fresh = house.join('Ada', { room: 'new' });
    await house.until('the end', () => fresh.endings.length > 0);
    expect(fresh.rejections[0]).to.include({ reason: 'OVERLOADED' });
    await house.visit('Ada', { room: 'old' });
  });

  it('lets one go in which nobody is and nobody ever spoke when another is begun and there are too many [P11] [P12]', async () => {
    house = new House({ roomsMax: 2, unspokenRoomMsMin: 1_000 });
    const ada = await house.visit('Ada', { room: 'silent', resumable: true });
    const { session, logId, sequence, chain } = ada.welcome;
    const bob = await house.visit('Bob', { room: 'spoken' });
    bob.publish('somebody spoke', 1);
    await house.heard(bob, 'somebody spoke');
    for (const peer of [ada, bob]) peer.tell({ kind: 'leave', lamport: 0 });
    await house.until(
      'both have left',
      () => house.lefts('Ada', 'silent').length + house.lefts('Bob', 'spoken').length === 2,
    );
    const early = house.join('Cyd', { room: 'new' });
    await house.until('the end', () => early.endings.length > 0);
    expect(early.rejections[0]?.reason, 'before its time').to.equal('OVERLOADED');

    house.nowMs += 1_000;
    await house.visit('Cyd', { room: 'new' });
    await house.until('it is gone', () => house.log.head('silent') === undefined);
    expect(house.log.heads().map(({ room }) => room)).to.deep.equal(['new', 'spoken']);
    expect(await house.history('silent', 0)).to.include({ kind: 'page', logId: '' });
    const back = house.join('Ada', { room: 'silent', resume: { session, logId, sequence, chain } });
    await house.until('the end', () => back.endings.length > 0);
    expect(back.rejections[0]?.reason).to.equal('HISTORY_LOST');
    // One in which somebody spoke stays, however long nobody is there, and one in which somebody is.
    house.nowMs += 1_000_000;
    const late = house.join('Dan', { room: 'late' });
    await house.until('the end', () => late.endings.length > 0);
    expect(late.rejections[0]).to.include({ reason: 'OVERLOADED' });
  });

  it('goes after a long time in any case, and begins again as another [P11]', async () => {
    house = new House({ unspokenRoomMsMax: 10_000 });
    const ada = await house.visit('Ada', { room: 'silent' });
    const { logId } = ada.welcome;
    ada.tell({ kind: 'leave', lamport: 0 });
    await house.until('she has left', () => ada.endings.length > 0);
    house.nowMs += 10_000;
    const bob = await house.visit('Bob', { room: 'elsewhere' });
    bob.gone();
    await house.until('it is gone', () => house.log.head('silent') === undefined);
    const again = await house.visit('Ada', { room: 'silent' });
    expect(again.welcome).to.include({ sequence: 0 }).and.not.to.include({ logId });
  });

  it('stays where its log cannot forget it, and can be joined as ever [P4]', async () => {
    house = new House({ roomsMax: 1, unspokenRoomMsMin: 0, readOnlyMs: 10 });
    const ada = await house.visit('Ada', { room: 'silent' });
    const { logId } = ada.welcome;
    ada.tell({ kind: 'leave', lamport: 0 });
    await house.until('she has left', () => ada.endings.length > 0);
    house.log.unwritable = true;
    house.join('Bob', { room: 'new' });
    await house.until('it is told', () => house.logged('room-not-removed').length > 0);
    house.log.unwritable = false;
    house.nowMs += 1_000;
    expect((await house.visit('Ada', { room: 'silent' })).welcome).to.include({ logId });
  });

  it('makes none for a join that is refused [P12]', async () => {
    house = new House({ roomsMax: 1 });
    house.join('server', { room: 'one' });
    house.join('Ada', { room: 'two', lamport: 2 ** 52 + 1 });
    house.join('Ada', { room: 'Three' });
    await house.until('all have ended', () => house.peers.every(({ endings }) => endings.length > 0));
    expect(house.peers.map(({ rejections }) => rejections[0]?.reason)).to.deep.equal([
      'NAME_INVALID',
      'LAMPORT_TOO_FAR_AHEAD',
      'ROOM_INVALID',
    ]);
    await house.visit('Ada', { room: 'four' });
  });

  it('measures a sender by the newest time in any of them [P7]', async () => {
    const lead = 64;
    house = new House({ lamportStartMax: lead, lamportLeadMax: lead });
    await house.visit('Ada', { room: 'one', lamport: lead });
    const bob = await house.visit('Bob', { room: 'two', lamport: 2 * lead });
    expect(bob.events[0]).to.include({ lamport: 2 * lead + 1 });
    const cyd = house.join('Cyd', { room: 'three', lamport: 3 * lead + 2 });
    await house.until('the end', () => cyd.endings.length > 0);
    expect(cyd.rejections[0]).to.include({ reason: 'LAMPORT_TOO_FAR_AHEAD' });
    await house.visit('Cyd', { room: 'three', lamport: 3 * lead + 1 });
  });

  it('answers a join with `failed` where a room’s log cannot be read, and serves the others', async () => {
    const log = new MemoryLog({ memoryEventsPerRoomMax: 100 });
    house = new House({}, log);
    await house.visit('Ada', { room: 'broken' });
    await house.close();
    house = new House({}, log);
    house.log.recoverFaults = 2;
    await house.server.repair();
    const ada = house.join('Ada', { room: 'broken' });
    await house.until('an end', () => ada.ending !== undefined);
    expect(ada.endings).to.deep.equal([{ kind: 'failed' }]);
    expect(house.logged('room-unreadable')).to.have.length(2);
    await house.visit('Bob', { room: 'sound' });
    const again = await house.visit('Ada', { room: 'broken' });
    expect(again.welcome.participants, 'her session of before has ended').to.deep.equal([]);
  });
});
