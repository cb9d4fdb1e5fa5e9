import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { defaultLimits } from '../../lib/core/limits.js';
import { endedAfterEach } from './endings.js';
import { RawCaller } from './raw-caller.js';
import { expectStatus, refusal } from './refusal.js';
import { ServerProcess } from './server-process.js';

describe('publishes that are repeated, as by a caller who did not hear the answer', () => {
  const endings = endedAfterEach();

  it('answers a repeat by Publish with the first one’s event and publishes nothing, also what was first sent on Chat [P5]', async () => {
    const server = await ServerProcess.start(endings);
    const caller = new RawCaller(endings, server.address);
    const [ada, bob] = [caller.chat(), caller.chat()];
    const { session } = await ada.join('Ada');
    await bob.join('Bob');
    const first = await caller.publish(session, 'by Publish', 1, 5);
    expect(first.duplicate).to.equal(false);
    expect(await caller.publish(session, 'another text', 1, 50)).to.deep.equal({ event: first.event, duplicate: true });
    ada.publish('by Chat', { ordinal: 2 });
    const onChat = await ada.heard('by Chat');
    const repeats = await Promise.all([1, 2, 3].map((again) => caller.publish(session, `by Chat ${again}`, 2)));
    for (const repeat of repeats) expect(repeat).to.deep.equal({ event: onChat, duplicate: true });
    // On Chat a repeat is silent: its author has the first one's event like everybody else.
    ada.publish('by Chat', { ordinal: 2 });
    ada.publish('something new', { ordinal: 3 });
    await Promise.all([ada.heard('something new'), bob.heard('something new')]);
    expect(ada.rejections).to.deep.equal([]);
    const texts = bob.events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
    expect(texts).to.deep.equal(['by Publish', 'by Chat', 'something new']);
  });

  it('knows a repeat that comes at the same time as the first, on another connection [P5]', async () => {
    const server = await ServerProcess.start(endings);
    const callers = [1, 2, 3, 4].map(() => new RawCaller(endings, server.address));
    const [caller = new RawCaller(endings, server.address)] = callers;
    const { session } = await caller.chat().join('Ada');
    for (let ordinal = 1; ordinal <= 20; ordinal += 1) {
      const answers = await Promise.all(callers.map((one) => one.publish(session, `number ${ordinal}`, ordinal)));
      expect(answers.filter(({ duplicate }) => !duplicate)).to.have.length(1);
      for (const { event } of answers) expect(event).to.deep.equal(answers[0]?.event);
    }
    expect((await caller.history()).filter(({ kind }) => kind === 'message')).to.have.length(20);
  });

  it('remembers the newest ordinals of a session, and refuses older ones rather than to guess [P5] [P12]', async () => {
    const server = await ServerProcess.start(endings, { args: ['--publishes-per-second-max', '0'] });
    const caller = new RawCaller(endings, server.address);
    const ada = caller.chat();
    const { session } = await ada.join('Ada');
    const remembered = defaultLimits.ordinalsRememberedMax;
    for (let ordinal = 1; ordinal <= remembered + 1; ordinal += 1) ada.publish(`number ${ordinal}`, { ordinal });
    await ada.heard(`number ${remembered + 1}`);
    expectStatus(await refusal(caller.publish(session, 'number 1', 1)), status.INVALID_ARGUMENT, 'ORDINAL_INVALID', 1);
    const second = await caller.publish(session, 'number 2', 2);
    expect(second).to.deep.equal({ event: await ada.heard('number 2'), duplicate: true });
  });
});
