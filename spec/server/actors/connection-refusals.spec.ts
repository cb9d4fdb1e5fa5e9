import { expect } from 'chai';
import { House, told } from './house.js';

describe('A connection refuses', () => {
  let house: House;

  beforeEach(() => {
    house = new House();
  });

  afterEach(() => house.close());

  it('to keep streams that do not join: the one open for longest goes for one more than may be, NOT_JOINED [P12]', async () => {
    house = new House({ unjoinedStreamsPerAddressMax: 2 });
    const ada = await house.visit('Ada');
    const [first, second] = [house.connect(), house.connect()];
    const third = house.connect();
    expect(first.rejections.map(({ reason }) => reason)).to.deep.equal(['NOT_JOINED']);
    expect(first.ending).to.include({ kind: 'refused' });
    second.tell({ kind: 'join', lamport: 0, join: { room: '', name: 'Bob', history: 0, resumable: false } });
    house.connect().gone();
    house.connect();
    expect([ada, second, third].map(({ ending }) => ending)).to.deep.equal([undefined, undefined, undefined]);
    house.connect();
    expect(third.rejections.map(({ reason }) => reason)).to.deep.equal(['NOT_JOINED']);
  });

  it('a join that waits for its turn where too many streams wait: OVERLOADED [P12]', async () => {
    house = new House({ unjoinedStreamsMax: 1, joinsPerSecondMax: 1, joinBurstMax: 1 });
    await house.visit('Ada');
    const bob = house.join('Bob');
    expect(bob.paused).to.equal(true);
    house.connect();
    expect(bob.rejections.map(({ reason }) => reason)).to.deep.equal(['OVERLOADED']);
    expect(bob.rejections[0]?.retryAfterMs).to.equal(house.limits.heldMsMax);
  });

  it('to publish or leave before a join, with the ordinal of what it refuses: NOT_JOINED [P9]', () => {
    const peer = house.connect();
    peer.publish('hi', 7);
    peer.tell({ kind: 'leave', lamport: 0 });
    peer.publish('hi', 2n ** 60n);
    expect(peer.rejections.map(({ reason }) => reason)).to.deep.equal(['NOT_JOINED', 'NOT_JOINED', 'NOT_JOINED']);
    expect(peer.rejections.map(({ ordinal }) => ordinal)).to.deep.equal([7, 0, 2n ** 60n]);
    expect(peer.endings, 'the stream goes on').to.deep.equal([]);
  });

  it('a second join, and the visit goes on: ALREADY_JOINED', async () => {
    const ada = await house.visit('Ada');
    ada.tell({ kind: 'join', lamport: 0, join: { room: 'other', name: 'Bob', history: 0, resumable: false } });
    expect(ada.rejections).to.have.length(1);
    expect(ada.rejections[0]).to.include({ reason: 'ALREADY_JOINED', ordinal: 0 });
    await house.settled(ada);
    expect(ada.endings).to.deep.equal([]);
  });

  it('a second join also while the first is not answered yet', async () => {
    const ada = house.join('Ada');
    ada.tell({ kind: 'join', lamport: 0, join: { room: '', name: 'Bob', history: 0, resumable: false } });
    await house.until('Ada is in', () => ada.events.length > 0);
    expect(ada.rejections.map(({ reason }) => reason)).to.deep.equal(['ALREADY_JOINED']);
    expect(told(house.events())).to.deep.equal(['Ada joined']);
  });

  it('a request that this server does not know, before the join: NOT_JOINED, as any but a join', async () => {
    const peer = house.connect();
    peer.tell({ kind: 'unknown' });
    expect(peer.rejections.map(({ reason }) => reason)).to.deep.equal(['NOT_JOINED']);
  });

  it('a request that this server does not know: NOT_ALLOWED', async () => {
    const ada = await house.visit('Ada');
    ada.tell({ kind: 'unknown' });
    expect(ada.rejections.map(({ reason }) => reason)).to.deep.equal(['NOT_ALLOWED']);
    expect(ada.endings).to.deep.equal([]);
  });

  it('an ordinal beyond 2^53 − 1, named exactly and never rounded: ORDINAL_INVALID', async () => {
    const ada = await house.visit('Ada');
    ada.publish('hi', 2n ** 53n + 1n);
    ada.publish('hi', 2n ** 64n - 1n);
    expect(ada.rejections.map(({ reason }) => reason)).to.deep.equal(['ORDINAL_INVALID', 'ORDINAL_INVALID']);
    expect(ada.rejections.map(({ ordinal }) => ordinal)).to.deep.equal([2n ** 53n + 1n, 2n ** 64n - 1n]);
  });

  it('ordinals of 0 and those gone back to: ORDINAL_INVALID', async () => {
    const ada = await house.visit('Ada');
    ada.publish('zero', 0);
    ada.publish('five', 5);
    ada.publish('four', 4);
    await house.settled(ada);
    expect(ada.rejections.map(({ reason, ordinal }) => [reason, ordinal])).to.deep.equal([
      ['ORDINAL_INVALID', 0],
      ['ORDINAL_INVALID', 4],
    ]);
  });

  it('a resume, for no session outlives its stream here: SESSION_UNKNOWN [P11]', async () => {
    const resume = { session: 'lobby:x', logId: 'l', sequence: 1, chain: '0000000000000000' };
    const peer = house.join('Ada', { resume });
    expect(peer.rejections.map(({ reason }) => reason)).to.deep.equal(['SESSION_UNKNOWN']);
    expect(peer.ending).to.deep.equal({ kind: 'refused', rejection: peer.rejections[0] });
    expect(house.events()).to.deep.equal([]);
  });

  const badJoins = {
    ROOM_INVALID: { room: 'No Room', name: 'Ada' },
    NAME_INVALID: { name: 'server' },
    NAME_TAKEN: { name: 'ＢＯＢ' },
    LAMPORT_TOO_FAR_AHEAD: { name: 'Ada', lamport: Number.POSITIVE_INFINITY },
  };
  for (const [reason, { name, ...options }] of Object.entries(badJoins)) {
    it(`a join and ends its stream by that: ${reason} [P9]`, async () => {
      const bob = await house.visit('Bob');
      const peer = house.join(name, options);
      await house.until('the end', () => peer.endings.length > 0);
      expect(peer.rejections.map((rejection) => rejection.reason)).to.deep.equal([reason]);
      expect(peer.endings).to.deep.equal([{ kind: 'refused', rejection: peer.rejections[0] }]);
      await house.settled(bob);
      expect(told(house.events()).filter((event) => event.endsWith('joined'))).to.deep.equal(['Bob joined']);
    });
  }

  it('a Subscribe by its status alone, which has a place for that', async () => {
    await house.visit('Bob');
    const peer = house.join('Bob', { bidirectional: false });
    await house.until('the end', () => peer.endings.length > 0);
    expect(peer.sent).to.deep.equal([]);
    expect(peer.ending?.kind === 'refused' && peer.ending.rejection.reason).to.equal('NAME_TAKEN');
  });

  it('a stream that never joins, after a while [P12]', async () => {
    house = new House({ joinMsMax: 5 });
    const peer = house.connect();
    await house.until('the end', () => peer.endings.length > 0);
    expect(peer.ending?.kind === 'refused' && peer.ending.rejection.reason).to.equal('NOT_JOINED');
    expect(peer.rejections.map(({ reason }) => reason)).to.deep.equal(['NOT_JOINED']);
  });

  it('what a client pipelines behind a refused join by ending the stream', async () => {
    await house.visit('Bob');
    const peer = house.join('Bob');
    peer.publish('hi', 1);
    peer.tell({ kind: 'leave', lamport: 0 });
    await house.until('gone', () => house.logged('disconnect').length === 1);
    expect(peer.endings).to.have.length(1);
    expect(peer.rejections[0]?.reason).to.equal('NAME_TAKEN');
    expect(told(house.events())).to.deep.equal(['Bob joined']);
  });
});
