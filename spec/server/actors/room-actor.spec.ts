import { expect } from 'chai';
import { chainStart } from '../../../lib/core/chain.js';
import type { Rejection } from '../../../lib/core/rejection.js';
import type { Answer } from '../../../lib/server/room/pending.js';
import type { FakePeer } from './fake-peer.js';
import { eventsIn, House, told } from './house.js';

describe('RoomActor', () => {
  let house: House;

  beforeEach(() => {
    house = new House();
  });

  afterEach(() => house.close());

  /** The same actors with other limits. */
  function under(limits: ConstructorParameters<typeof House>[0]): House {
    house = new House(limits);
    return house;
  }

  function refusal(answer: Answer): Pick<Rejection, 'reason' | 'ordinal' | 'retryAfterMs'> | undefined {
    if (answer.kind !== 'rejected') return undefined;
    const { reason, ordinal, retryAfterMs } = answer.rejection;
    return { reason, ordinal, retryAfterMs };
  }

  const heard = (peer: FakePeer, text: string) =>
    house.until(text, () => told(peer.events).some((event) => event.includes(text)));

  describe('welcomes', () => {
    /** A room with a Joined and so many messages. */
    async function talkOf(messages: number): Promise<FakePeer> {
      const ada = await house.visit('Ada');
      for (let ordinal = 1; ordinal <= messages; ordinal += 1) ada.publish(`${ordinal}`, ordinal);
      await heard(ada, `Ada: ${messages}`);
      return ada;
    }

    it('the first of a room at its beginning [S5]', async () => {
      const ada = await house.visit('Ada', { room: '' });
      const logId = house.log.head('lobby')?.logId;
      expect(ada.responses[0]?.events, 'alone and first').to.deep.equal([]);
      expect(ada.welcome).to.deep.equal({
        session: ada.welcome.session,
        room: 'lobby',
        logId,
        sequence: 0,
        lamport: 0,
        chain: chainStart,
        participants: [],
        resumed: false,
        textLengthMax: 128,
        ordinal: 0,
        newest: 0,
      });
      expect(ada.welcome.session).to.match(/^lobby:[\w-]{22}$/);
      expect(ada.events).to.deep.equal(house.events());
    });

    it('a later one at his own join, without history [P3]', async () => {
      const ada = await talkOf(5);
      await house.visit('Bob');
      const cyd = await house.visit('Cyd');
      const place = house.events().find(({ sequence }) => sequence === 7);
      expect(cyd.welcome).to.include({ sequence: 7, newest: 7, lamport: place?.lamport, chain: place?.chain });
      expect(cyd.welcome.participants).to.deep.equal(['Ada', 'Bob']);
      expect(told(cyd.events)).to.deep.equal(['Cyd joined']);
      expect(ada.welcome.session).not.to.equal(cyd.welcome.session);
    });

    it('a later one with as much history as he asked for, its chain to check it by [P1] [P3]', async () => {
      await talkOf(5);
      const bob = await house.visit('Bob', { history: 3 });
      expect(bob.welcome).to.include({ sequence: 3, newest: 6, chain: house.events()[2]?.chain });
      expect(bob.welcome.lamport, 'the room’s clock now').to.equal(house.events()[5]?.lamport);
      expect(told(bob.events)).to.deep.equal(['Ada: 3', 'Ada: 4', 'Ada: 5', 'Bob joined']);
    });

    it('a later one from the beginning where he asked for more than there is', async () => {
      await talkOf(5);
      const bob = await house.visit('Bob', { history: 4_294_967_295 });
      expect(bob.welcome).to.include({ sequence: 0, newest: 6, chain: chainStart });
      expect(bob.events).to.deep.equal(house.events());
    });

    it('nobody with more history than `historyEventsMax` [P12]', async () => {
      under({ historyEventsMax: 2 });
      await talkOf(5);
      const bob = await house.visit('Bob', { history: 5 });
      expect(bob.welcome).to.include({ sequence: 4, newest: 6 });
      expect(told(bob.events)).to.deep.equal(['Ada: 4', 'Ada: 5', 'Bob joined']);
    });

    it('with what a log that forgets still has, from a place whose chain is known [P11]', async () => {
      under({ memoryEventsPerRoomMax: 10, snapshotEveryEvents: 4, tailBytesMax: 1 });
      const ada = await house.visit('Ada');
      for (let ordinal = 1; ordinal <= 60; ordinal += 1) {
        ada.publish(`${ordinal}`, ordinal);
        await heard(ada, `Ada: ${ordinal}`);
      }
      const bob = await house.visit('Bob', { history: 1_000 });
      const oldest = house.log.oldest('lobby');
      expect(oldest).to.be.greaterThan(1);
      expect(bob.welcome.sequence).to.be.at.least(oldest);
      expect(bob.welcome.newest).to.equal(61);
      expect(bob.welcome.chain).to.equal(house.log.chainAt('lobby', bob.welcome.sequence));
      expect(bob.events.map(({ sequence }) => sequence)).to.deep.equal(
        Array.from({ length: 62 - bob.welcome.sequence }, (_, n) => bob.welcome.sequence + 1 + n),
      );
    });

    it('also where the log forgets all but his own join', async () => {
      under({ memoryEventsPerRoomMax: 1, snapshotEveryEvents: 1, tailBytesMax: 1 });
      const ada = await talkOf(20);
      const bob = await house.visit('Bob', { history: 5 });
      expect(told(bob.events).at(-1)).to.equal('Bob joined');
      ada.publish('hi', 21);
      await heard(bob, 'hi');
    });
  });

  it('makes one order of all that happens, and stamps it [S4] [S8] [P1] [P7]', async () => {
    const ada = await house.visit('Ada', { lamport: 10 });
    const bob = await house.visit('Bob', { lamport: 5 });
    ada.publish('one', 1, { lamport: 20, seen: 2 });
    bob.publish('two', 1, { lamport: 7, seen: 1 });
    ada.tell({ kind: 'leave', lamport: 30 });
    await heard(bob, 'Ada left');
    expect(house.events().map(({ lamport }) => lamport)).to.deep.equal([11, 12, 21, 22, 31]);
    expect(told(bob.events)).to.deep.equal(['Bob joined', 'Ada: one', 'Bob: two', 'Ada left']);
    expect(house.events()[2]).to.include({ seen: 2, ordinal: 1, timeMs: house.nowMs });
  });

  it('tells nobody of an event before it is durable [P4]', async () => {
    const ada = await house.visit('Ada');
    house.log.hold();
    const answer = house.publish(ada.welcome.session, 'hi', 1);
    await house.until('it is in work', () => house.log.appends === 2);
    const bob = house.join('Bob');
    // A request that is answered at once: the room has had its turns.
    await house.participants('lobby');
    expect(told(ada.events)).to.deep.equal(['Ada joined']);
    expect(bob.sent).to.deep.equal([]);
    house.log.release();
    const accepted = await answer;
    expect(accepted.kind === 'accepted' && told(eventsIn(accepted.event))).to.deep.equal(['Ada: hi']);
    await heard(bob, 'Bob joined');
    expect(told(ada.events)).to.include('Ada: hi');
  });

  it('answers a repeated publish with the first one’s event, and publishes it once [P5]', async () => {
    const ada = await house.visit('Ada');
    const { session } = ada.welcome;
    const [first, again] = [await house.publish(session, 'hi', 1), await house.publish(session, 'hi', 1)];
    expect(first).to.include({ kind: 'accepted', sequence: 2 });
    expect(again).to.include({ kind: 'repeated', sequence: 2 });
    expect(again.kind === 'repeated' && eventsIn(again.event)).to.deep.equal(house.events().slice(1));
    ada.publish('hi', 1);
    await house.publish(session, 'two', 2);
    expect(told(house.events())).to.deep.equal(['Ada joined', 'Ada: hi', 'Ada: two']);
    expect(ada.rejections, 'a repeat is no fault').to.deep.equal([]);
  });

  it('refuses a repeat whose event the log has forgotten: ORDINAL_INVALID [P5] [P11]', async () => {
    under({ memoryEventsPerRoomMax: 2, snapshotEveryEvents: 1 });
    const ada = await house.visit('Ada');
    const { session } = ada.welcome;
    for (let ordinal = 1; ordinal <= 20; ordinal += 1) await house.publish(session, `${ordinal}`, ordinal);
    expect(refusal(await house.publish(session, '1', 1))).to.include({ reason: 'ORDINAL_INVALID', ordinal: 1 });
    expect(await house.publish(session, '20', 20)).to.include({ kind: 'repeated', sequence: 21 });
  });

  describe('under load', () => {
    it('refuses commands over `inletDraftsMax` with OVERLOADED, and takes owed leaves all the same [P12] [P8]', async () => {
      under({ inletDraftsMax: 2, overloadedRetryMs: 70 });
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
      await heard(ada, 'Bob left');
      expect(await house.publish(ada.welcome.session, '3', 3)).to.include({ kind: 'accepted' });
    });

    it('refuses commands over `inletsDraftsMax` of all rooms together with OVERLOADED [P12]', async () => {
      under({ inletsDraftsMax: 3 });
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
      under({ publishesPerSecondMax: 10, publishBurstMax: 2 });
      const ada = await house.visit('Ada');
      const bob = await house.visit('Bob');
      const { session } = ada.welcome;
      for (const ordinal of [1, 2])
        expect(await house.publish(session, 'hi', ordinal)).to.include({ kind: 'accepted' });
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
      under({ publishesPerSecondMax: 10, publishBurstMax: 2 });
      const ada = house.join('Ada');
      for (let ordinal = 1; ordinal <= 5; ordinal += 1) ada.publish(`${ordinal}`, ordinal);
      await heard(ada, 'Ada: 2');
      expect(ada.rejections.map(({ reason, ordinal }) => [reason, ordinal])).to.deep.equal([
        ['RATE_LIMITED', 3],
        ['RATE_LIMITED', 4],
        ['RATE_LIMITED', 5],
      ]);
    });

    it('commits together what came together: one append for many [P12]', async () => {
      under({ groupDraftsMax: 8 });
      const ada = await house.visit('Ada');
      const before = house.log.appends;
      for (let ordinal = 1; ordinal <= 24; ordinal += 1) ada.publish(`${ordinal}`, ordinal);
      await heard(ada, 'Ada: 24');
      expect(house.log.appends - before).to.equal(3);
      expect(ada.responses.map(({ events }) => events.length).slice(2)).to.deep.equal([8, 8, 8]);
    });
  });

  describe('while its log cannot be written', () => {
    beforeEach(() => {
      under({ readOnlyMs: 20 });
    });

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
      await heard(ada, 'still here');
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
      await heard(cyd, 'Ada left');
      await heard(cyd, 'Bob left');
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

  describe('with a join and its leave in one group', () => {
    it('ends the stream after its own Left, at once and with nothing beyond it [P8]', async () => {
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
      const first = await house.visit('Ada');
      first.tell({ kind: 'leave', lamport: 0 });
      const second = house.join('Ada');
      await house.until('the second is in', () => second.welcomed);
      expect(house.log.appends, 'one group').to.equal(2);
      expect(await house.participants('lobby')).to.deep.equal(['Ada']);
    });
  });

  describe('after a failure', () => {
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
      await heard(bob, 'Ada left');
      expect(ada.endings).to.deep.equal([{ kind: 'failed' }]);
      expect(bob.endings).to.deep.equal([]);
      expect(house.lefts('Ada')).to.have.length(1);
    });

    it('tells what had become durable, though nobody knew [P4]', async () => {
      const ada = await house.visit('Ada');
      const bob = await house.visit('Bob');
      house.log.appendFaults.push('after');
      expect(await house.publish(ada.welcome.session, 'kept', 1)).to.deep.equal({ kind: 'failed' });
      await heard(bob, 'Ada: kept');
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
      await heard(ada, 'Bob left');
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
      await heard(bob, 'Ada left');
      expect(told(ada.events).at(-1)).to.equal('Ada left');
      expect(ada.endings).to.deep.equal([{ kind: 'complete' }]);
      expect(house.lefts('Ada')).to.have.length(1);
    });

    it('owes the leaves that were under way [P8]', async () => {
      const ada = await house.visit('Ada');
      const bob = await house.visit('Bob');
      house.log.appendFaults.push('before');
      ada.gone();
      await heard(bob, 'Ada left');
      expect(house.lefts('Ada')).to.have.length(1);
    });

    it('sends nobody a gap where the log had more than was told [P3]', async () => {
      const ada = await house.visit('Ada');
      const slow = await house.visit('Bob', { takes: 2 });
      expect(slow.writable).to.equal(false);
      ada.publish('one', 1);
      await heard(ada, 'Ada: one');
      house.log.appendFaults.push('after');
      const cyd = house.join('Cyd');
      await house.until('Cyd was failed', () => cyd.endings.length > 0);
      await heard(ada, 'Cyd left');
      ada.publish('two', 2);
      await heard(ada, 'Ada: two');
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
      await heard(bob, 'in the middle');
      expect(await house.publish(bob.welcome.session, 'after', 1)).to.include({ kind: 'accepted' });
      expect(house.logged('room-failed')).to.have.length(1);
      await heard(bob, 'Bob: after');
      expect(bob.events).to.deep.equal(house.events().slice(1));
      expect(told(house.events()).slice(2, 3)).to.deep.equal(['Ada: in the middle']);
    });

    it('waits for that one also when it comes to its end, before it is opened again [P1]', async () => {
      under({ roomRestartsPerMinuteMax: 0 });
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
      under({ roomRestartsPerMinuteMax: 2 });
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
      await heard(elsewhere, 'hi');
      const again = await house.visit('Ada');
      expect(again.welcome.participants, 'the room opened again without ghosts').to.deep.equal([]);
      expect(told(house.events())).to.deep.equal(['Ada joined', 'Bob joined', 'Ada left', 'Bob left', 'Ada joined']);
    });

    it('may fail again later: restarts are counted by the minute', async () => {
      under({ roomRestartsPerMinuteMax: 2 });
      const ada = await house.visit('Ada');
      for (let ordinal = 1; ordinal <= 6; ordinal += 1) {
        house.log.appendFaults.push('before');
        expect(await house.publish(ada.welcome.session, 'lost', ordinal)).to.deep.equal({ kind: 'failed' });
        house.nowMs += 30_000;
      }
      expect(ada.endings).to.deep.equal([]);
    });

    it('does not restart at all where none is allowed', async () => {
      under({ roomRestartsPerMinuteMax: 0 });
      const ada = await house.visit('Ada');
      house.log.appendFaults.push('before');
      expect(await house.publish(ada.welcome.session, 'lost', 1)).to.deep.equal({ kind: 'failed' });
      expect(ada.endings).to.deep.equal([{ kind: 'failed' }]);
    });
  });

  it('forgets what ended sessions said where all rooms together remember too much, the room used longest ago first [P5] [P12]', async () => {
    under({ endedOrdinalsInAllMax: 5, snapshotEveryEvents: 1 });
    const said: Record<string, string> = {};
    const visit = async (name: string, room: string, messages: number) => {
      const { welcome } = await house.visit(name, { room });
      said[name] = welcome.session;
      for (let ordinal = 1; ordinal <= messages; ordinal += 1) {
        expect(await house.publish(welcome.session, `${ordinal}`, ordinal)).to.include({ kind: 'accepted' });
      }
      await house.leave(welcome.session);
    };
    /** What becomes of the first message when it is sent again. */
    const repeated = async (name: string) => {
      const answer = await house.publish(said[name] ?? '', '1', 1);
      return refusal(answer)?.reason ?? answer.kind;
    };
    await visit('Ada', 'tea', 2);
    await visit('Bob', 'cup', 2);
    await visit('Cyd', 'tea', 1);
    expect(await Promise.all(['Ada', 'Bob', 'Cyd'].map(repeated))).to.deep.equal(Array(3).fill('repeated'));
    await visit('Dan', 'tea', 2);
    expect(await Promise.all(['Ada', 'Bob', 'Cyd', 'Dan'].map(repeated))).to.deep.equal([
      ...['repeated', 'SESSION_UNKNOWN'],
      ...['repeated', 'repeated'],
    ]);
    await visit('Eve', 'cup', 1);
    expect(await Promise.all(['Ada', 'Eve'].map(repeated))).to.deep.equal(['SESSION_UNKNOWN', 'repeated']);
    // A room that has forgotten goes on, and so does its next life.
    await house.close();
    house = new House({}, house.log);
    await visit('Fay', 'cup', 1);
    expect(await Promise.all(['Eve', 'Fay'].map(repeated))).to.deep.equal(['repeated', 'repeated']);
    expect(house.logged('room-unreadable')).to.deep.equal([]);
  });

  it('records joins, leaves and deliveries with their identifiers [T3] [T4]', async () => {
    const ada = await house.visit('Ada');
    ada.publish('a secret', 1);
    await heard(ada, 'secret');
    await house.leave(ada.welcome.session);
    const participant = { level: 'info', room: 'lobby', participant: 'Ada' };
    const [joined, left] = [house.logged('broadcast-join')[0], house.logged('broadcast-leave')[0]];
    expect(joined).to.include({ ...participant, sequence: 1, lamport: 1 });
    expect(left).to.include({ ...participant, sequence: 3, lamport: 3 });
    expect(joined?.session).to.equal(left?.session);
    const chains = house.events().map(({ chain }) => chain);
    const { logId } = ada.welcome;
    expect([joined, left].map((record) => [record?.logId, record?.chain])).to.deep.equal([
      [logId, chains[0]],
      [logId, chains[2]],
    ]);
    const deliveries = house.logged('delivery');
    expect(deliveries.map((record) => [record.sequence, record.last, record.lamport, record.chain])).to.deep.equal([
      [1, 1, 1, chains[0]],
      [2, 2, 2, chains[1]],
      [3, 3, 3, chains[2]],
    ]);
    for (const record of deliveries) expect(record.logId).to.equal(logId);
    expect(JSON.stringify(house.records)).not.to.include('a secret');
  });
});
