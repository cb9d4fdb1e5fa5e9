import { expect } from 'chai';
import { PublishQueue } from '../../../lib/client/terminal/publish-queue.js';

describe('The publish queue', () => {
  it('sends one text at a time, in the order in which they were typed [P6]', async () => {
    const log: string[] = [];
    const answers: (() => void)[] = [];
    const queue = new PublishQueue(
      (text) => {
        log.push(text);
        return new Promise<void>((resolve) => answers.push(resolve));
      },
      () => {},
      10,
    );
    for (const text of ['one', 'two', 'three']) queue.add(text);
    for (const sent of [['one'], ['one', 'two'], ['one', 'two', 'three']]) {
      await new Promise(setImmediate);
      expect(log).to.deep.equal(sent);
      answers.shift()?.();
    }
    await queue.settled();
    expect(queue.waiting).to.equal(0);
  });

  it('tells of a refused text and goes on with the next', async () => {
    const refused: string[] = [];
    const sent: string[] = [];
    const queue = new PublishQueue(
      async (text) => {
        if (text === 'bad') throw new Error('no');
        sent.push(text);
      },
      (text, error) => refused.push(`${text}: ${(error as Error).message}`),
      10,
    );
    for (const text of ['bad', 'good']) queue.add(text);
    await queue.settled();
    expect(refused).to.deep.equal(['bad: no']);
    expect(sent).to.deep.equal(['good']);
  });

  it('takes no more than it may hold [P12]', () => {
    const queue = new PublishQueue(
      () => new Promise(() => {}),
      () => {},
      2,
    );
    expect(['one', 'two', 'three'].map((text) => queue.add(text))).to.deep.equal([true, true, false]);
  });
});
