import { expect } from 'chai';
import { type NoAnswer, Overdue, type Refused } from '../../lib/client/errors.js';
import { LossyScene } from './lossy-scene.js';
import { faultOf, later } from './promised.js';
import { withLimits } from './with-limits.js';

describe('A session whose connection is lost publishes', () => {
  const scene = new LossyScene();
  const {
    timely,
    resumed,
    joining,
    until,
    states,
    streamCount,
    whenOffline,
    stream,
    cut,
    published,
    publishes,
    expectWhole,
  } = scene;

  beforeEach(() => scene.begin());

  it(
    'again what has no answer, with its ordinal and in order, before anything newer [P5] [P6]',
    timely(async () => {
      await joining([resumed(1)]);
      const answers = ['one', 'two', 'three'].map((text) => later(scene.client.publish(text)));
      await publishes(1, 3);
      scene.room.say('Ada', 'one', 1);
      const fourth = whenOffline(() => answers.push(later(scene.client.publish('four'))));
      cut();
      await fourth;
      await streamCount(2);
      await publishes(2, 3);
      expect(published(2)).to.deep.equal(['2 two', '3 three', '4 four']);
      const again = stream(2).requests[1]?.action;
      expect(again, 'what its author had been shown').to.include({ seen: 2 });
      stream(2).events(
        scene.room.say('Ada', 'two', 2),
        scene.room.say('Ada', 'three', 3),
        scene.room.say('Ada', 'four', 4),
      );
      expect((await Promise.all(answers)).map(({ text }) => text)).to.deep.equal(['one', 'two', 'three', 'four']);
      expectWhole();
    }),
  );

  it(
    'nothing again that it has seen',
    timely(async () => {
      await joining([resumed(1)]);
      const answer = scene.client.publish('one');
      await publishes(1, 1);
      stream(1).events(scene.room.say('Ada', 'one', 1));
      await answer;
      cut();
      await streamCount(2);
      later(scene.client.publish('two'));
      await publishes(2, 1);
      expect(published(2)).to.deep.equal(['2 two']);
    }),
  );

  it(
    'and is told that it was refused, where only the rejection was lost [P9]',
    timely(async () => {
      await joining([resumed(2)]);
      const [first, second] = [later(scene.client.publish('refused')), later(scene.client.publish('accepted'))];
      await publishes(1, 2);
      scene.room.say('Ada', 'accepted', 2);
      cut();
      await second;
      expect(((await faultOf(first)) as Refused).rejection).to.include({ reason: 'UNSPECIFIED', ordinal: 1 });
    }),
  );

  it(
    'no more than it may have waiting, while it is offline too [P12]',
    timely(() =>
      withLimits({ publishesUnansweredMax: 2 }, async () => {
        await joining();
        scene.server.stop();
        await until('offline', () => states().includes('offline'));
        const waiting = [later(scene.client.publish('one')), later(scene.client.publish('two'))];
        const fault = await faultOf(scene.client.publish('three'));
        expect((fault as Refused).rejection.reason).to.equal('OVERLOADED');
        void scene.client.leave();
        for (const wait of waiting) expect(((await faultOf(wait)) as NoAnswer).sent).to.equal(false);
      }),
    ),
  );

  it(
    'with an end: an answer that does not come in time is not waited for',
    timely(async () => {
      await joining([resumed()], { publishMsMax: 60 });
      const sent = later(scene.client.publish('sent'));
      await publishes(1, 1);
      const fault = (await faultOf(sent)) as Overdue;
      expect(fault).to.be.instanceOf(Overdue);
      expect(fault.sent, 'nobody knows').to.equal(true);
      scene.server.stop();
      await until('offline', () => states().includes('offline'));
      const unsent = (await faultOf(scene.client.publish('unsent'))) as Overdue;
      expect(unsent).to.be.instanceOf(Overdue);
      expect(unsent.sent, 'certainly not').to.equal(false);
    }),
  );
});
