import { expect } from 'chai';
import { messageCodec } from '../../lib/codec/contract.js';
import { fixed64OfChain } from '../../lib/codec/wire-types.js';
import type { LeftEvent } from '../../lib/core/event.js';
import { LossyScene } from './lossy-scene.js';

describe('A session that is told of an event of a kind that it does not know', () => {
  const scene = new LossyScene();
  const { timely, resumed, anew, refused, joining, allSeen, isLive, stream, cut, expectWhole, until } = scene;

  beforeEach(() => scene.begin());

  it(
    'takes it in as such, live, in what it missed and in what it reads later, and checks on from its chain [P1] [P2] [P3]',
    timely(async () => {
      await joining([resumed(), refused('SESSION_UNKNOWN'), anew()]);
      stream(1).events(scene.room.doSomethingNew('Bob'), scene.room.say('Bob', 'one', 1));
      await allSeen();
      scene.room.doSomethingNew('Bob');
      scene.room.say('Bob', 'missed', 2);
      cut();
      await allSeen();
      await isLive();
      stream(2).events(scene.room.doSomethingNew('Ada'));
      await allSeen();
      // Its session is over, and what it missed is read from the history.
      scene.room.leave('Ada');
      scene.room.doSomethingNew('Bob');
      scene.room.doSomethingNew('');
      scene.room.say('Bob', 'missed too', 3);
      cut();
      await allSeen();
      await until('she is in again', () => scene.statuses.at(-1)?.state === 'live');
      expectWhole();
      expect(scene.seen.filter(({ kind }) => kind === 'unknown')).to.have.length(5);
      expect(scene.client.participants).to.deep.equal(['Bob', 'Ada']);
      // One stream for each loss, and the one whose session was over.
      expect(scene.server.streams).to.have.length(4);
    }),
  );

  it(
    'does not go on with what does not follow from its chain',
    timely(async () => {
      await joining();
      const { chain } = scene.room.state.position;
      stream(1).events(scene.room.doSomethingNew('Bob'));
      await allSeen();
      const { position: place } = scene.room.state;
      scene.room.state.position = { ...place, chain };
      const wrong = scene.room.say('Bob', 'of another history', 1);
      stream(1).events(wrong);
      expect(await scene.reason()).to.match(
        /^The server sent event 4 out of order, or with another history than before/,
      );
      expect(scene.seen).not.to.deep.include(wrong);
    }),
  );

  it(
    'goes on where one left for a reason that it does not know',
    timely(async () => {
      await joining();
      scene.room.join('Cyd');
      stream(1).events(scene.room.events.at(-1) as LeftEvent);
      const { chain, timeMs, kind, ...left } = scene.room.leave('Cyd');
      const time = { seconds: timeMs / 1000, nanos: 0 };
      const wire = { ...left, time, chain: fixed64OfChain(chain), left: { reason: 99 } };
      stream(1).send(messageCodec('ChatResponse').encode({ events: [wire] }));
      stream(1).events(scene.room.say('Bob', 'after that', 1));
      await allSeen();
      expect(scene.seen.at(-2)).to.include({ kind: 'left', participant: 'Cyd', reason: 'UNSPECIFIED' });
      expect(scene.server.streams).to.have.length(1);
    }),
  );
});
