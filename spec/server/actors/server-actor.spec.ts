import { expect } from 'chai';
import { sessionId } from '../../../lib/core/session-id.js';
import { atOnce } from '../../../lib/core/slices.js';
import type { HistoryAnswer } from '../../../lib/server/actors/messages.js';
import { MemoryLog } from '../../../lib/server/log/memory-log.js';
import type { Answer } from '../../../lib/server/room/pending.js';
import type { FakePeer } from './fake-peer.js';
import { eventsIn, House, told } from './house.js';

describe('ServerActor', () => {
  let house: House;

  beforeEach(() => {
    house = new House();
  });

  afterEach(() => house.close());

  function under(limits: ConstructorParameters<typeof House>[0], log?: MemoryLog): House {
    house = new House(limits, log);
    return house;
  }

  function reasonOf(answer: Answer | HistoryAnswer): string | undefined {
    return answer.kind === 'rejected' ? answer.rejection.reason : undefined;
  }

  const heard = (peer: FakePeer, text: string) =>
    house.until(text, () => told(peer.events).some((event) => event.includes(text)));

  it('keeps rooms apart [S4]', async () => {
    const ada = await house.visit('Ada', { room: 'one' });
    const other = await house.visit('Ada', { room: 'two' });
    ada.publish('in one', 1);
    other.publish('in two', 1);
    await heard(ada, 'in one');
    await heard(other, 'in two');
    expect(told(ada.events)).to.deep.equal(['Ada joined', 'Ada: in one']);
    expect(told(other.events)).to.deep.equal(['Ada joined', 'Ada: in two']);
  });

  describe('with rooms', () => {
    it('refuses a join that would make one more than `roomsMax` with OVERLOADED [P12]', async () => {
      under({ roomsMax: 2 });
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
      under({ roomsMax: 2, readOnlyMs: 10 });
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
      under({}, log);
      await house.visit('Ada', { room: 'old' });
      await house.close();
      under({ roomsMax: 1 }, log);
      await house.server.repair();
      const fresh = house.join('Ada', { room: 'new' });
      await house.until('the end', () => fresh.endings.length > 0);
      expect(fresh.rejections[0]).to.include({ reason: 'OVERLOADED' });
      await house.visit('Ada', { room: 'old' });
    });

    it('lets one go in which nobody is and nobody ever spoke when another is begun and there are too many [P11] [P12]', async () => {
      under({ roomsMax: 2, unspokenRoomMsMin: 1_000 });
      const ada = await house.visit('Ada', { room: 'silent', resumable: true });
      const { session, logId, sequence, chain } = ada.welcome;
      const bob = await house.visit('Bob', { room: 'spoken' });
      bob.publish('somebody spoke', 1);
      await heard(bob, 'somebody spoke');
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
      under({ unspokenRoomMsMax: 10_000 });
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
      under({ roomsMax: 1, unspokenRoomMsMin: 0, readOnlyMs: 10 });
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
      under({ roomsMax: 1 });
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
      under({ lamportStartMax: lead, lamportLeadMax: lead });
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
      under({}, log);
      await house.visit('Ada', { room: 'broken' });
      await house.close();
      under({}, log);
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

  describe('answers unary calls', () => {
    it('publishes and leaves by session [S3] [S6]', async () => {
      const ada = await house.visit('Ada');
      const bob = await house.visit('Bob');
      const { session } = ada.welcome;
      const published = await house.publish(session, 'hi', 1, 9);
      expect(published).to.include({ kind: 'accepted', sequence: 3 });
      expect(published.kind === 'accepted' && eventsIn(published.event)[0]).to.include({ text: 'hi', lamport: 10 });
      const left = await house.leave(session, 20);
      expect(left.kind === 'accepted' && eventsIn(left.event)).to.deep.equal(house.events().slice(3));
      await heard(bob, 'Ada left');
      expect(house.lefts('Ada')[0]).to.include({ reason: 'ASKED', lamport: 21 });
    });

    it('refuses sessions that are none, or of rooms that are none, or over: SESSION_UNKNOWN [P9]', async () => {
      const ada = await house.visit('Ada');
      const { session } = ada.welcome;
      const sessions = [
        '',
        'lobby',
        'lobby:short',
        `${session}x`,
        '\ud800',
        sessionId('lobby', Buffer.alloc(16, 99)),
        sessionId('nowhere', Buffer.alloc(16, 1)),
      ];
      for (const wrong of sessions) {
        expect(reasonOf(await house.publish(wrong, 'hi', 3)), wrong).to.equal('SESSION_UNKNOWN');
        expect(reasonOf(await house.leave(wrong)), wrong).to.equal('SESSION_UNKNOWN');
      }
      await house.leave(session);
      const over = await house.publish(session, 'hi', 3);
      expect(over.kind === 'rejected' && over.rejection).to.include({ reason: 'SESSION_UNKNOWN', ordinal: 3 });
      expect(told(house.events())).to.deep.equal(['Ada joined', 'Ada left']);
    });

    it('refuses an ordinal beyond 2^53 − 1 by its exact number: ORDINAL_INVALID', async () => {
      const ada = await house.visit('Ada');
      const answer = await house.publish(ada.welcome.session, 'hi', 2n ** 63n + 1n);
      expect(answer.kind === 'rejected' && answer.rejection).to.include({
        reason: 'ORDINAL_INVALID',
        ordinal: 2n ** 63n + 1n,
      });
    });

    const badTexts = { TEXT_EMPTY: ' ', TEXT_TOO_LONG: 'x'.repeat(129), TEXT_INVALID: '\u001b[2J' };
    for (const [reason, text] of Object.entries(badTexts)) {
      it(`refuses a text and makes no event of it: ${reason} [P9] [S3]`, async () => {
        const ada = await house.visit('Ada');
        const answer = await house.publish(ada.welcome.session, text, 4);
        expect(answer.kind === 'rejected' && answer.rejection).to.include({ reason, ordinal: 4, retryAfterMs: 0 });
        expect(told(house.events())).to.deep.equal(['Ada joined']);
      });
    }

    it('refuses a time too far ahead, the clock untouched: LAMPORT_TOO_FAR_AHEAD [P7]', async () => {
      const ada = await house.visit('Ada');
      const { session } = ada.welcome;
      expect(reasonOf(await house.publish(session, 'hi', 1, Number.POSITIVE_INFINITY))).to.equal(
        'LAMPORT_TOO_FAR_AHEAD',
      );
      expect(reasonOf(await house.leave(session, 2 ** 53))).to.equal('LAMPORT_TOO_FAR_AHEAD');
      await house.publish(session, 'hi', 1);
      expect(house.events()[1]).to.include({ lamport: 2 });
    });
  });

  describe('reads history', () => {
    async function talkOf(messages: number): Promise<void> {
      const ada = await house.visit('Ada');
      for (let ordinal = 1; ordinal <= messages; ordinal += 1) ada.publish(`${ordinal}`, ordinal);
      await heard(ada, `Ada: ${messages}`);
    }

    async function sequences(after: number, limit?: number): Promise<number[]> {
      const page = await house.history('lobby', after, limit);
      if (page.kind !== 'page') throw new Error('no page');
      return eventsIn(page.events).map(({ sequence }) => sequence);
    }

    it('by pages, with the log’s id and newest sequence', async () => {
      await talkOf(5);
      const page = await house.history('lobby', 0);
      expect(page).to.include({ kind: 'page', logId: house.log.head('lobby')?.logId, newest: 6 });
      expect(page.kind === 'page' && eventsIn(page.events)).to.deep.equal(house.events());
      expect(await sequences(2, 2)).to.deep.equal([3, 4]);
      expect(await sequences(5)).to.deep.equal([6]);
      expect(await sequences(6)).to.deep.equal([]);
      expect(await sequences(99, 3)).to.deep.equal([]);
      expect(await sequences(Number.POSITIVE_INFINITY)).to.deep.equal([]);
    });

    it('of at most `historyEventsMax` events a page [P12]', async () => {
      under({ historyEventsMax: 3 });
      await talkOf(5);
      expect(await sequences(0)).to.deep.equal([1, 2, 3]);
      expect(await sequences(0, 4_294_967_295)).to.deep.equal([1, 2, 3]);
      expect(await sequences(0, 2)).to.deep.equal([1, 2]);
    });

    it('of a room without events: none, and of a log without id', async () => {
      const page = await house.history('nowhere', 0);
      expect(page).to.include({ kind: 'page', logId: '', newest: 0 });
      expect(page.kind === 'page' && page.events.length).to.equal(0);
      expect(house.log.heads(), 'asking makes no room').to.deep.equal([]);
    });

    it('never with a silent gap where events were forgotten: HISTORY_LOST [P11]', async () => {
      under({ memoryEventsPerRoomMax: 3, snapshotEveryEvents: 1, groupDraftsMax: 1 });
      await talkOf(20);
      const oldest = house.log.oldest('lobby');
      expect(oldest).to.be.greaterThan(2);
      expect(reasonOf(await house.history('lobby', 0))).to.equal('HISTORY_LOST');
      expect(reasonOf(await house.history('lobby', oldest - 2))).to.equal('HISTORY_LOST');
      expect((await sequences(oldest - 1))[0]).to.equal(oldest);
    });

    it('answers with `failed` where the log cannot be read, and serves on', async () => {
      await house.visit('Ada');
      house.log.unreadable = true;
      expect(await house.history('lobby', 0)).to.deep.equal({ kind: 'failed' });
      expect(house.logged('room-unreadable')).to.have.length(1);
      house.log.unreadable = false;
      expect(await sequences(0)).to.deep.equal([1]);
    });

    it('refuses what is no room: ROOM_INVALID', async () => {
      for (const room of ['', 'No Room', '\ud800', 'x'.repeat(65)]) {
        expect(reasonOf(await house.history(room, 0)), room).to.equal('ROOM_INVALID');
        expect(await house.participants(room), room).to.include({ kind: 'rejected' });
      }
    });
  });

  it('lists rooms, those of its log too, and who is in one', async () => {
    const ada = await house.visit('Ada', { room: 'one' });
    await house.visit('Bob', { room: 'one' });
    await house.visit('Cyd', { room: 'two' });
    ada.gone();
    await house.until('Ada has left', () => house.lefts('Ada', 'one').length > 0);
    expect(await house.rooms()).to.deep.equal([
      ['one', 1],
      ['two', 1],
    ]);
    expect(await house.rooms('one')).to.deep.equal([['two', 1]]);
    expect(await house.rooms('', 1)).to.deep.equal([['one', 1]]);
    expect(await house.participants('one')).to.deep.equal(['Bob']);
    expect(await house.participants('nowhere')).to.deep.equal([]);
  });

  describe('at its start', () => {
    /** What a server leaves that is stopped with Ada and Bob in the lobby and Cyd in another room. */
    async function earlierLife(): Promise<MemoryLog> {
      const log = new MemoryLog({ memoryEventsPerRoomMax: 100 });
      under({}, log);
      const ada = await house.visit('Ada');
      await house.visit('Bob');
      await house.visit('Cyd', { room: 'other' });
      const gone = await house.visit('Dan');
      gone.gone();
      await heard(ada, 'Dan left');
      await house.close();
      return log;
    }

    it('ends the sessions of its earlier life, each once [P8]', async () => {
      const log = await earlierLife();
      under({}, log);
      await house.server.repair();
      expect(told(house.events()).slice(-2)).to.deep.equal(['Ada left', 'Bob left']);
      expect(told(house.events('other'))).to.deep.equal(['Cyd joined', 'Cyd left']);
      expect(house.lefts('Ada')[0]).to.include({ reason: 'SERVER_RESTARTED' });
      await house.server.repair();
      for (const name of ['Ada', 'Bob', 'Dan']) expect(house.lefts(name), name).to.have.length(1);
      const ada = await house.visit('Ada', { history: 3 });
      expect(ada.welcome.participants).to.deep.equal([]);
      expect(told(ada.events)).to.deep.equal(['Dan left', 'Ada left', 'Bob left', 'Ada joined']);
    });

    it('goes on with sequences, times and chains where it was [P1] [P7]', async () => {
      const log = await earlierLife();
      under({}, log);
      const before = house.events().at(-1);
      await house.server.repair();
      const events = house.events();
      expect(events.map(({ sequence }) => sequence)).to.deep.equal(events.map((_, n) => n + 1));
      expect(events.every(({ lamport }, n) => n === 0 || lamport > (events[n - 1]?.lamport ?? 0))).to.equal(true);
      expect(events.find(({ sequence }) => sequence === before?.sequence)).to.deep.equal(before);
    });

    it('knows the times of all rooms before it opens them [P7]', async () => {
      const log = new MemoryLog({ memoryEventsPerRoomMax: 100 });
      const lead = 64;
      under({ lamportStartMax: lead, lamportLeadMax: lead }, log);
      await house.visit('Ada', { room: 'one', lamport: lead });
      await house.close();
      under({ lamportStartMax: lead, lamportLeadMax: lead }, log);
      await house.visit('Bob', { room: 'two', lamport: 2 * lead });
    });

    it('is ready also while its log cannot be written, and ends those sessions later [P8]', async () => {
      const log = await earlierLife();
      under({ readOnlyMs: 10, groupDraftsMax: 1 }, log);
      house.log.unwritable = true;
      await house.server.repair();
      expect(house.lefts('Ada')).to.deep.equal([]);
      await house.until('another try', () => house.logged('log-unwritable').length > 4);
      house.log.unwritable = false;
      await house.until('they have left', () => house.lefts('Ada').length + house.lefts('Bob').length === 2);
      await house.until('so has Cyd', () => house.lefts('Cyd', 'other').length === 1);
      house.nowMs += 10;
      await house.visit('Ada');
    });

    it('reads no room before it is asked for or has its turn, and one that is asked for first', async () => {
      const log = await earlierLife();
      under({}, log);
      expect(house.log.recovered).to.deep.equal([]);
      const repaired = house.server.repair();
      expect(house.log.recovered).to.deep.equal([]);
      expect(await house.participants('other')).to.deep.equal([]);
      expect(house.log.recovered[0]).to.equal('other');
      await repaired;
      expect(house.log.recovered).to.deep.equal(['other', 'lobby']);
      expect(house.logged('start-repaired')).to.have.length(1);
      expect(house.logged('start-repaired')[0]).to.include({ rooms: 2, unreadable: 0 });
    });

    it('lets nobody into a room before the sessions of its earlier life have left it [P8]', async () => {
      const log = await earlierLife();
      under({}, log);
      const ada = await house.visit('Ada', { history: 3 });
      expect(ada.welcome.participants).to.deep.equal([]);
      expect(told(ada.events)).to.deep.equal(['Dan left', 'Ada left', 'Bob left', 'Ada joined']);
      expect(house.lefts('Bob')[0]).to.include({ reason: 'SERVER_RESTARTED' });
      await house.server.repair();
      for (const name of ['Ada', 'Bob', 'Dan']) expect(house.lefts(name), name).to.have.length(1);
      expect(house.lefts('Cyd', 'other')).to.have.length(1);
    });

    it('tells what happened in a room, and who is there, only when those sessions have left [P8]', async () => {
      const log = await earlierLife();
      under({}, log);
      house.log.hold();
      const answers: string[] = [];
      const history = house.history('lobby', 0).then((answer) => {
        answers.push('history');
        return answer;
      });
      const names = house.participants('lobby').then((answer) => {
        answers.push('participants');
        return answer;
      });
      expect(await house.history('elsewhere', 0)).to.include({ newest: 0 });
      expect(answers).to.deep.equal([]);
      house.log.release();
      expect(await names).to.deep.equal([]);
      const page = await history;
      expect(page.kind === 'page' && told(eventsIn(page.events)).slice(-2)).to.deep.equal(['Ada left', 'Bob left']);
    });

    it('does not keep anybody waiting for a room that cannot be read', async () => {
      const log = await earlierLife();
      under({}, log);
      house.log.recoverFaults = 1;
      expect(await house.participants('lobby')).to.deep.equal([]);
      await house.server.repair();
      expect(house.logged('start-repaired')[0]).to.include({ rooms: 2, unreadable: 1 });
      expect(house.lefts('Cyd', 'other')).to.have.length(1);
    });

    it('leaves what it has not come to for its next life when it is stopped at once [P8]', async () => {
      const log = await earlierLife();
      under({}, log);
      let resolved = false;
      void house.server.repair().then(() => {
        resolved = true;
      });
      await house.server.stop();
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      expect(resolved).to.equal(false);
      expect(house.log.recovered).to.deep.equal([]);
      under({}, log);
      await house.server.repair();
      for (const name of ['Ada', 'Bob']) expect(house.lefts(name), name).to.have.length(1);
    });

    it('resolves at once where there is nothing to repair', async () => {
      await house.server.repair();
      expect(house.log.appends).to.equal(0);
    });
  });

  describe('when it stops', () => {
    it('writes snapshots, so that its next life has nothing to replay [P5]', async () => {
      const log = new MemoryLog({ memoryEventsPerRoomMax: 100 });
      under({}, log);
      const ada = await house.visit('Ada', { resumable: true });
      ada.publish('once', 1);
      await heard(ada, 'Ada: once');
      await house.visit('Bob', { room: 'other', resumable: true });
      await house.close();
      await house.server.writeSnapshots(new AbortController().signal);
      expect(house.logged('snapshots-written')[0]).to.include({ written: 2, left: 0 });
      for (const room of ['lobby', 'other']) {
        const { head, snapshot, entries } = atOnce(log.recover(room));
        expect(snapshot?.place).to.deep.equal(head.place);
        expect([...entries]).to.deep.equal([]);
      }
      under({}, log);
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
      under({ lingerMsMax: 10 });
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

  it('lets no stream be opened from within an actor', async () => {
    under({ lingerMsMax: 5 });
    const ada = await house.visit('Ada');
    let fault: unknown;
    await new Promise<void>((answered) => {
      house.server.tell({
        kind: 'list-rooms',
        after: '',
        limit: 1,
        replyTo: {
          tell: () => {
            try {
              house.connect();
            } catch (error) {
              fault = error;
            }
            answered();
          },
        },
      });
    });
    expect(fault).to.be.instanceOf(Error);
    expect(ada.endings).to.deep.equal([]);
  });
});
