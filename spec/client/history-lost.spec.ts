import { Metadata, status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { HistoryLost } from '../../lib/client/errors.js';
import { encodeStatusDetails, statusDetailsKey } from '../../lib/codec/status-details.js';
import { rejection } from '../../lib/core/rejection.js';
import { LossyScene } from './lossy-scene.js';
import { faultOf, later } from './promised.js';
import { ScriptedRoom } from './scripted-room.js';

describe('A session whose connection is lost, and its history [P11]', () => {
  const scene = new LossyScene();
  const {
    timely,
    joinOf,
    anew,
    refused,
    joining,
    until,
    states,
    streamCount,
    isLive,
    whenOffline,
    stream,
    cut,
    published,
    publishes,
  } = scene;

  beforeEach(() => scene.begin());

  /** Another room of that name, in which others have said `count` things. */
  function anotherRoom(count = 2): void {
    scene.room = new ScriptedRoom();
    scene.logId = 'another log';
    scene.room.join('Bob');
    for (let ordinal = 1; ordinal <= count; ordinal += 1) scene.room.say('Bob', `new ${ordinal}`, ordinal);
  }

  const lost = refused('HISTORY_LOST');

  async function expectNewBeginning(newEvents = 1): Promise<void> {
    const old = scene.seen.length;
    const before = scene.room.events.length;
    await until('in again', () => scene.seen.length >= old + newEvents && scene.statuses.at(-1)?.state === 'live');
    expect(states().filter((state) => state === 'history-lost')).to.have.length(1);
    expect(scene.seen.slice(old)).to.deep.equal(scene.room.events.slice(before));
    expect(scene.client.place).to.include({ logId: scene.logId, sequence: scene.room.events.length });
    expect(scene.records.filter(({ event }) => event === 'history-lost')).to.have.length(1);
  }

  it(
    'as the server says: it is told, and joins the room as it is now',
    timely(async () => {
      await joining([lost, anew()]);
      anotherRoom();
      cut();
      await expectNewBeginning();
      expect(scene.client.participants).to.deep.equal(['Bob', 'Ada']);
      expect(await scene.client.history(10), 'before this history’s first event').to.deep.equal(
        scene.room.events.slice(0, 3),
      );
    }),
  );

  it(
    'and is sent of the new one what was asked for of the old',
    timely(async () => {
      await joining([lost, anew()], { history: 2 });
      cut();
      anotherRoom();
      await streamCount(3);
      expect(joinOf(stream(3))).to.include({ history: 2, resume: undefined });
    }),
  );

  it(
    'as the log id of a page says',
    timely(async () => {
      await joining([refused('SESSION_UNKNOWN', status.NOT_FOUND), anew()]);
      anotherRoom();
      cut();
      await expectNewBeginning();
    }),
  );

  it(
    'as the room’s being empty says',
    timely(async () => {
      await joining([refused('SESSION_UNKNOWN', status.NOT_FOUND), anew()]);
      scene.room = new ScriptedRoom();
      scene.logId = '';
      cut();
      await until('lost', () => states().includes('history-lost'));
      await isLive();
    }),
  );

  it(
    'as a page that does not go on from its place says',
    timely(async () => {
      await joining([refused('SESSION_UNKNOWN', status.NOT_FOUND), anew()]);
      anotherRoom(5);
      scene.logId = 'log';
      cut();
      await expectNewBeginning();
    }),
  );

  it(
    'as the server’s having forgotten the events says',
    timely(async () => {
      await joining([refused('SESSION_UNKNOWN', status.NOT_FOUND), anew()]);
      scene.server.unary.ReadHistory = () => {
        const metadata = new Metadata();
        const details = encodeStatusDetails(status.FAILED_PRECONDITION, rejection('HISTORY_LOST'));
        metadata.set(statusDetailsKey, details);
        return { code: status.FAILED_PRECONDITION, details: '', metadata };
      };
      scene.room.leave('Ada');
      cut();
      await expectNewBeginning();
    }),
  );

  it(
    'as the welcome of its new join says',
    timely(async () => {
      await joining([
        refused('SESSION_UNKNOWN', status.NOT_FOUND),
        (again) => {
          anotherRoom();
          anew()(again);
        },
      ]);
      scene.room.leave('Ada');
      cut();
      await until('lost', () => states().includes('history-lost'));
      await isLive();
      expect(scene.client.place.logId).to.equal('another log');
      expect(scene.seen.at(-1)).to.deep.equal(scene.room.events.at(-1));
    }),
  );

  it(
    'lets go of what may have been published, and publishes what was never sent',
    timely(async () => {
      await joining([lost, anew()]);
      const sent = later(scene.client.publish('sent'));
      await publishes(1, 1);
      anotherRoom();
      const publishing = whenOffline(() => ({ waiting: later(scene.client.publish('waiting')) }));
      cut();
      const { waiting } = await publishing;
      const fault = (await faultOf(sent)) as HistoryLost;
      expect(fault).to.be.instanceOf(HistoryLost);
      expect(fault.sent).to.equal(true);
      await streamCount(3);
      await publishes(3, 1);
      expect(published(3)).to.deep.equal(['1 waiting']);
      expect(stream(3).requests[1]?.action).to.include({ seen: 0 });
      stream(3).events(scene.room.say('Ada', 'waiting', 1));
      expect((await waiting).text).to.equal('waiting');
    }),
  );
});
