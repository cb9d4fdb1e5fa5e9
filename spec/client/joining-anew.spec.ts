import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { VisitOver } from '../../lib/client/errors.js';
import { decodeReadHistoryRequest } from '../../lib/codec/requests.js';
import { LossyScene, type Part } from './lossy-scene.js';
import { faultOf, later } from './promised.js';
import { withLimits } from './with-limits.js';

describe('A client whose connection is lost, and its session over,', () => {
  const scene = new LossyScene();
  const {
    timely,
    joinOf,
    anew,
    resumed,
    refused,
    joining,
    until,
    states,
    streamCount,
    allSeen,
    isLive,
    whenOffline,
    reason,
    stream,
    cut,
    published,
    publishes,
    expectWhole,
  } = scene;

  beforeEach(() => scene.begin());

  /** The server's end of the session, before the client comes back. */
  const gone = refused('SESSION_UNKNOWN', status.NOT_FOUND);

  it(
    'reads what it missed and joins anew, each event once [P2] [P3]',
    timely(async () => {
      await joining([gone, anew()]);
      for (let ordinal = 1; ordinal <= 8; ordinal += 1) scene.room.say('Bob', `${ordinal}`, ordinal);
      scene.room.leave('Ada');
      scene.room.say('Bob', 'nine', 9);
      cut();
      await until('in again', () => scene.seen.at(-1)?.kind === 'joined' && scene.seen.length > 1);
      stream(3).events(scene.room.say('Bob', 'ten', 10));
      await allSeen();
      expectWhole();
      expect(joinOf(stream(2)).resume?.session).to.equal('session 1');
      expect(joinOf(stream(3))).to.include({ history: 0, resume: undefined, resumable: true });
      expect(scene.client.place).to.include({ session: 'session 2', sequence: scene.room.events.length });
      expect(scene.records.find(({ event }) => event === 'gap-filled')).to.deep.include({ after: 2, sequence: 12 });
      expect(states()).to.include('catching-up');
      expect(scene.client.participants).to.deep.equal(['Bob', 'Ada']);
    }),
  );

  it(
    'reads also what happened between that reading and its join',
    timely(async () => {
      let reads = 0;
      await joining([
        gone,
        (again) => {
          reads = scene.records.filter(({ event }) => event === 'gap-filled').length;
          for (let ordinal = 2; ordinal <= 6; ordinal += 1) scene.room.say('Bob', `${ordinal}`, ordinal);
          anew()(again);
        },
      ]);
      scene.room.leave('Ada');
      scene.room.say('Bob', 'one', 1);
      cut();
      await allSeen();
      await isLive();
      expectWhole();
      expect(reads).to.equal(1);
      expect(scene.records.filter(({ event }) => event === 'gap-filled')).to.have.length(2);
    }),
  );

  it(
    'knows which publishes were published, and publishes the others in the new one, in order [P5] [P6]',
    timely(async () => {
      await joining([gone, anew()]);
      const answers = ['one', 'two', 'three'].map((text) => later(scene.client.publish(text)));
      await publishes(1, 3);
      scene.room.say('Ada', 'one', 1);
      scene.room.leave('Ada');
      const fourth = whenOffline(() => answers.push(later(scene.client.publish('four'))));
      cut();
      await fourth;
      await streamCount(3);
      await publishes(3, 3);
      expect(published(3)).to.deep.equal(['1 two', '2 three', '3 four']);
      stream(3).events(
        scene.room.say('Ada', 'two', 1),
        scene.room.say('Ada', 'three', 2),
        scene.room.say('Ada', 'four', 3),
      );
      const events = await Promise.all(answers);
      expect(events.map(({ text }) => text)).to.deep.equal(['one', 'two', 'three', 'four']);
      expectWhole();
    }),
  );

  it(
    'takes nothing for its own that somebody else said under its name meanwhile',
    timely(async () => {
      await joining([gone, anew()]);
      const answer = later(scene.client.publish('mine'));
      await publishes(1, 1);
      scene.room.leave('Ada');
      scene.room.join('Ada');
      scene.room.say('Ada', 'not hers', 1);
      scene.room.leave('Ada');
      cut();
      await streamCount(3);
      await publishes(3, 1);
      expect(published(3)).to.deep.equal(['1 mine']);
      stream(3).events(scene.room.say('Ada', 'mine', 1));
      expect((await answer).text).to.equal('mine');
      expectWhole();
    }),
  );

  it(
    'goes on reading where it was when the connection is lost again, before or after its new join',
    timely(async () => {
      let failures = 2;
      const honest = scene.server.unary.ReadHistory;
      scene.server.unary.ReadHistory = (bytes) => {
        if (decodeReadHistoryRequest(bytes).after < 4 || failures-- <= 0) return honest?.(bytes) as Buffer;
        return { code: status.UNAVAILABLE, details: 'lost' };
      };
      const crowd: Part = (again) => {
        scene.room.say('Bob', 'in between', 50);
        anew()(again);
      };
      await joining([gone, crowd, gone, crowd, gone, anew()]);
      const answer = later(scene.client.publish('mine'));
      await publishes(1, 1);
      for (let ordinal = 1; ordinal <= 7; ordinal += 1) scene.room.say('Bob', `${ordinal}`, ordinal);
      scene.room.leave('Ada');
      cut();
      await until('in again', () => scene.server.streams.length >= 3 && scene.statuses.at(-1)?.state === 'live');
      await until('it is published', () => published(scene.server.streams.length).length > 0);
      scene.server.streams.at(-1)?.events(scene.room.say('Ada', 'mine', 1));
      expect((await answer).text).to.equal('mine');
      expectWhole();
      expect(failures).to.be.below(0);
    }),
  );

  it(
    'gives publishes of the old one new ordinals also where it resumes the new one before it has caught up [P5] [P6]',
    timely(async () => {
      let failing = false;
      const honest = scene.server.unary.ReadHistory;
      scene.server.unary.ReadHistory = (bytes) => {
        if (!failing) return honest?.(bytes) as Buffer;
        failing = false;
        return { code: status.UNAVAILABLE, details: 'lost' };
      };
      const crowd: Part = (again) => {
        scene.room.say('Bob', 'in between', 1);
        failing = true;
        anew()(again);
      };
      await joining([gone, crowd, resumed()]);
      const answers = ['one', 'two', 'three'].map((text) => later(scene.client.publish(text)));
      await publishes(1, 3);
      scene.room.say('Ada', 'one', 1);
      scene.room.leave('Ada');
      cut();
      await streamCount(4);
      await publishes(4, 2);
      expect(published(4)).to.deep.equal(['1 two', '2 three']);
      stream(4).events(scene.room.say('Ada', 'two', 1), scene.room.say('Ada', 'three', 2));
      const events = await Promise.all(answers);
      expect(events.map(({ text }) => text)).to.deep.equal(['one', 'two', 'three']);
      expectWhole();
    }),
  );

  it(
    'waits for its own name, which the server may not have freed yet',
    timely(async () => {
      await joining([gone, ...Array.from({ length: 200 }, () => anew())]);
      cut();
      await streamCount(5);
      scene.room.leave('Ada');
      await until('in again', () => scene.seen.filter(({ kind }) => kind === 'joined').length === 2);
      await isLive();
      expectWhole();
    }),
  );

  it(
    'but not for ever',
    timely(() =>
      withLimits({ nameTakenMsMax: 30 }, async () => {
        await joining([gone, ...Array.from({ length: 200 }, () => anew())]);
        const answer = later(scene.client.publish('mine'));
        cut();
        expect(await reason()).to.match(/has that name/);
        expect(await faultOf(answer)).to.be.instanceOf(VisitOver);
      }),
    ),
  );

  it(
    'fills the gap only as fast as its reader takes it',
    timely(async () => {
      await joining([gone, anew()]);
      scene.room.leave('Ada');
      for (let ordinal = 1; ordinal <= 8; ordinal += 1) scene.room.say('Bob', `${ordinal}`, ordinal);
      scene.client.pause();
      let pages = 0;
      const honest = scene.server.unary.ReadHistory;
      scene.server.unary.ReadHistory = (bytes) => {
        pages += 1;
        return honest?.(bytes) as Buffer;
      };
      cut();
      await until('a page', () => pages === 1);
      expect(scene.seen).to.have.length(1);
      scene.client.resume();
      await until('in again', () => scene.seen.length > 10);
      await isLive();
      expectWhole();
    }),
  );
});
