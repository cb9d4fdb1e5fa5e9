import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { CannotConnect } from '../../lib/client/errors.js';
import { LossyScene, type Part } from './lossy-scene.js';
import { faultOf, later } from './promised.js';
import { ScriptedServer } from './scripted-server.js';

describe('A session whose connection is lost resumes', () => {
  const scene = new LossyScene();
  const {
    timely,
    joinOf,
    resumed,
    joining,
    until,
    states,
    streamCount,
    allSeen,
    isLive,
    stream,
    cut,
    publishes,
    expectWhole,
  } = scene;

  beforeEach(() => scene.begin());

  it(
    'with its session and place, and gets what it missed, each event once [P2] [P3]',
    timely(async () => {
      await joining([resumed()]);
      stream(1).events(scene.room.say('Bob', 'one', 1));
      await allSeen();
      const place = scene.room.events.at(-1);
      scene.room.say('Bob', 'missed', 2);
      scene.room.say('Bob', 'missed too', 3);
      cut();
      await allSeen();
      await isLive();
      expect(joinOf(stream(2))).to.deep.include({
        room: 'lobby',
        name: 'Ada',
        history: 0,
        resumable: true,
        resume: { session: 'session 1', logId: 'log', sequence: place?.sequence, chain: place?.chain },
      });
      stream(2).events(scene.room.say('Bob', 'after', 4));
      await allSeen();
      expectWhole();
      expect(states()).to.deep.equal(['live', 'offline', 'connecting', 'catching-up', 'live']);
      expect(scene.statuses[1]).to.include({ reason: 'The connection is lost (cut).' });
      expect(scene.statuses[3]).to.include({ behind: 2 });
      expect(scene.client.participants).to.deep.equal(['Bob', 'Ada']);
    }),
  );

  it(
    'as often as it takes, also while it catches up',
    timely(async () => {
      const some: Part = (again) => {
        const { resume } = joinOf(again);
        const missed = scene.room.events.slice(resume?.sequence);
        const { lamport, sequence: newest } = scene.room.state.position;
        again.welcome({ ...resume, resumed: true, lamport, newest });
        if (missed[0]) again.events(missed[0]);
        again.fail(status.UNAVAILABLE, 'cut again');
      };
      await joining([some, some, some, resumed()]);
      for (let ordinal = 1; ordinal <= 6; ordinal += 1) scene.room.say('Bob', `${ordinal}`, ordinal);
      cut();
      await allSeen();
      await isLive();
      expectWhole();
      expect(scene.server.streams).to.have.length(5);
    }),
  );

  it(
    'when no server is there for a while, trying again and again, and says when it will',
    timely(async () => {
      const { address } = scene.server;
      await joining();
      scene.server.stop();
      await until('some tries', () => states().filter((state) => state === 'connecting').length >= 4);
      const tries = scene.statuses.filter((status) => status.state === 'offline');
      expect(tries.at(-1)?.reason).to.match(/^No chat server answers at 127\.0\.0\.1:\d+: connect ECONNREFUSED/);
      for (const { sinceMs, retryAtMs } of tries) {
        expect(sinceMs, 'the same outage').to.equal(tries[0]?.sinceMs);
        expect(retryAtMs).to.be.at.least(sinceMs);
      }
      scene.parts = [resumed()];
      scene.server = await ScriptedServer.start(address);
      scene.server.onJoin = (again) => scene.parts.shift()?.(again);
      await isLive();
    }),
  );

  it(
    'with the Lamport rules kept: each send a tick, each event a step [S8]',
    timely(async () => {
      await joining([resumed()]);
      later(scene.client.publish('one'));
      await publishes(1, 1);
      const before = scene.client.time;
      cut();
      await streamCount(2);
      await publishes(2, 1);
      expect(stream(1).requests.map(({ lamport }) => lamport)).to.deep.equal([1, before]);
      expect(stream(2).requests.map(({ lamport }) => lamport)).to.deep.equal([before + 1, before + 2]);
    }),
  );

  it(
    'after the farewell of a server that stops',
    timely(async () => {
      await joining([resumed()]);
      stream(1).farewell({ reason: 'SERVER_STOPPING', resume: true });
      cut();
      await until('live again', () => states().join().endsWith('connecting,live'));
      expect(scene.statuses[1]).to.include({ state: 'offline', reason: 'The server is stopping.' });
    }),
  );

  it(
    'and records what happened with its identifiers [T3] [T4]',
    timely(async () => {
      await joining([resumed()]);
      later(scene.client.publish('mine'));
      await publishes(1, 1);
      cut();
      await isLive();
      await publishes(2, 1);
      const record = (event: string) => scene.records.find((one) => one.event === event);
      const whose = { participant: 'Ada', room: 'lobby' };
      expect(record('offline')).to.deep.include({ ...whose, logId: 'log', sequence: 2 });
      expect(record('resume')).to.deep.include({ ...whose, server: scene.server.address, logId: 'log', sequence: 2 });
      expect(record('send-again')).to.deep.include({ ...whose, ordinal: 1, text: 'mine' });
      expect(scene.records.filter(({ event }) => event === 'welcome').map(({ resumed }) => resumed)).to.deep.equal([
        false,
        true,
      ]);
      expect(JSON.stringify(scene.records), 'the session is a secret').not.to.include('session 1');
    }),
  );

  it(
    'also while its reader has paused, who then gets everything [P3]',
    timely(async () => {
      await joining([resumed()]);
      scene.client.pause();
      for (let ordinal = 1; ordinal <= 5; ordinal += 1) scene.room.say('Bob', `${ordinal}`, ordinal);
      cut();
      await streamCount(2);
      scene.client.resume();
      await allSeen();
      expectWhole();
    }),
  );

  it(
    'and until then answers no questions',
    timely(async () => {
      await joining();
      scene.server.stop();
      await until('offline', () => states().includes('offline'));
      expect(await faultOf(scene.client.rooms())).to.be.instanceOf(CannotConnect);
      expect(await faultOf(scene.client.history(3))).to.be.instanceOf(CannotConnect);
    }),
  );
});
