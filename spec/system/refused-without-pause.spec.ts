import { expect } from 'chai';
import { encodeChatRequest } from '../../lib/codec/requests.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller, type RawChat } from './raw-caller.js';
import { ServerProcess } from './server-process.js';

describe('a client that sends empty messages without pause', () => {
  const endings = endedAfterEach();

  /** Sends as fast as it may, until it is told to stop. */
  function flood(chat: RawChat): { stop: () => void } {
    let stopped = false;
    const empty = encodeChatRequest({ lamport: 1, action: { kind: 'publish', text: '', ordinal: 1, seen: 0 } });
    void (async () => {
      while (!stopped && !chat.end) if (!chat.sendBytes(empty)) await Promise.race([chat.drained(), chat.ended()]);
    })();
    const stop = () => {
      stopped = true;
    };
    endings.add(stop);
    return { stop };
  }

  it('is refused twenty a second, and others on its connection are heard meanwhile [P10] [P12]', async () => {
    // Of its connection's and its address's own shares nothing is to be seen here.
    const server = await ServerProcess.withLimits(endings, { refusalsPerSecondMax: 0 });
    const caller = new RawCaller(endings, server.address);
    const chat = caller.chat();
    await chat.join('Ada');
    const bob = caller.chat();
    await bob.join('Bob');
    flood(chat);
    await eventually('the first refusals', () => chat.rejections.length >= 20);
    bob.publish('in between');
    await chat.heard('in between', 10_000);
    // At first, as much as was on its way when nobody knew what it was.
    const first = chat.rejections.length;
    await eventually('three seconds more', () => chat.rejections.length >= first + 60, 20_000);
    expect(chat.rejections.length, 'not all of what it sends').to.be.at.most(first + 60 + 20);
    expect(chat.rejections.every(({ reason }) => reason === 'TEXT_EMPTY')).to.equal(true);
    expect(chat.end, 'it is not cut').to.equal(undefined);
  });
});
