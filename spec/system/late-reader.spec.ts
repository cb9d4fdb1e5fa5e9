import { expect } from 'chai';
import { type ChatClient, type ConnectOptions, connect, type RoomEvent, type Status } from '../../lib/client/index.js';
import { clientLimits } from '../../lib/client/limits.js';
import type { Journal } from '../../lib/platform/journal.js';
import { withLimits } from '../client/with-limits.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';
import { transcript } from './transcript.js';

/** Several times what a client holds for a reader who has not come. */
const many = 6 * clientLimits.eventsHeldMax;
/** So many bytes that a stream which is not read cannot take them all either. */
const tooMany = 4 * many;

describe('a reader that comes late to the events of its visit, with a real server', function () {
  this.timeout(60_000);
  const endings = endedAfterEach();

  async function visit(server: string, name: string, options: Partial<ConnectOptions> = {}): Promise<ChatClient> {
    const client = await connect({ server, name, ...options });
    endings.add(() => withLimits({ leaveMsMax: 1 }, () => client.leave()));
    return client;
  }

  /** Says so much that the events of it go far beyond what may be held. */
  async function talk(server: string, messages: number): Promise<void> {
    const bob = await visit(server, 'Bob');
    bob.events$.subscribe();
    const answers: Promise<unknown>[] = [];
    for (let number = 1; number <= messages; number += 1) {
      answers.push(bob.publish(`${number} ${'x'.repeat(100)}`));
      if (number > 500) await answers[number - 501];
    }
    await Promise.all(answers);
  }

  /** What Ada was told is all that the log has from her Joined on, in order. */
  async function expectAll(server: string, seen: readonly RoomEvent[]): Promise<void> {
    const history = await new RawCaller(endings, server).history();
    await eventually(
      () => `all ${history.length} events, of which ${seen.length} are there`,
      () => (seen.at(-1)?.sequence ?? 0) >= history.length,
      30_000,
    );
    expect(transcript(seen.slice(0, history.length))).to.deep.equal(transcript(history));
  }

  function recorded(): { readonly journal: Journal; readonly received: () => number } {
    let received = 0;
    const count = (event: string) => {
      if (event === 'receive') received += 1;
    };
    return { journal: { debug: count, info: count, warn: count, error: count }, received: () => received };
  }

  it('has missed nothing of what is far beyond the limit, and its place was not beyond what it was given [P3] [P12]', async () => {
    const { address } = await ServerProcess.start(endings, { args: ['--publishes-per-second-max', '0'] });
    const { journal, received } = recorded();
    const ada = await visit(address, 'Ada', { journal });
    await talk(address, many);
    expect(ada.place.sequence).to.equal(0);
    // One more response at most was on its way to her when she had as many as she may have.
    expect(received()).to.be.within(clientLimits.eventsHeldMax, 3 * clientLimits.eventsHeldMax);
    const seen: RoomEvent[] = [];
    const places: number[] = [];
    ada.events$.subscribe((event) => {
      seen.push(event);
      places.push(ada.place.sequence);
    });
    await expectAll(address, seen);
    expect(places).to.deep.equal(seen.map(({ sequence }) => sequence));
    await ada.publish('all read');
  });

  it('has missed nothing either when its connection was cut meanwhile for taking nothing, and held no more for it [P3] [P12]', async () => {
    const limits = { stallMsMax: 100, publishesPerSecondMax: 0 };
    const { address } = await ServerProcess.withLimits(endings, limits);
    const { journal, received } = recorded();
    const ada = await visit(address, 'Ada', { journal });
    const statuses: Status[] = [];
    ada.status$.subscribe((status) => statuses.push(status));
    await talk(address, tooMany);
    const losses = () => statuses.filter(({ state }) => state === 'offline').length;
    await eventually('two losses', () => losses() >= 2, 20_000);
    expect(received()).to.be.below(3 * clientLimits.eventsHeldMax);
    const seen: RoomEvent[] = [];
    ada.events$.subscribe((event) => seen.push(event));
    await expectAll(address, seen);
  });

  it('is not waited for by whoever leaves without one [S6]', async () => {
    const { address } = await ServerProcess.start(endings, { args: ['--publishes-per-second-max', '0'] });
    const ada = await visit(address, 'Ada');
    await talk(address, many);
    await ada.leave();
    const left = (await new RawCaller(endings, address).history()).filter(({ kind }) => kind === 'left');
    expect(left.map(({ participant }) => participant)).to.deep.equal(['Ada']);
  });
});
