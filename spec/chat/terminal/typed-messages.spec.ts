import { expect } from 'chai';
import { TypedMessages, type TypedMessagesParts } from '../../../lib/chat/terminal/typed-messages.js';
import type { PublishedMessage } from '../../../lib/client/chat-client.js';
import { withLimits } from '../../client/with-limits.js';

/** To a client that publishes by `publish`. */
function typed(publish: (text: string) => Promise<void>, more: Partial<TypedMessagesParts> = {}): TypedMessages {
  const client = {
    textCodePointsMax: 128,
    publish: async (text: string) => {
      await publish(text);
      return { text } as PublishedMessage;
    },
  };
  const none = () => {};
  const quiet = { handedOver: none, published: none, answered: none, giveBack: () => false, alert: none };
  return new TypedMessages({ client, ...quiet, ...more });
}

describe('Typed messages', () => {
  it('are sent one at a time, in the order in which they were typed [P6]', async () => {
    const log: string[] = [];
    const answers: (() => void)[] = [];
    const queue = typed((text) => {
      log.push(text);
      return new Promise<void>((resolve) => answers.push(resolve));
    });
    for (const text of ['one', 'two', 'three']) queue.add(text);
    for (const sent of [['one'], ['one', 'two'], ['one', 'two', 'three']]) {
      await new Promise(setImmediate);
      expect(log).to.deep.equal(sent);
      answers.shift()?.();
    }
    await queue.settled();
    expect(queue.waiting).to.equal(0);
  });

  it('go on with the next where one is refused, which is told', async () => {
    const refused: string[] = [];
    const sent: string[] = [];
    const publish = async (text: string) => {
      if (text === 'bad') throw new Error('no');
      sent.push(text);
    };
    const queue = typed(publish, { alert: (text) => refused.push(text) });
    for (const text of ['bad', 'good']) queue.add(text);
    await queue.settled();
    expect(refused).to.deep.equal(['Not sent: bad (no)']);
    expect(sent).to.deep.equal(['good']);
  });

  it('are no more than may be held [P12]', () =>
    withLimits({ publishesWaitingMax: 2 }, async () => {
      const queue = typed(() => new Promise(() => {}));
      expect(['one', 'two', 'three'].map((text) => queue.add(text))).to.deep.equal([true, true, false]);
    }));

  it('tell what has no answer yet, oldest first, and when that is less', async () => {
    const answers: (() => void)[] = [];
    const told: string[][] = [];
    const queue: TypedMessages = typed(() => new Promise<void>((resolve) => answers.push(resolve)), {
      answered: () => told.push(queue.unanswered.map(({ text }) => text)),
    });
    for (const text of ['one', 'two']) queue.add(text);
    expect(queue.unanswered.map(({ text }) => text)).to.deep.equal(['one', 'two']);
    for (let index = 0; index < 2; index++) {
      await new Promise(setImmediate);
      answers.shift()?.();
    }
    await queue.settled();
    expect(told).to.deep.equal([['two'], []]);
  });
});
