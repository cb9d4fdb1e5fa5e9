import { expect } from 'chai';
import { NEVER } from 'rxjs';
import { ParticipantNames } from '../../../lib/codec/participant-names.js';
import { chainStart } from '../../../lib/core/chain.js';
import { defaultLimits } from '../../../lib/core/limits.js';
import { Shares } from '../../../lib/server/access/shares.js';
import { ConnectionActor } from '../../../lib/server/actors/connection-actor.js';
import { systemTime } from '../../../lib/server/actors/turns.js';
import type { Answer } from '../../../lib/server/room/pending.js';
import { serverMemory } from '../../../lib/server/room/shared-memory.js';
import { isCollected } from './collected.js';
import { FakePeer } from './fake-peer.js';
import { House, told } from './house.js';

describe('ConnectionActor', () => {
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

  /** Waits until all that was submitted before is settled: what comes of it has come. */
  async function settled(witness: FakePeer): Promise<void> {
    const ordinal = witness.events.length + 1_000;
    witness.publish(`settled ${ordinal}`, ordinal);
    await house.until('the witness hears himself', () => told(witness.events).some((t) => t.endsWith(`${ordinal}`)));
  }

  describe('refuses', () => {
    it('to keep streams that do not join: the one open for longest goes for one more than may be, NOT_JOINED [P12]', async () => {
      under({ unjoinedStreamsPerAddressMax: 2 });
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
      under({ unjoinedStreamsMax: 1, joinsPerSecondMax: 1, joinBurstMax: 1 });
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
      await settled(ada);
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
      await settled(ada);
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
        await settled(bob);
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
      under({ joinMsMax: 5 });
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

  describe('leaves exactly one Left behind [P8]', () => {
    const ways: Record<string, { reason: 'ASKED' | 'CONNECTION_LOST'; end: (ada: FakePeer) => void }> = {
      'when its client asks': { reason: 'ASKED', end: (ada) => ada.tell({ kind: 'leave', lamport: 0 }) },
      'when its client asks twice': {
        reason: 'ASKED',
        end: (ada) => {
          ada.tell({ kind: 'leave', lamport: 0 });
          ada.tell({ kind: 'leave', lamport: 0 });
        },
      },
      'when its client will send no more': { reason: 'ASKED', end: (ada) => ada.tell({ kind: 'half-closed' }) },
      'when its client asks, will send no more and is gone': {
        reason: 'ASKED',
        end: (ada) => {
          ada.tell({ kind: 'leave', lamport: 0 });
          ada.tell({ kind: 'half-closed' });
          ada.gone();
        },
      },
      'when its client is gone': { reason: 'CONNECTION_LOST', end: (ada) => ada.gone() },
      'when its client is gone twice': {
        reason: 'CONNECTION_LOST',
        end: (ada) => {
          ada.gone();
          ada.gone();
        },
      },
      'when its client sends what is no request': {
        reason: 'CONNECTION_LOST',
        end: (ada) => ada.tell({ kind: 'malformed' }),
      },
      'when a unary Leave ends its session': {
        reason: 'ASKED',
        end: (ada) => {
          void house.leave(ada.welcome.session);
        },
      },
      'when a unary Leave and its client’s end cross': {
        reason: 'ASKED',
        end: (ada) => {
          void house.leave(ada.welcome.session);
          ada.gone();
        },
      },
      'when sending to it fails': {
        reason: 'CONNECTION_LOST',
        end: (ada) => {
          ada.sendFault = new Error('cannot send');
          ada.publish('hi', 1);
        },
      },
    };
    for (const [way, { reason, end }] of Object.entries(ways)) {
      it(way, async () => {
        const bob = await house.visit('Bob');
        const ada = await house.visit('Ada');
        end(ada);
        await house.until('Ada’s stream is over', () => house.logged('disconnect').length === 1);
        await house.until('Bob sees Ada leave', () => told(bob.events).includes('Ada left'));
        await settled(bob);
        expect(house.lefts('Ada')).to.have.length(1);
        expect(house.lefts('Ada')[0]).to.include({ reason });
        expect(bob.events, 'Bob sees what the log has').to.deep.equal(house.events());
        expect(ada.endings.length).to.be.at.most(1);
        expect(house.logged('disconnect'), 'it ends once').to.have.length(1);
        const again = await house.visit('Ada');
        expect(again.welcome.participants).to.deep.equal(['Bob']);
      });
    }

    it('when its client is gone before its join is answered', async () => {
      const bob = await house.visit('Bob');
      house.log.hold();
      const ada = house.join('Ada');
      await house.until('the join is in work', () => house.log.appends === 2);
      ada.gone();
      house.log.release();
      await house.until('Bob sees her leave', () => told(bob.events).includes('Ada left'));
      await settled(bob);
      expect(house.lefts('Ada')).to.have.length(1);
      expect(ada.sent, 'nothing is sent to who is gone').to.deep.equal([]);
    });

    it('and none when its client is gone before a join that is refused', async () => {
      const bob = await house.visit('Bob');
      house.join('Bob').gone();
      await settled(bob);
      expect(told(house.events())).to.deep.equal(['Bob joined', told(house.events()).at(-1)]);
    });

    it('and sends it to the leaver as his last event, with status OK [S6]', async () => {
      const ada = await house.visit('Ada');
      ada.tell({ kind: 'leave', lamport: 41 });
      await house.until('the end', () => ada.endings.length > 0);
      expect(told(ada.events)).to.deep.equal(['Ada joined', 'Ada left']);
      expect(ada.events.at(-1)).to.include({ lamport: 42 });
      expect(ada.endings).to.deep.equal([{ kind: 'complete' }]);
    });

    it('but a Subscribe’s half-close means nothing', async () => {
      const ada = await house.visit('Ada', { bidirectional: false });
      ada.tell({ kind: 'half-closed' });
      const bob = await house.visit('Bob');
      await settled(bob);
      expect(house.lefts('Ada')).to.deep.equal([]);
      expect(told(ada.events)).to.include('Bob joined');
    });
  });

  it('completes for a client that closes without a join', async () => {
    const peer = house.connect();
    peer.tell({ kind: 'half-closed' });
    expect(peer.endings).to.deep.equal([{ kind: 'complete' }]);
    await house.until('gone', () => house.logged('disconnect').length === 1);
    expect(house.records.map(({ event }) => event)).to.deep.equal(['connect', 'disconnect']);
  });

  describe('with a slow reader', () => {
    it('sends nothing while the stream takes nothing, and then everything, without gap [P3] [P10]', async () => {
      const slow = await house.visit('Slow', { takes: 2 });
      const sentBefore = slow.sent.length;
      const bob = await house.visit('Bob');
      for (let ordinal = 1; ordinal <= 500; ordinal += 1) bob.publish(`${ordinal}`, ordinal);
      await house.until('Bob has all', () => told(bob.events).includes('Bob: 500'));
      expect(slow.sent.length, 'nothing while it is full').to.equal(sentBefore);
      while (slow.events.length < house.events().length) {
        const had = slow.sent.length;
        slow.drain(1);
        expect(slow.sent.length, 'one write for each that is taken').to.equal(had + 1);
      }
      expect(slow.events).to.deep.equal(house.events());
    });

    it('never delays the others by it [T2] [P10]', async () => {
      const slow = await house.visit('Slow', { takes: 2 });
      const bob = await house.visit('Bob');
      const cyd = await house.visit('Cyd');
      bob.publish('hi', 1);
      await house.until('Cyd hears it', () => told(cyd.events).includes('Bob: hi'));
      expect(told(slow.events)).to.deep.equal(['Slow joined']);
    });

    it('cuts a stream that takes nothing for `stallMsMax`, and its session ends [P10]', async () => {
      under({ stallMsMax: 20 });
      const bob = await house.visit('Bob');
      const slow = await house.visit('Slow', { takes: 2 });
      await house.until('the cut', () => slow.destroyed);
      await house.until('Slow’s Left', () => told(bob.events).includes('Slow left'));
      expect(house.lefts('Slow')).to.have.length(1);
      expect(house.lefts('Slow')[0]).to.include({ reason: 'CONNECTION_LOST' });
      expect(house.logged('cut')).to.have.length(1);
      expect(house.logged('cut')[0]).to.include({ level: 'warn', wait: 'stall', participant: 'Slow', room: 'lobby' });
    });

    it('cuts no stream that goes on taking, though it is never done, and cuts it when it takes too little [P10]', async () => {
      const stallMsMax = 20;
      under({ stallMsMax, stallBytesPerSecondMin: 1_000, writeBytesMax: 1_000_000 });
      const slow = await house.visit('Slow', { takes: 2 });
      // Each time it is asked, it has taken more: what it must, then less.
      let asked = 0;
      Object.defineProperty(slow, 'taken', {
        get: () => {
          asked += 1;
          return asked <= 5 ? asked * stallMsMax : 5 * stallMsMax + 1;
        },
      });
      await house.until('the cut', () => slow.destroyed);
      expect(asked).to.equal(6);
    });

    it('cuts no stream that reads everything it was sent', async () => {
      under({ stallMsMax: 20 });
      const quick = await house.visit('Quick', { takes: 2 });
      quick.drain();
      // A stream that stalls from here on is cut: when that has happened, the other's time was over too.
      const slow = await house.visit('Slow', { takes: 2 });
      await house.until('the cut', () => slow.destroyed);
      expect(quick.destroyed).to.equal(false);
    });

    it('cuts the stream that was sent events longest ago, and has not taken them, where all together have not taken too much [P10] [P12]', async () => {
      under({ writeBytesMax: 1_000, untakenBytesMax: 4_500 });
      const stalled = async (name: string, held: number) => {
        const peer = await house.visit(name, { takes: 2 });
        peer.held = held;
        return peer;
      };
      const [taken, ada, bob] = [await stalled('Taken', 0), await stalled('Ada', 1), await stalled('Bob', 1)];
      expect(house.logged('cut'), 'nothing is left of the first').to.deep.equal([]);
      taken.drain();
      ada.drain();
      ada.held = 0;
      bob.drain(1);
      await stalled('Cyd', 0);
      await stalled('Dan', 1);
      expect([taken, ada, bob].map(({ destroyed }) => destroyed)).to.deep.equal([false, false, false]);
      await stalled('Eve', 1);
      expect(house.logged('cut')).to.have.length(1);
      expect(house.logged('cut')[0]).to.include({ level: 'warn', wait: 'stall', participant: 'Bob' });
      expect(house.logged('cut')[0]).to.include({ limit: 'untakenBytesMax', limitValue: 4_500 });
      await house.until('its Left', () => house.lefts('Bob').length === 1);
      expect(ada.endings).to.deep.equal([]);
    });

    it('counts what a stream reads for itself, also where it stays writable [P12]', async () => {
      under({ writeBytesMax: 10_000, untakenBytesMax: 3_000, tailBytesMax: 0 });
      const ada = await house.visit('Ada');
      for (let ordinal = 1; ordinal <= 3; ordinal += 1) ada.publish('🎉'.repeat(120), ordinal);
      await house.until('all of it', () => ada.events.length === 4);
      const bob = await house.visit('Bob', { history: 4 });
      bob.held = 1;
      expect(bob.destroyed).to.equal(false);
      const cyd = await house.visit('Cyd', { history: 5 });
      expect([ada.destroyed, bob.destroyed, cyd.destroyed]).to.deep.equal([false, true, false]);
    });

    it('cuts a stream that does not end within `lingerMsMax`, whatever hangs', async () => {
      under({ lingerMsMax: 10 });
      const ada = await house.visit('Ada', { hangs: true });
      ada.tell({ kind: 'malformed' });
      expect(ada.endings).to.deep.equal([{ kind: 'malformed' }]);
      await house.until('the cut', () => ada.destroyed);
      await house.until('its end', () => house.logged('disconnect').length === 1);
      expect(house.logged('cut')[0]).to.include({ wait: 'linger' });
    });

    it('cuts a stream that does not read up to its own Left, so that its connection does not outlive its session', async () => {
      under({ lingerMsMax: 10 });
      const ada = await house.visit('Ada', { takes: 2 });
      void house.leave(ada.welcome.session);
      await house.until('the cut', () => ada.destroyed);
      expect(told(ada.events)).to.deep.equal(['Ada joined']);
      expect(house.lefts('Ada')).to.have.length(1);
    });

    it('is sent no heartbeat as long as it does not read, while one that reads gets them when it is quiet [P10]', async () => {
      under({ heartbeatMs: 40 });
      const slow = await house.visit('Slow', { takes: 2 });
      const quick = await house.visit('Quick');
      const beats = ({ sent }: { readonly sent: readonly Buffer[] }) =>
        sent.filter(({ length }) => length === 0).length;
      await house.until('heartbeats', () => beats(quick) >= 3);
      expect(slow.sent).to.have.length(2);
      expect(beats(slow)).to.equal(0);
      slow.drain();
      await house.until('its own', () => beats(slow) >= 1);
      expect(told(slow.events)).to.deep.equal(['Slow joined', 'Quick joined']);
    });

    it('stops listening to a client that does not read why it is refused, until it does [P12]', async () => {
      under({ refusalsWaitingMax: 3 });
      const peer = house.connect({ takes: 1 });
      let told = 0;
      for (let ordinal = 1; !peer.paused && ordinal < 100; ordinal += 1) {
        peer.publish('hi', ordinal);
        told = ordinal;
      }
      expect(told, 'one sent, three waiting').to.equal(4);
      expect(peer.rejections.map(({ ordinal }) => ordinal)).to.deep.equal([1]);
      peer.drain(2);
      expect(peer.rejections.map(({ ordinal }) => ordinal)).to.deep.equal([1, 2, 3]);
      expect(peer.paused, 'one is still waiting').to.equal(true);
      peer.drain(2);
      expect(peer.rejections.map(({ ordinal }) => ordinal)).to.deep.equal([1, 2, 3, 4]);
      expect(peer.paused).to.equal(false);
      peer.publish('hi', 5);
      expect(peer.rejections.at(-1)?.ordinal).to.equal(5);
    });

    it('stops listening to all who do not read why they are refused when as many refusals wait in all as may, until they do [P12]', async () => {
      under({ refusalsWaitingInAllMax: 4 });
      const [one, two, three] = [1, 1, 1].map((takes) => house.connect({ takes }));
      const refuse = (peer: typeof one, count: number) => {
        for (let ordinal = 1; ordinal <= count; ordinal += 1) peer?.publish('hi', ordinal);
      };
      refuse(one, 4);
      expect(one?.paused, 'one sent, three waiting').to.equal(false);
      refuse(two, 2);
      expect(two?.paused, 'the fourth is waiting').to.equal(true);
      refuse(three, 1);
      expect(three?.paused, 'its own was sent').to.equal(false);
      refuse(one, 1);
      expect(one?.paused).to.equal(true);
      two?.drain(1);
      expect(two?.paused, 'it has taken all').to.equal(false);
      one?.gone();
      refuse(three, 3);
      expect(three?.paused, 'what waited for the first is gone with it').to.equal(false);
    });

    it('is told HISTORY_LOST where the log forgot what it had not read, never served a gap [P11]', async () => {
      under({ memoryEventsPerRoomMax: 5, snapshotEveryEvents: 2, tailBytesMax: 64 });
      const slow = await house.visit('Slow', { takes: 2 });
      const bob = await house.visit('Bob');
      for (let ordinal = 1; ordinal <= 40; ordinal += 1) {
        bob.publish(`${ordinal}`, ordinal);
        await house.until('Bob hears it', () => told(bob.events).includes(`Bob: ${ordinal}`));
      }
      slow.drain();
      expect(told(slow.events)).to.deep.equal(['Slow joined']);
      expect(slow.rejections.map(({ reason }) => reason)).to.deep.equal(['HISTORY_LOST']);
      expect(slow.ending).to.deep.equal({ kind: 'refused', rejection: slow.rejections[0] });
      await house.until('its Left', () => told(bob.events).includes('Slow left'));
    });
  });

  describe('when it fails', () => {
    it('ends that stream alone, with `failed`, and its room goes on [T1] [P10]', async () => {
      const bob = await house.visit('Bob');
      const ada = await house.visit('Ada');
      const cyd = await house.visit('Cyd');
      ada.sendFault = new Error('cannot send');
      bob.publish('hi', 1);
      await house.until('Cyd sees Ada leave', () => told(cyd.events).includes('Ada left'));
      expect(ada.endings).to.deep.equal([{ kind: 'failed' }]);
      expect(told(cyd.events)).to.deep.equal(['Cyd joined', 'Bob: hi', 'Ada left']);
      expect(house.logged('room-failed')).to.deep.equal([]);
      expect(house.logged('connection-failed')).to.have.length(1);
      expect(house.logged('connection-failed')[0]).to.include({ level: 'error', participant: 'Ada', room: 'lobby' });
    });

    it('ends it also where the welcome cannot be sent', async () => {
      const bob = await house.visit('Bob');
      const ada = house.join('Ada');
      ada.sendFault = new Error('cannot send');
      await house.until('Bob sees Ada leave', () => told(bob.events).includes('Ada left'));
      expect(ada.endings).to.deep.equal([{ kind: 'failed' }]);
      expect(house.lefts('Ada')).to.have.length(1);
      expect(house.logged('room-failed')).to.deep.equal([]);
    });

    it('cuts a stream that cannot even be ended', async () => {
      const bob = await house.visit('Bob');
      const ada = await house.visit('Ada');
      ada.sendFault = new Error('cannot send');
      ada.endFault = new Error('cannot end');
      bob.publish('hi', 1);
      await house.until('the cut', () => ada.destroyed);
      await house.until('Bob sees Ada leave', () => told(bob.events).includes('Ada left'));
      await house.until('its end', () => house.logged('disconnect').length === 1);
      expect(house.logged('room-failed')).to.deep.equal([]);
    });

    it('cuts a stream whose client cannot be told of HISTORY_LOST', async () => {
      under({ memoryEventsPerRoomMax: 2, snapshotEveryEvents: 1, tailBytesMax: 1 });
      const slow = await house.visit('Slow', { takes: 2 });
      const bob = await house.visit('Bob');
      for (let ordinal = 1; ordinal <= 9; ordinal += 1) {
        bob.publish(`${ordinal}`, ordinal);
        await house.until('Bob hears it', () => told(bob.events).includes(`Bob: ${ordinal}`));
      }
      slow.sendFault = new Error('cannot send');
      slow.drain();
      await house.until('its Left', () => told(bob.events).includes('Slow left'));
      expect(slow.endings).to.deep.equal([{ kind: 'failed' }]);
    });
  });

  it('keeps one order for all where clients publish from within a delivery [P2] [P6]', async () => {
    const peers = [];
    for (const name of ['Ada', 'Bob', 'Cyd']) peers.push(await house.visit(name));
    for (const [n, peer] of peers.entries()) {
      let ordinal = 0;
      peer.onSent = ({ events }) => {
        for (const event of events) {
          if (event.kind !== 'message' || event.text !== 'go' || ordinal >= 20) continue;
          ordinal += 1;
          peer.publish(ordinal % 2 === 0 ? 'go' : `${n}.${ordinal}`, ordinal);
          ordinal += 1;
          peer.publish(ordinal % 2 === 0 ? 'go' : `${n}.${ordinal}`, ordinal);
        }
      };
    }
    peers[0]?.publish('go', 1_000);
    const [ada, bob, cyd] = peers as [FakePeer, FakePeer, FakePeer];
    await house.until('all have had their say', () => bob.events.length >= 41 && cyd.events.length >= 40);
    await settled(cyd);
    expect(ada.events).to.deep.equal(house.events());
    expect(bob.events).to.deep.equal(house.events().slice(1));
    expect(cyd.events).to.deep.equal(house.events().slice(2));
  });

  it('encodes nothing for one alone: all in step are sent the same bytes', async () => {
    const ada = await house.visit('Ada');
    const bob = await house.visit('Bob');
    ada.publish('hi', 1);
    await house.until(
      'both hear it',
      () => told(ada.events).includes('Ada: hi') && told(bob.events).includes('Ada: hi'),
    );
    expect(ada.sent.at(-1)).to.equal(bob.sent.at(-1));
  });

  it('is sent a large group as runs of `writeBytesMax` bytes at most, which all in step share [P3] [P10] [P12]', async () => {
    under({ writeBytesMax: 1_000 });
    const ada = await house.visit('Ada');
    const bob = await house.visit('Bob');
    const [first, { length }] = [bob.sent.length, house.events()];
    for (let ordinal = 1; ordinal <= 50; ordinal += 1) ada.publish('🎉'.repeat(30), ordinal);
    await house.until(
      'both hear all of it',
      () => ada.events.length === length + 50 && bob.events.length === length + 49,
    );
    const sent = bob.sent.slice(first);
    expect(sent.length).to.be.within(8, 20);
    for (const bytes of sent) expect(bytes.length).to.be.at.most(1_000);
    expect(ada.sent.slice(-sent.length).every((bytes, index) => bytes === sent[index])).to.equal(true);
    expect(house.logged('delivery').at(-1), 'one record for all of it').to.include({ last: length + 50 });
    const cyd = await house.visit('Cyd', { history: 100 });
    expect(cyd.events).to.deep.equal(house.events());
    for (const bytes of cyd.sent) expect(bytes.length).to.be.at.most(1_000);
  });

  it('records its client’s coming and going, and never a session’s id [T3] [T4]', async () => {
    const ada = await house.visit('Ada');
    const { session } = ada.welcome;
    ada.gone();
    await house.until('the Left', () => house.lefts('Ada').length === 1);
    expect(house.logged('connect')[0]).to.include({ level: 'info', peer: 'fake:1' });
    const disconnect = house.logged('disconnect')[0];
    expect(disconnect).to.include({ level: 'info', peer: 'fake:1', participant: 'Ada', room: 'lobby' });
    expect(disconnect?.session).to.match(/^[0-9a-f]{12}$/);
    expect(JSON.stringify(house.records)).not.to.include(session.split(':')[1]);
  });

  it('keeps nothing of its welcome: each participant would hold a list of all', async () => {
    const peer = new FakePeer(() => {});
    let connection: ConnectionActor | undefined;
    const participants = () => {
      let list: WeakRef<object> | undefined;
      connection = new ConnectionActor({
        peer,
        origin: new Shares(defaultLimits).origin(peer.address, 0),
        memory: serverMemory(defaultLimits),
        limits: defaultLimits,
        journal: { debug() {}, info() {}, warn() {}, error() {} },
        time: systemTime,
        newSecret: () => Buffer.alloc(16),
        supervisor: {
          tell: (report) => {
            if (report.kind !== 'submit') return;
            const present = ParticipantNames.of(Array.from({ length: 3 }, (_, n) => `Participant ${n}`));
            list = new WeakRef(present);
            const answer = { kind: 'accepted', ...letIn(report.room, present) } as const;
            report.pending.replyTo?.tell({ kind: 'answered', request: 'join', answer });
          },
        },
      });
      connection.tell({ kind: 'join', lamport: 0, join: { room: '', name: 'Ada', history: 0, resumable: false } });
      if (!list) throw new Error('no command was submitted');
      return list;
    };
    expect(await isCollected(participants)).to.equal(true);
    expect(peer.welcome.participants).to.have.length(3);
    connection?.tell({ kind: 'gone' });
  });
});

/** What a room answers that lets somebody in who finds these present, and then falls silent. */
function letIn(
  room: string,
  participants: ParticipantNames,
): Pick<Extract<Answer, { kind: 'accepted' }>, 'sequence' | 'event' | 'session'> {
  const place = { sequence: 0, lamport: 0, chain: chainStart };
  const standing = { session: 'a', room, logId: 'b', newest: 0, ordinal: 0, textLengthMax: 128, resumed: false };
  return {
    sequence: 1,
    event: Buffer.alloc(0),
    session: {
      welcome: { ...place, ...standing, participants },
      participant: 'Ada',
      resumable: false,
      room: { tell: () => {} },
      events: { appended$: NEVER, read: () => undefined, last: () => Number.POSITIVE_INFINITY },
    },
  };
}
