import { expect } from 'chai';
import { VisitOver } from '../../lib/client/errors.js';
import type { FarewellReason } from '../../lib/codec/messages.js';
import type { RoomEvent } from '../../lib/core/event.js';
import { rejection } from '../../lib/core/rejection.js';
import { LossyScene } from './lossy-scene.js';
import { faultOf, later } from './promised.js';

describe('A session whose connection is lost ends', () => {
  const scene = new LossyScene();
  const { timely, joinOf, resumed, refused, joining, streamCount, isLive, reason, stream, cut, expectWhole } = scene;

  beforeEach(() => scene.begin());

  const farewells: [FarewellReason, string][] = [
    ['TAKEN_OVER', 'This visit was continued elsewhere.'],
    ['REMOVED', 'The server removed you from the room.'],
  ];
  for (const [why, words] of farewells) {
    it(
      `where the server says ${why}`,
      timely(async () => {
        await joining([resumed()]);
        stream(1).farewell({ reason: why, resume: false });
        stream(1).end();
        expect(await reason()).to.equal(words);
        expect(scene.server.streams).to.have.length(1);
      }),
    );
  }

  it(
    'where its session was left elsewhere',
    timely(async () => {
      await joining([resumed()]);
      stream(1).events(scene.room.leave('Ada'));
      stream(1).end();
      expect(await reason()).to.equal('This visit was left elsewhere.');
      expectWhole();
    }),
  );

  for (const why of ['NOT_ALLOWED', 'NAME_INVALID', 'LAMPORT_TOO_FAR_AHEAD'] as const) {
    it(
      `where it is refused with ${why}`,
      timely(async () => {
        await joining([refused(why)]);
        cut();
        expect(await reason()).to.equal(rejection(why).detail);
      }),
    );
  }

  for (const why of ['OVERLOADED', 'RATE_LIMITED', 'READ_ONLY', 'ROOM_FULL'] as const) {
    it(
      `but not where it is refused with ${why}, which passes`,
      timely(async () => {
        await joining([refused(why), refused(why), resumed()]);
        cut();
        await streamCount(4);
        await isLive();
        expect(scene.statuses.map((status) => status.state === 'offline' && status.reason)).to.include(
          rejection(why).detail,
        );
      }),
    );
  }

  it(
    'where there is no connection for as long as it may be offline',
    timely(async () => {
      await joining([], { offlineMsMax: 50 });
      const unsent = later(scene.client.publish('mine'));
      scene.server.stop();
      expect(await reason()).to.match(/ECONNREFUSED.*It was tried for 0\.05 s\.$/);
      expect(await faultOf(unsent)).to.be.instanceOf(VisitOver);
    }),
  );

  it(
    'where the server goes on from another place than it was asked to',
    timely(async () => {
      await joining([(again) => again.welcome({ ...joinOf(again).resume, resumed: true, sequence: 7 })]);
      cut();
      expect(await reason()).to.include('did not go on from the place');
    }),
  );

  it(
    'where the server sends what does not go on from its place [P3]',
    timely(async () => {
      await joining([
        (again) => {
          resumed()(again);
          again.events(scene.room.events[0] as RoomEvent);
        },
      ]);
      cut();
      expect(await reason()).to.include('out of order');
      expectWhole();
    }),
  );

  it(
    'where it is not to be made again',
    timely(async () => {
      await joining([resumed()], { reconnect: false });
      expect(joinOf(stream(1)).resumable).to.equal(false);
      cut();
      expect(await reason()).to.equal('The connection is lost (cut). Join anew.');
      expect(scene.server.streams).to.have.length(1);
    }),
  );
});
