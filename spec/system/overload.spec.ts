import { expect } from 'chai';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller, type RawChat } from './raw-caller.js';
import { ServerProcess } from './server-process.js';
import { comingsAndGoings, expectToldAsIn } from './told-as-in-history.js';

interface Publisher {
  readonly name: string;
  readonly chat: RawChat;
  /** Its own messages, as far as it has heard them. */
  readonly accepted: number[];
}

describe('a server of which more is asked than it can do', function () {
  this.timeout(60_000);
  const endings = endedAfterEach();

  async function publishers(server: ServerProcess, count: number): Promise<Publisher[]> {
    const joined: Publisher[] = [];
    for (let number = 1; number <= count; number += 1) {
      const name = `Publisher ${number}`;
      const chat = new RawCaller(endings, server.address).chat();
      await chat.join(name);
      const accepted: number[] = [];
      let taken = 0;
      chat.told = () => {
        for (; taken < chat.events.length; taken += 1) {
          const event = chat.events[taken];
          if (event?.kind === 'message' && event.participant === name) accepted.push(event.ordinal);
        }
      };
      joined.push({ name, chat, accepted });
    }
    return joined;
  }

  /** All publish so many messages at once, waiting for nothing; resolves when each is answered. */
  async function flood(all: readonly Publisher[], each: number): Promise<void> {
    for (let number = 1; number <= each; number += 1) {
      for (const { chat, name } of all) chat.publish(`${number} by ${name}`);
    }
    const open = () =>
      all.reduce((sum, { chat, accepted }) => sum + each - accepted.length - chat.rejections.length, 0);
    await eventually(
      () => `all is answered; open: ${open()}`,
      () => open() === 0,
      50_000,
    );
  }

  /** That each of a publisher's messages is in the history once and in its order, or refused once with one of `reasons`. */
  async function expectKept(
    server: ServerProcess,
    all: readonly Publisher[],
    each: number,
    reasons: readonly string[],
  ): Promise<void> {
    const history = await new RawCaller(endings, server.address).history();
    await eventually('all is told', () => all.every(({ chat }) => chat.events.at(-1)?.sequence === history.length));
    expectToldAsIn(
      history,
      all.map(({ name, chat }) => ({ name, events: chat.events })),
    );
    expect(comingsAndGoings(history)).to.deep.equal(all.map(({ name }) => `${name} joined`));
    const refusals = all.flatMap(({ chat }) => chat.rejections);
    expect(refusals, 'some are too many').not.to.have.length(0);
    for (const { reason, retryAfterMs } of refusals) {
      expect(reasons).to.include(reason);
      expect(retryAfterMs).to.be.above(0);
    }
    for (const { name, chat, accepted } of all) {
      const own = history.flatMap((event) =>
        event.kind === 'message' && event.participant === name ? [event.ordinal] : [],
      );
      expect(own, name).to.deep.equal(accepted);
      expect(own, name).to.deep.equal([...own].sort((a, b) => a - b));
      const answered = [...own, ...chat.rejections.map(({ ordinal }) => Number(ordinal))].sort((a, b) => a - b);
      expect(answered, name).to.deep.equal(Array.from({ length: each }, (_, index) => index + 1));
    }
  }

  it('refuses with OVERLOADED what does not fit before its disk, keeps what it took, and answers all others [P4] [P6] [P9] [P12]', async () => {
    // It writes 8 events at a time, for 16 who do not wait for that.
    const limits = { publishesPerSecondMax: 0, inletDraftsMax: 32, groupDraftsMax: 8, overloadedRetryMs: 10 };
    const server = await ServerProcess.withLimits(endings, limits, 'durable');
    const all = await publishers(server, 16);
    const caller = new RawCaller(endings, server.address);
    const elsewhere = caller.chat();
    await elsewhere.join('Neighbour', 'annex');
    let flooding = true;
    const others = (async () => {
      let number = 0;
      for (; flooding; number += 1) {
        elsewhere.publish(`${number}`);
        await Promise.all([elsewhere.heard(`${number}`), caller.rooms(), caller.historyPage('lobby', 0, 10)]);
      }
      return number;
    })();
    const each = 1_000;
    await flood(all, each);
    flooding = false;
    expect(await others, 'answers to others meanwhile').to.be.above(0);
    await expectKept(server, all, each, ['OVERLOADED']);
    // It is as it was before.
    for (const { chat, name } of all.slice(0, 2)) {
      chat.publish(`in good time by ${name}`);
      await all[2]?.chat.heard(`in good time by ${name}`);
    }
    await caller.chat().join('Newcomer');
  });

  it('refuses with RATE_LIMITED those who are too fast, and keeps what it took [P4] [P6] [P9] [P12]', async () => {
    const server = await ServerProcess.start(endings, { args: ['--publishes-per-second-max', '100'] });
    const all = await publishers(server, 4);
    const each = 2_000;
    await flood(all, each);
    await expectKept(server, all, each, ['RATE_LIMITED', 'OVERLOADED']);
    const reasons = all.flatMap(({ chat }) => chat.rejections.map(({ reason }) => reason));
    expect(reasons).to.include('RATE_LIMITED');
  });
});
