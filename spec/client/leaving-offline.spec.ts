import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { type NoAnswer, Refused } from '../../lib/client/errors.js';
import { rejection } from '../../lib/core/rejection.js';
import { LossyScene } from './lossy-scene.js';
import { faultOf, later } from './promised.js';
import { withLimits } from './with-limits.js';

describe('A session whose connection is lost is left', () => {
  const scene = new LossyScene();
  const {
    timely,
    anew,
    resumed,
    refused,
    joining,
    until,
    states,
    streamCount,
    isLive,
    reason,
    stream,
    cut,
    expectWhole,
  } = scene;

  beforeEach(() => scene.begin());

  it(
    'over a new connection, at once, after what was still to be said',
    timely(() =>
      withLimits({ backOffMsMin: 60_000, backOffMsMax: 60_000 }, async () => {
        await joining([resumed()]);
        cut();
        await until('offline', () => states().includes('offline'));
        const last = later(scene.client.publish('last words'));
        const left = scene.client.leave();
        await streamCount(2);
        expect((await stream(2).request(3)).action.kind).to.equal('leave');
        stream(2).events(scene.room.say('Ada', 'last words', 1), scene.room.leave('Ada'));
        stream(2).end();
        await left;
        await last;
        expect(await reason()).to.equal('left');
        expectWhole();
      }),
    ),
  );

  it(
    'again where the connection was lost before its Left came',
    timely(async () => {
      await joining([resumed()]);
      const left = scene.client.leave();
      await stream(1).request(2);
      cut();
      await streamCount(2);
      expect((await stream(2).request(2)).action.kind).to.equal('leave');
      stream(2).events(scene.room.leave('Ada'));
      stream(2).end();
      await left;
      expect(await reason()).to.equal('left');
    }),
  );

  it(
    'for sure where its leave was refused before the loss, by a leave over the new connection [P8]',
    timely(async () => {
      await joining([resumed()]);
      const refusal = faultOf(scene.client.leave());
      await stream(1).request(2);
      stream(1).reject(rejection('READ_ONLY'));
      expect(await refusal).to.be.instanceOf(Refused);
      cut();
      await isLive();
      const closed = scene.client.close();
      expect((await stream(2).request(2)).action.kind).to.equal('leave');
      await stream(2).halfClosed();
      stream(2).events(scene.room.leave('Ada'));
      stream(2).end();
      await closed;
      expect(await reason()).to.equal('left');
    }),
  );

  it(
    'without joining anew where its session is over',
    timely(async () => {
      await joining([refused('SESSION_UNKNOWN', status.NOT_FOUND), anew()]);
      const left = scene.client.leave();
      await stream(1).request(2);
      cut();
      await left;
      expect(await reason()).to.equal('left');
      expect(scene.server.streams).to.have.length(2);
    }),
  );

  it(
    'in the end without the server, which it says',
    timely(() =>
      withLimits({ leaveMsMax: 50 }, async () => {
        await joining();
        scene.server.stop();
        await until('offline', () => states().includes('offline'));
        const unsent = later(scene.client.publish('unsent'));
        await scene.client.leave();
        expect(await reason()).to.include('could not be told of the leave');
        expect(((await faultOf(unsent)) as NoAnswer).sent).to.equal(false);
      }),
    ),
  );
});
