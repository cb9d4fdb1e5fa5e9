import { expect } from 'chai';
import { PublishQueue } from '../../../lib/chat/terminal/publish-queue.js';

const quiet = { refused: () => {}, answered: () => {}, waitingMax: 10 };

describe('The publish queue', () => {
  it('sends one text at a time, in the order in which they were typed [P6]', async () => {
    const log: string[] = [];
    const answers: (() => void)[] = [];
    const queue = new PublishQueue({
      ...quiet,
      publish: (text) => {
        log.push(text);
        return new Promise<void>((resolve) => answers.push(resolve));
      },
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

  it('tells of a refused text and goes on with the next', async () => {
    const refused: string[] = [];
    const sent: string[] = [];
    const queue = new PublishQueue({
      ...quiet,
      publish: async (text) => {
        if (text === 'bad') throw new Error('no');
        sent.push(text);
      },
      refused: (text, error) => refused.push(`${text}: ${(error as Error).message}`),
    });
    for (const text of ['bad', 'good']) queue.add(text);
    await queue.settled();
    expect(refused).to.deep.equal(['bad: no']);
    expect(sent).to.deep.equal(['good']);
  });

  it('takes no more than it may hold [P12]', () => {
    const queue = new PublishQueue({ ...quiet, publish: () => new Promise(() => {}), waitingMax: 2 });
    expect(['one', 'two', 'three'].map((text) => queue.add(text))).to.deep.equal([true, true, false]);
  });

  it('tells what has no answer yet, oldest first, and when that is less', async () => {
    const answers: (() => void)[] = [];
    const told: string[][] = [];
    const queue = new PublishQueue({
      ...quiet,
      publish: () => new Promise<void>((resolve) => answers.push(resolve)),
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
