import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import type { SavedSession, Status } from '../../lib/client/chat-client.js';
import { connect } from '../../lib/client/connect.js';
import { CannotConnect, Refused } from '../../lib/client/errors.js';
import { clientLimits } from '../../lib/client/limits.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { LossyScene, type Part } from './lossy-scene.js';
import { faultOf, later } from './promised.js';
import { ScriptedRoom } from './scripted-room.js';
import { withLimits } from './with-limits.js';

describe('A session in an earlier program', () => {
  const scene = new LossyScene();
  const {
    timely,
    anew,
    resumed,
    refused,
    connecting,
    until,
    states,
    allSeen,
    isLive,
    stream,
    published,
    publishes,
    expectWhole,
  } = scene;

  beforeEach(() => scene.begin());

  let place: SavedSession;

  /** Ada's first program, which ends without a word after saying two things. */
  async function earlier(): Promise<void> {
    scene.parts = [anew()];
    const before = await connect({ server: scene.server.address, name: 'Ada', reconnect: false });
    const events: RoomEvent[] = [];
    before.events$.subscribe((event) => events.push(event));
    const answers = [before.publish('one'), before.publish('two')];
    stream(1).events(scene.room.say('Ada', 'one', 1, 20), scene.room.say('Ada', 'two', 2, 21));
    await Promise.all(answers);
    place = before.place;
    stream(1).fail(status.UNAVAILABLE);
  }

  it(
    'goes on from its place, clock and ordinals too [P2] [P3] [S8]',
    timely(async () => {
      await earlier();
      expect(place).to.deep.equal({
        ...{ server: scene.server.address, room: 'lobby', name: 'Ada', session: 'session 1', logId: 'log' },
        ...{ sequence: 4, chain: scene.room.events[3]?.chain, ordinal: 2, lamport: 23 },
      });
      scene.room.say('Bob', 'missed', 1);
      scene.parts = [resumed(2)];
      await connecting({ resume: place });
      await allAfter(4);
      expect(stream(2).requests[0]?.lamport).to.equal(24);
      expect(scene.seen).to.deep.equal(scene.room.events.slice(4));
      expect(scene.client.participants).to.deep.equal(['Bob', 'Ada']);
      const answer = scene.client.publish('three');
      await publishes(2, 1);
      const ordinal = 2 + clientLimits.publishesUnansweredMax + 1;
      expect(published(2)).to.deep.equal([`${ordinal} three`]);
      stream(2).events(scene.room.say('Ada', 'three', ordinal));
      expect((await answer).ordinal).to.equal(ordinal);
      expect(await scene.client.history(10)).to.deep.equal(scene.room.events.slice(0, 4));
    }),
  );

  it(
    'takes no message that was still on its way then for one of its own [P5]',
    timely(async () => {
      await earlier();
      scene.parts = [resumed(2)];
      await connecting({ resume: place });
      const answer = scene.client.publish('new');
      await publishes(2, 1);
      const [sent] = published(2);
      stream(2).events(scene.room.say('Ada', 'old', 3));
      stream(2).events(scene.room.say('Ada', 'new', Number(sent?.split(' ')[0])));
      expect((await answer).text).to.equal('new');
    }),
  );

  const allAfter = (from: number) => until('all', () => scene.seen.length >= scene.room.events.length - from);

  it(
    'whose session is over: is read on, and joins anew',
    timely(async () => {
      await earlier();
      scene.room.say('Bob', 'missed', 1);
      scene.room.leave('Ada');
      scene.parts = [refused('SESSION_UNKNOWN', status.NOT_FOUND), anew()];
      await connecting({ resume: place });
      await allAfter(4);
      expect(scene.seen).to.deep.equal(scene.room.events.slice(4));
      const answer = scene.client.publish('three');
      await publishes(3, 1);
      expect(published(3)).to.deep.equal(['1 three']);
      stream(3).events(scene.room.say('Ada', 'three', 1));
      await answer;
    }),
  );

  it(
    'whose session is over: gives its reader everything, also more than would be held for one who does not come [P3]',
    timely(() =>
      withLimits({ eventsHeldMax: 2 }, async () => {
        await earlier();
        for (let ordinal = 1; ordinal <= 20; ordinal += 1) scene.room.say('Bob', `${ordinal}`, ordinal);
        scene.room.leave('Ada');
        scene.parts = [refused('SESSION_UNKNOWN', status.NOT_FOUND), anew()];
        await connecting({ resume: place });
        expect(states()).to.deep.equal(['catching-up']);
        expect(await scene.client.rooms().catch((error) => error.message)).to.equal('not in the script');
        const answer = later(scene.client.publish('three'));
        await publishes(3, 1);
        await allAfter(4);
        expect(scene.seen).to.deep.equal(scene.room.events.slice(4));
        stream(3).events(scene.room.say('Ada', 'three', 1));
        await answer;
      }),
    ),
  );

  it(
    'whose session is over, and whose connection is lost while it reads on: comes back',
    timely(async () => {
      await earlier();
      scene.room.say('Bob', 'missed', 1);
      scene.room.leave('Ada');
      const honest = scene.server.unary.ReadHistory;
      let lost = 0;
      scene.server.unary.ReadHistory = (bytes) => {
        lost += 1;
        return lost === 1 ? { code: status.UNAVAILABLE, details: 'lost' } : (honest?.(bytes) as Buffer);
      };
      const again: Part = (next) => {
        scene.room.leave('Ada');
        refused('SESSION_UNKNOWN', status.NOT_FOUND)(next);
      };
      scene.parts = [refused('SESSION_UNKNOWN', status.NOT_FOUND), anew(), again, anew()];
      await connecting({ resume: place });
      await isLive();
      await allAfter(4);
      expect(scene.seen).to.deep.equal(scene.room.events.slice(4));
    }),
  );

  it(
    'whose history is lost: says so to the first who asks how it stands [P11]',
    timely(async () => {
      await earlier();
      scene.room = new ScriptedRoom();
      scene.logId = 'another log';
      scene.parts = [refused('HISTORY_LOST'), anew()];
      await connecting({ resume: place });
      expect(states()).to.deep.equal(['history-lost', 'live']);
      const later: Status[] = [];
      scene.client.status$.subscribe((status) => later.push(status));
      expect(later).to.deep.equal([{ state: 'live' }]);
      await allSeen();
      expectWhole(0);
    }),
  );

  it(
    'is no place for another name, room or server',
    timely(async () => {
      await earlier();
      for (const other of [{ name: 'Bob' }, { room: 'attic' }, { server: '127.0.0.1:1' }]) {
        const options = { server: scene.server.address, name: 'Ada', resume: place, ...other };
        expect(await faultOf(connect(options))).to.be.instanceOf(TypeError);
      }
      expect(scene.server.streams).to.have.length(1);
    }),
  );

  it(
    'is not gone on with where there is no server, or it refuses',
    timely(async () => {
      await earlier();
      const options = { server: scene.server.address, name: 'Ada', resume: place };
      scene.parts = [refused('OVERLOADED')];
      expect(await faultOf(connect(options))).to.be.instanceOf(Refused);
      scene.server.stop();
      expect(await faultOf(connect(options))).to.be.instanceOf(CannotConnect);
    }),
  );
});
