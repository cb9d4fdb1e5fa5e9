import { expect } from 'chai';
import type { LeftReason } from '../../../lib/core/event.js';
import type { FakePeer } from './fake-peer.js';
import { House, told } from './house.js';

describe('A client that will send no more', () => {
  let house: House;

  const under = (limits: ConstructorParameters<typeof House>[0] = {}) => {
    house = new House({ graceMs: 60_000, readOnlyMs: 5, ...limits });
    return house;
  };

  afterEach(() => house.close());

  const heard = (peer: FakePeer, what: string) => house.until(what, () => told(peer.events).includes(what));

  const halfClose = (peer: FakePeer) => peer.tell({ kind: 'half-closed' });

  const reasons = (name: string): LeftReason[] =>
    house.lefts(name).flatMap((event) => (event.kind === 'left' ? event.reason : []));

  /** A stream that goes on with what `peer` has taken in. */
  function resuming(peer: FakePeer): FakePeer {
    const { session, logId } = peer.welcome;
    const { sequence = 0, chain = '' } = peer.events.at(-1) ?? {};
    return house.join('', { room: '', resume: { session, logId, sequence, chain } });
  }

  async function resumed(peer: FakePeer): Promise<FakePeer> {
    const again = resuming(peer);
    await house.until('it goes on', () => again.welcomed);
    return again;
  }

  /** That its leave is refused, because the log cannot be written. */
  async function leaveRefused(peer: FakePeer, lamport = 0): Promise<void> {
    house.log.unwritable = true;
    peer.tell({ kind: 'leave', lamport });
    await house.until('a refusal', () => peer.rejections.length > 0);
    expect(peer.rejections.map(({ reason }) => reason)).to.deep.equal(['READ_ONLY']);
  }

  it('leaves a plain session, and is sent its own Left [S6]', async () => {
    under();
    const ada = await house.visit('Ada');
    halfClose(ada);
    await house.until('the end', () => ada.endings.length > 0);
    expect(told(ada.events)).to.deep.equal(['Ada joined', 'Ada left']);
    expect(reasons('Ada')).to.deep.equal(['ASKED']);
  });

  it('leaves a plain session also before its join is answered', async () => {
    under();
    const bob = await house.visit('Bob');
    const ada = house.join('Ada');
    halfClose(ada);
    await heard(bob, 'Ada left');
    expect(reasons('Ada')).to.deep.equal(['ASKED']);
  });

  it('loses a resumable session’s stream, and goes on with the session by another one: nobody is told [P8]', async () => {
    under();
    const bob = await house.visit('Bob');
    const ada = await house.visit('Ada', { resumable: true });
    ada.publish('said before', 1);
    halfClose(ada);
    expect(ada.endings).to.deep.equal([{ kind: 'complete' }]);
    await heard(bob, 'Ada: said before');
    const again = await resumed(ada);
    again.publish('said after', 2);
    await heard(bob, 'Ada: said after');
    expect(told(house.events())).to.deep.equal(['Bob joined', 'Ada joined', 'Ada: said before', 'Ada: said after']);
  });

  it('has lost it for good after its grace', async () => {
    under({ graceMs: 5 });
    const bob = await house.visit('Bob');
    halfClose(await house.visit('Ada', { resumable: true }));
    await heard(bob, 'Ada left');
    expect(reasons('Ada')).to.deep.equal(['CONNECTION_LOST']);
  });

  it('loses it for good before its join is answered, for nobody could resume it', async () => {
    under();
    const bob = await house.visit('Bob');
    halfClose(house.join('Ada', { resumable: true }));
    await heard(bob, 'Ada left');
    expect(reasons('Ada')).to.deep.equal(['CONNECTION_LOST']);
  });

  it('loses the stream of a session that was resumed like one that was joined, also before the answer', async () => {
    under();
    const bob = await house.visit('Bob');
    const ada = await house.visit('Ada', { resumable: true });
    halfClose(ada);
    halfClose(await resumed(ada));
    halfClose(resuming(ada));
    const again = await resumed(ada);
    again.publish('still here', 1);
    await heard(bob, 'Ada: still here');
    expect(reasons('Ada')).to.deep.equal([]);
  });

  it('is a lost connection again where it has spoken since it was refused a leave', async () => {
    under();
    const bob = await house.visit('Bob');
    const ada = await house.visit('Ada', { resumable: true });
    await leaveRefused(ada);
    house.log.unwritable = false;
    house.nowMs += house.limits.readOnlyMs;
    ada.publish('I stay after all', 1);
    await heard(bob, 'Ada: I stay after all');
    halfClose(ada);
    await house.until('it is awaited', () => house.logged('awaited').length > 0);
    expect(reasons('Ada')).to.deep.equal([]);
  });

  it('does not disturb the stream that has its session now', async () => {
    under();
    const ada = await house.visit('Ada', { resumable: true });
    const again = await resumed(ada);
    halfClose(ada);
    ada.gone();
    again.publish('still here', 1);
    await heard(again, 'Ada: still here');
    expect(reasons('Ada')).to.deep.equal([]);
  });

  it('is still sent what is up to its Left where a call has ended its session', async () => {
    under();
    const ada = await house.visit('Ada', { resumable: true, takes: 2 });
    await house.leave(ada.welcome.session);
    halfClose(ada);
    ada.drain();
    await house.until('the end', () => ada.endings.length > 0);
    expect(told(ada.events)).to.deep.equal(['Ada joined', 'Ada left']);
    expect(reasons('Ada')).to.deep.equal(['ASKED']);
  });

  for (const resumable of [false, true]) {
    const session = resumable ? 'resumable' : 'plain';

    it(`is owed the leave from a ${session} session that was refused to it [P8]`, async () => {
      under();
      const ada = await house.visit('Ada', { resumable });
      await leaveRefused(ada);
      halfClose(ada);
      await house.until('it was tried', () => house.logged('log-unwritable').length > 2);
      expect(ada.endings, 'it waits').to.deep.equal([]);
      house.log.unwritable = false;
      await house.until('the end', () => ada.endings.length > 0);
      expect(told(ada.events)).to.deep.equal(['Ada joined', 'Ada left']);
      expect(reasons('Ada')).to.deep.equal(['ASKED']);
    });
  }

  it('is owed it at the time at which it asked, also where that is not refused yet [P7]', async () => {
    under();
    const ada = await house.visit('Ada', { resumable: true });
    const bob = await house.visit('Bob', { resumable: true });
    await leaveRefused(ada, 500);
    halfClose(ada);
    bob.tell({ kind: 'leave', lamport: 700 });
    halfClose(bob);
    house.log.unwritable = false;
    await house.until('both ends', () => ada.endings.length > 0 && bob.endings.length > 0);
    expect(house.lefts('Ada')[0]?.lamport).to.be.greaterThan(500);
    expect(house.lefts('Bob')[0]?.lamport).to.be.greaterThan(700);
  });

  it('is owed it also where it asked at a time too far ahead, which does not count [P7] [P8]', async () => {
    under();
    const ada = await house.visit('Ada', { resumable: true });
    ada.tell({ kind: 'leave', lamport: Number.POSITIVE_INFINITY });
    await house.until('a refusal', () => ada.rejections.length > 0);
    expect(ada.rejections.map((refusal) => refusal.reason)).to.deep.equal(['LAMPORT_TOO_FAR_AHEAD']);
    halfClose(ada);
    await house.until('the end', () => ada.endings.length > 0);
    expect(house.lefts('Ada').map(({ lamport }) => lamport)).to.deep.equal([(house.events()[0]?.lamport ?? 0) + 1]);
  });

  it('has asked, whatever becomes of its connection and its grace after that', async () => {
    under({ graceMs: 5 });
    const bob = await house.visit('Bob');
    const ada = await house.visit('Ada', { resumable: true });
    await leaveRefused(ada);
    halfClose(ada);
    ada.gone();
    await house.until('it is awaited', () => house.logged('awaited').length > 0);
    const tries = house.logged('log-unwritable').length;
    await house.until('its grace is over', () => house.logged('log-unwritable').length > tries + 3);
    house.log.unwritable = false;
    await heard(bob, 'Ada left');
    expect(reasons('Ada')).to.deep.equal(['ASKED']);
  });

  it('has not asked for the leave that another stream of its session was refused', async () => {
    under();
    const ada = await house.visit('Ada', { resumable: true });
    await leaveRefused(ada);
    ada.gone();
    halfClose(await resumed(ada));
    house.log.unwritable = false;
    house.nowMs += 1_000;
    const again = await resumed(ada);
    again.publish('still here', 1);
    await heard(again, 'Ada: still here');
    expect(reasons('Ada')).to.deep.equal([]);
  });
});
