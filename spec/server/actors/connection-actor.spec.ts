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

  it('completes for a client that closes without a join', async () => {
    const peer = house.connect();
    peer.tell({ kind: 'half-closed' });
    expect(peer.endings).to.deep.equal([{ kind: 'complete' }]);
    await house.until('gone', () => house.logged('disconnect').length === 1);
    expect(house.records.map(({ event }) => event)).to.deep.equal(['connect', 'disconnect']);
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
      house = new House({ memoryEventsPerRoomMax: 2, snapshotEveryEvents: 1, tailBytesMax: 1 });
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
    await house.settled(cyd);
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
    house = new House({ writeBytesMax: 1_000 });
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
