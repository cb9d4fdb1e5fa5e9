import { execFileSync } from 'node:child_process';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { defaultLimits } from '../../lib/core/limits.js';
import { ClientProcess } from './client-process.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { type CallEnd, type CallFailed, RawCaller } from './raw-caller.js';
import { expectStatus, refusal } from './refusal.js';
import { ServerProcess } from './server-process.js';
import { expectUnbroken, transcript } from './transcript.js';

describe('the rejections of a server that is at its limits, over the wire', () => {
  const endings = endedAfterEach();

  it('refuses who sends too fast with RATE_LIMITED and says when to try again; others go on [P12]', async () => {
    const server = await ServerProcess.start(endings, { args: ['--publishes-per-second-max', '1'] });
    const caller = new RawCaller(endings, server.address);
    const [ada, bob] = [caller.chat(), caller.chat()];
    const { session } = await ada.join('Ada');
    await bob.join('Bob');
    const burst = defaultLimits.publishBurstMax;
    for (let number = 1; number <= burst + 10; number += 1) ada.publish(`number ${number}`);
    const refused = await ada.refused();
    expect(refused).to.include({ reason: 'RATE_LIMITED' });
    expect(refused.retryAfterMs).to.be.within(1, 1000);
    // By the time this comes one more may be allowed.
    let last = burst + 10;
    const end = await eventually('a refused call', () => {
      last += 1;
      return caller.publish(session, 'too fast', last).then(
        () => undefined,
        (error: CallFailed) => error,
      );
    });
    expectStatus(end, status.RESOURCE_EXHAUSTED, 'RATE_LIMITED', last);
    expect(end.rejection?.retryAfterMs).to.be.within(1, 1000);
    bob.publish('I have an allowance of my own');
    await ada.heard('I have an allowance of my own');
    last += 1;
    await eventually('the server takes it when it said it would', () =>
      caller.publish(session, 'in good time', last).catch(() => undefined),
    );
    await Promise.all([ada.heard('in good time'), bob.heard('in good time')]);
    const accepted = bob.events.filter((event) => event.kind === 'message' && event.participant === 'Ada');
    const numbers = accepted.map((event) => ('ordinal' in event ? event.ordinal : 0));
    const refusedNumbers = ada.rejections.map(({ ordinal }) => Number(ordinal));
    expect(numbers.filter((number) => refusedNumbers.includes(number))).to.deep.equal([]);
    for (let number = 1; number <= burst + 10; number += 1) {
      expect([...numbers, ...refusedNumbers].filter((one) => one === number)).to.have.length(1);
    }
    expectUnbroken(bob.events);
  });

  it('refuses to read from a place that its log no longer holds with HISTORY_LOST, never with a silent gap [P11]', async () => {
    const server = await ServerProcess.withLimits(endings, { memoryEventsPerRoomMax: 20, snapshotEveryEvents: 10 });
    const caller = new RawCaller(endings, server.address);
    const ada = caller.chat();
    await ada.join('Ada');
    for (let number = 1; number <= 100; number += 1) {
      ada.publish(`number ${number}`);
      await ada.heard(`number ${number}`);
    }
    expectStatus(await refusal(caller.historyPage('lobby', 0)), status.FAILED_PRECONDITION, 'HISTORY_LOST');
    const { events, newest } = await caller.historyPage('lobby', 90);
    expect(newest).to.equal(101);
    expect(transcript(events)).to.deep.equal(transcript(ada.events.slice(-11)));
    // Whoever wants more of the past than there is gets what there is.
    const bob = caller.chat();
    bob.askToJoin({ name: 'Bob', history: 1000 });
    const welcome = await bob.joined();
    await bob.event('his own joining', ({ participant }) => participant === 'Bob');
    expectUnbroken(bob.events, welcome);
    expect(bob.events.length).to.be.within(11, 40);
  });

  it('ends a stream that never joins with NOT_JOINED, in time', async () => {
    const server = await ServerProcess.withLimits(endings, { joinMsMax: 200 });
    const silent = new RawCaller(endings, server.address).chat();
    silent.sendBytes(Buffer.alloc(0));
    expectStatus(await silent.ended(), status.FAILED_PRECONDITION, 'NOT_JOINED');
  });

  it('refuses with READ_ONLY what its log cannot take, goes on reading, and recovers without a restart [P4] [P9]', async function () {
    this.timeout(60_000);
    const server = await ServerProcess.start(endings, {
      args: ['--publishes-per-second-max', '0'],
      fileKibMax: 1024,
    });
    const caller = new RawCaller(endings, server.address);
    const [ada, bob] = [caller.chat(), caller.chat()];
    const { session } = await ada.join('Ada');
    await bob.join('Bob');
    const leaver = await ClientProcess.joined(endings, server.address, { name: 'Leaver' });
    let acknowledged = 0;
    let end: CallEnd | undefined;
    for (let ordinal = 1; !end; ordinal += 1) {
      expect(ordinal, 'the log becomes full').to.be.below(5_000);
      try {
        await caller.publish(session, '🎉'.repeat(128), ordinal);
        acknowledged = ordinal;
      } catch {
        // The room says so at once from then on, with the time when it tries again.
        end = await refusal(caller.publish(session, 'once more', ordinal));
      }
    }
    expectStatus(end, status.UNAVAILABLE, 'READ_ONLY', acknowledged + 1);
    expect(end.rejection?.retryAfterMs).to.be.within(1, defaultLimits.readOnlyMs);
    bob.publish('I cannot either');
    expect(await bob.refused()).to.include({ reason: 'READ_ONLY', ordinal: 1 });
    const third = caller.chat();
    third.askToJoin({ name: 'Cyd' });
    expectStatus(await third.ended(), status.UNAVAILABLE, 'READ_ONLY');
    expectStatus(await refusal(caller.leave(session)), status.UNAVAILABLE, 'READ_ONLY');
    // Somebody drops out while nothing can be written: his Left is owed.
    await leaver.kill();
    const read = await caller.history();
    expectUnbroken(read, { sequence: 0, chain: '0000000000000000' });
    expect(read.filter(({ kind }) => kind === 'message')).to.have.length(acknowledged);
    expect(await caller.participants('lobby')).to.include.members(['Ada', 'Bob']);

    execFileSync('prlimit', ['--fsize=unlimited', '--pid', String(server.child.pid)]);
    const again = await eventually(
      'the server takes messages again',
      () => caller.publish(session, 'at last', acknowledged + 1).catch(() => undefined),
      20_000,
    );
    expect(again).to.deep.include({ duplicate: false });
    await bob.heard('at last');
    const told = server.child.errorLines.filter((line) => line.includes('Write error'));
    expect(told, 'the store was never told to write what it could not').to.deep.equal([]);
    const left = await bob.event('the owed Left', (event) => event.kind === 'left' && event.participant === 'Leaver');
    expect(left).to.include({ reason: 'CONNECTION_LOST' });
    const all = await caller.history();
    expectUnbroken(all, { sequence: 0, chain: '0000000000000000' });
    expect(transcript(all.slice(0, read.length))).to.deep.equal(transcript(read));
    const texts = all.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
    expect(texts.filter((text) => ['once more', 'I cannot either'].includes(text))).to.deep.equal([]);
    expect(all.filter(({ kind }) => kind === 'left')).to.have.length(1);
    expect(await server.stop()).to.equal(0);
    // And what the next life reads is the same.
    const next = await ServerProcess.start(endings, { data: server.data });
    const kept = await new RawCaller(endings, next.address).history();
    expect(transcript(kept.slice(0, all.length))).to.deep.equal(transcript(all));
  });
});
