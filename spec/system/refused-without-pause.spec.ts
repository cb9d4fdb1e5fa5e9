import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { encodeChatRequest } from '../../lib/codec/requests.js';
import type { Limits } from '../../lib/core/limits.js';
import type { RejectionReason } from '../../lib/core/rejection.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller, type RawChat } from './raw-caller.js';
import { ServerProcess } from './server-process.js';

describe('a client that sends without pause what is refused', () => {
  const endings = endedAfterEach();

  /** Sends `text` as fast as it may, until the test is over. */
  function flood(chat: RawChat, text: string): void {
    let stopped = false;
    endings.add(() => {
      stopped = true;
    });
    let ordinal = 0;
    void (async () => {
      while (!stopped && !chat.end) {
        ordinal += 1;
        const request = encodeChatRequest({ lamport: 1, action: { kind: 'publish', text, ordinal, seen: 0 } });
        if (!chat.sendBytes(request)) await chat.drained();
      }
    })();
  }

  async function flooded(
    server: ServerProcess,
    text: string,
  ): Promise<{ readonly chat: RawChat; readonly bob: RawChat }> {
    const caller = new RawCaller(endings, server.address);
    const [chat, bob] = [caller.chat(), caller.chat()];
    await chat.join('Ada');
    await bob.join('Bob');
    flood(chat, text);
    await eventually('the first refusals', () => chat.rejections.length >= 20, 20_000);
    return { chat, bob };
  }

  /**
   * What was on its way when nobody knew that it would be refused is refused as well, however much that was: the first span within
   * the limit is the one that counts, and one of fifty has to be. (A room holds 4,096 requests and decides on 1,024 at once: that is
   * less than fifty spans of more than 120.)
   */
  async function settled<Span extends { readonly seconds: number; readonly refused: number }>(
    measure: () => Promise<Span>,
    refusalsPerSecond: number,
  ): Promise<Span> {
    for (let spansLeft = 50; ; spansLeft -= 1) {
      const span = await measure();
      const mostRefused = refusalsPerSecond * (Math.ceil(span.seconds) + 1);
      if (span.refused <= mostRefused) return span;
      if (spansLeft === 1) expect.fail(`${span.refused} refused in ${span.seconds} s, not ${mostRefused} at most`);
    }
  }

  /** What Ada was told between two messages of Bob's, and how long that was by the server's clock, in seconds. */
  async function between({ chat, bob }: { readonly chat: RawChat; readonly bob: RawChat }, refusals: number) {
    const marked = async (mark: string) => {
      const text = `${mark}, after ${bob.events.length} events`;
      bob.publish(text);
      const { timeMs } = await chat.heard(text, 20_000);
      return { timeMs, refused: chat.rejections.length, events: chat.events.length };
    };
    const first = await marked('from here');
    await eventually('more refusals', () => chat.rejections.length >= first.refused + refusals, 30_000);
    const last = await marked('to here');
    return {
      seconds: (last.timeMs - first.timeMs) / 1_000,
      refused: last.refused - first.refused,
      accepted: last.events - first.events - 1,
    };
  }

  /** The same where nothing of Bob's is let in: until so many refusals more, by the clock of this process. */
  async function meanwhile(chat: RawChat, refusals: number) {
    const [beganAtMs, before] = [performance.now(), chat.rejections.length];
    await eventually('more refusals', () => chat.rejections.length >= before + refusals, 30_000);
    return { seconds: (performance.now() - beganAtMs) / 1_000, refused: chat.rejections.length - before };
  }

  /** Of its connection's and its address's own shares nothing is to be seen here. */
  const server = (limits: Partial<Limits>) => ServerProcess.withLimits(endings, { refusalsPerSecondMax: 0, ...limits });
  const onlyBecause = (chat: RawChat, reason: RejectionReason) =>
    expect([...new Set(chat.rejections.map((one) => one.reason))]).to.deep.equal([reason]);

  it('is refused twenty a second, and others on its connection are heard meanwhile [P10] [P12]', async () => {
    const both = await flooded(await server({}), '');
    await settled(() => between(both, 60), 20);
    expect(both.chat.end, 'it is not cut').to.equal(undefined);
  });

  it('is refused as often where it only sends more than it may, and gets in what it may [P12]', async () => {
    const both = await flooded(await server({}), 'more than I may');
    const { seconds, accepted } = await settled(() => between(both, 60), 20);
    onlyBecause(both.chat, 'RATE_LIMITED');
    expect(accepted, `of 200 a second for ${seconds} s`).to.be.within(100 * (seconds - 1), 200 * (seconds + 1));
  });

  it('gets in what it may also where that gathers in less than a second', async () => {
    const both = await flooded(await server({ publishesPerSecondMax: 500, publishBurstMax: 50 }), 'more than I may');
    const { seconds, accepted } = await settled(() => between(both, 120), 60);
    onlyBecause(both.chat, 'RATE_LIMITED');
    expect(accepted, `of 500 a second for ${seconds} s`).to.be.above(250 * (seconds - 1));
  });

  it('is read again when the server has said it may be, where that has too much to do', async () => {
    const limits = { publishesPerSecondMax: 0, inletDraftsMax: 1, overloadedRetryMs: 200 };
    const both = await flooded(await server(limits), 'more than there is room for');
    const { chat } = both;
    onlyBecause(chat, 'OVERLOADED');
    const accepted = chat.events.length;
    await settled(() => meanwhile(chat, 40), 40);
    expect(chat.events.length, 'some are accepted').to.be.above(accepted);
  });

  it('is refused no more often by a store that cannot be written, and is heard again when it can', async () => {
    const started = await ServerProcess.start(endings, {
      args: ['--publishes-per-second-max', '0'],
      fileKibMax: 1024,
    });
    const { chat } = await flooded(started, '🎉'.repeat(128));
    onlyBecause(chat, 'READ_ONLY');
    const accepted = chat.events.length;
    await settled(() => meanwhile(chat, 60), 60);
    execFileSync('prlimit', ['--fsize=unlimited', '--pid', String(started.child.pid)]);
    await eventually('its messages are taken again', () => chat.events.length > accepted, 20_000);
  });
});
