import { expect } from 'chai';
import type { ResumePlace } from '../../../lib/codec/messages.js';
import type { RoomEvent } from '../../../lib/core/event.js';
import type { EventLog } from '../../../lib/server/log/event-log.js';
import { MemoryLog } from '../../../lib/server/log/memory-log.js';
import type { FakePeer } from './fake-peer.js';
import { House } from './house.js';

const told = (events: readonly RoomEvent[]) =>
  events.map((event) => `${event.participant} ${event.kind === 'message' ? event.text : event.kind}`);

/** Where a stream is that has taken in all it was sent. */
function placeOf(peer: FakePeer): ResumePlace {
  const { session, logId, sequence, chain } = peer.welcome;
  const last = peer.events.at(-1);
  return { session, logId, sequence: last?.sequence ?? sequence, chain: last?.chain ?? chain };
}

describe('A resumable session', () => {
  let house: House;
  const under = (limits: ConstructorParameters<typeof House>[0] = {}, log?: EventLog) => {
    house = new House(limits, log);
    return house;
  };
  const heard = (peer: FakePeer, what: string) => house.until(what, () => told(peer.events).includes(what));

  /** A stream that resumes from `place`, and has its answer. */
  async function resume(place: ResumePlace, room = ''): Promise<FakePeer> {
    const peer = house.join('', { room, resume: place });
    await house.until('an answer', () => peer.welcomed || peer.rejections.length > 0);
    return peer;
  }

  async function refusal(place: ResumePlace, room = ''): Promise<string | undefined> {
    const peer = await resume(place, room);
    expect(peer.ending?.kind).to.equal('refused');
    return peer.rejections[0]?.reason;
  }

  /** Ada's resumable session and Bob, who hears everything. */
  async function adaAndBob(limits: Parameters<typeof under>[0] = {}): Promise<{ ada: FakePeer; bob: FakePeer }> {
    under({ graceMs: 60_000, ...limits });
    const bob = await house.visit('Bob');
    const ada = await house.visit('Ada', { resumable: true });
    return { ada, bob };
  }

  afterEach(() => house.close());

  it('goes on from its place with all that it missed, and nobody is told [P2] [P3] [P8]', async () => {
    const { ada, bob } = await adaAndBob();
    ada.publish('one', 4);
    await heard(ada, 'Ada one');
    const place = placeOf(ada);
    ada.gone();
    bob.publish('while she was away', 1);
    await heard(bob, 'Bob while she was away');
    const again = await resume(place);
    await heard(again, 'Bob while she was away');
    expect(again.welcome).to.deep.include({ ...place, resumed: true, ordinal: 4, newest: 4, room: 'lobby' });
    expect(again.welcome.participants).to.deep.equal(['Bob', 'Ada']);
    expect(told(again.events)).to.deep.equal(['Bob while she was away']);
    again.publish('two', 5);
    await heard(bob, 'Ada two');
    expect(told(house.events())).to.deep.equal([
      'Bob joined',
      'Ada joined',
      'Ada one',
      'Bob while she was away',
      'Ada two',
    ]);
  });

  it('keeps its name during the grace, and leaves once after it [S6] [P8]', async () => {
    const { ada, bob } = await adaAndBob({ graceMs: 20 });
    ada.gone();
    const other = house.join('ada');
    await house.until('the name is taken', () => other.rejections.length > 0);
    expect(other.rejections[0]?.reason).to.equal('NAME_TAKEN');
    await heard(bob, 'Ada left');
    expect(house.lefts('Ada').map((left) => left.kind === 'left' && left.reason)).to.deep.equal(['CONNECTION_LOST']);
    expect(await refusal(placeOf(ada))).to.equal('SESSION_UNKNOWN');
    await house.visit('ada');
  });

  it('leaves at once when it asks to', async () => {
    const { ada, bob } = await adaAndBob();
    ada.tell({ kind: 'leave', lamport: 0 });
    await heard(bob, 'Ada left');
    expect(house.lefts('Ada')[0]).to.include({ reason: 'ASKED' });
    expect(await refusal(placeOf(ada))).to.equal('SESSION_UNKNOWN');
  });

  it('can be spoken for and ended by calls while its stream is away [S3]', async () => {
    const { ada, bob } = await adaAndBob();
    ada.gone();
    expect(await house.publish(ada.welcome.session, 'from afar', 1)).to.include({ kind: 'accepted' });
    expect(await house.leave(ada.welcome.session)).to.include({ kind: 'accepted' });
    await heard(bob, 'Ada left');
    expect(await refusal(placeOf(ada))).to.equal('SESSION_UNKNOWN');
  });

  it('is taken over from a stream that still hangs, which is told so and ends', async () => {
    const { ada, bob } = await adaAndBob();
    const again = await resume(placeOf(ada));
    expect(ada.responses.at(-1)?.farewell).to.deep.equal({ reason: 'TAKEN_OVER', resume: false });
    expect(ada.ending).to.deep.equal({ kind: 'complete' });
    bob.publish('hello', 1);
    await heard(again, 'Bob hello');
    expect(told(ada.events)).to.not.include('Bob hello');
    expect(house.lefts('Ada')).to.be.empty;
    // The old stream's end, which comes now, is not the session's.
    again.publish('still here', 1);
    await heard(bob, 'Ada still here');
  });

  it('is waited for again when its stream goes before its resume is answered', async () => {
    const { ada, bob } = await adaAndBob({ graceMs: 30 });
    ada.gone();
    house.log.hold();
    bob.publish('held', 1);
    await house.until('an append is under way', () => house.log.appends === 3);
    const again = house.join('', { resume: placeOf(ada) });
    again.gone();
    house.log.release();
    await heard(bob, 'Ada left');
    expect(house.lefts('Ada')).to.have.length(1);
  });

  it('is not sent away for waiting for its answer longer than its grace', async () => {
    const { ada, bob } = await adaAndBob({ graceMs: 5 });
    house.log.hold();
    bob.publish('held', 1);
    await house.until('an append is under way', () => house.log.appends === 3);
    ada.gone();
    const again = house.join('', { resume: placeOf(ada) });
    const graceIsOver = new Promise((resolve) => setTimeout(resolve, 20));
    await graceIsOver;
    house.log.release();
    await heard(again, 'Bob held');
    expect(house.lefts('Ada')).to.be.empty;
  });

  it('is resumed also while the log cannot be written, for reading goes on', async () => {
    const { ada, bob } = await adaAndBob({ readOnlyMs: 10 });
    const place = placeOf(ada);
    ada.gone();
    house.log.unwritable = true;
    bob.publish('refused', 1);
    const again = house.join('', { resume: place });
    await house.until('both are answered', () => again.welcomed && bob.rejections.length > 0);
    expect(bob.rejections[0]?.reason).to.equal('READ_ONLY');
    house.log.unwritable = false;
  });

  it('goes on where its grace ended but its Left could not be written: nobody was told that it had left [P8]', async () => {
    const { ada } = await adaAndBob({ graceMs: 5, readOnlyMs: 20 });
    const cyd = await house.visit('Cyd');
    await heard(ada, 'Cyd joined');
    const place = placeOf(ada);
    house.log.unwritable = true;
    cyd.gone();
    ada.gone();
    await house.until('both Lefts are tried', () => house.logged('log-unwritable').length > 1);
    const again = await resume(place);
    expect(again.welcome).to.include({ resumed: true });
    house.log.unwritable = false;
    await heard(again, 'Cyd left');
    expect(house.lefts('Ada')).to.be.empty;
    expect(again.ending).to.equal(undefined);
  });

  it('is told of a fault where nothing of its room’s log can be read', async () => {
    under();
    const ada = await house.visit('Ada', { resumable: true });
    const { log } = house;
    await house.close();
    under({}, log);
    house.log.unreadable = true;
    house.log.recoverFaults = 1;
    const again = house.join('', { room: '', resume: placeOf(ada) });
    await house.until('an end', () => again.ending !== undefined);
    expect(again.ending).to.deep.equal({ kind: 'failed' });
  });

  it('is refused from a place that its log does not hold [P11]', async () => {
    const { ada } = await adaAndBob();
    const place = placeOf(ada);
    expect(await refusal({ ...place, logId: 'another' })).to.equal('HISTORY_LOST');
    expect(await refusal({ ...place, chain: '0123456789abcdef' })).to.equal('HISTORY_LOST');
    expect(await refusal({ ...place, sequence: place.sequence + 1 })).to.equal('HISTORY_LOST');
    expect(await refusal({ ...place, sequence: Number.POSITIVE_INFINITY })).to.equal('HISTORY_LOST');
    expect(await refusal({ ...place, session: `nowhere:${'x'.repeat(22)}` })).to.equal('HISTORY_LOST');
    expect(await refusal({ ...place, session: 'rubbish' })).to.equal('SESSION_UNKNOWN');
    expect(await refusal({ ...place, session: `lobby:${'x'.repeat(22)}` })).to.equal('SESSION_UNKNOWN');
    expect(await refusal(place, 'another-room')).to.equal('SESSION_UNKNOWN');
    expect(ada.ending, 'none of this disturbed it').to.equal(undefined);
  });

  it('finds after its end the events of what it had said [P5]', async () => {
    const { ada } = await adaAndBob();
    const { session } = ada.welcome;
    const first = await house.publish(session, 'once', 1);
    await house.leave(session);
    const again = await house.publish(session, 'once', 1);
    expect(again).to.include({ kind: 'repeated', sequence: first.kind === 'accepted' ? first.sequence : 0 });
    expect(await house.publish(session, 'never', 2)).to.deep.include({ kind: 'rejected' });
  });

  describe('over a restart of the server', () => {
    async function restarted(limits: Parameters<typeof under>[0] = {}): Promise<{ ada: FakePeer }> {
      under({ graceMs: 60_000 });
      const log = new MemoryLog(house.limits);
      under({ graceMs: 60_000 }, log);
      await house.visit('Bob');
      const ada = await house.visit('Ada', { resumable: true });
      ada.publish('before', 7);
      await heard(ada, 'Ada before');
      await house.close();
      expect(ada.responses.at(-1)?.farewell).to.deep.equal({ reason: 'SERVER_STOPPING', resume: true });
      under({ graceMs: 60_000, ...limits }, log);
      await house.server.repair();
      return { ada };
    }

    it('goes on, with the ordinals it had [P5] [P8]', async () => {
      const { ada } = await restarted();
      const again = await resume(placeOf(ada));
      await heard(again, 'Bob left');
      expect(again.welcome).to.include({ resumed: true, ordinal: 7 });
      expect(await house.publish(ada.welcome.session, 'before', 7)).to.include({ kind: 'repeated' });
      expect(house.lefts('Ada')).to.be.empty;
      expect(house.lefts('Bob')[0]).to.include({ reason: 'SERVER_RESTARTED' });
    });

    it('leaves once where it does not come back in time [P8]', async () => {
      await restarted({ graceMs: 20 });
      const cyd = await house.visit('Cyd');
      await heard(cyd, 'Ada left');
      expect(house.lefts('Ada')[0]).to.include({ reason: 'SERVER_RESTARTED' });
    });
  });
});

describe('A plain session', () => {
  it('ends with its stream, and is not there to be resumed [P8]', async () => {
    const house = new House();
    const bob = await house.visit('Bob');
    const ada = await house.visit('Ada');
    ada.gone();
    await house.until('Ada left', () => told(bob.events).includes('Ada left'));
    const again = house.join('', { resume: placeOf(ada) });
    await house.until('an answer', () => again.rejections.length > 0);
    expect(again.rejections[0]?.reason).to.equal('SESSION_UNKNOWN');
    await house.close();
  });
});
