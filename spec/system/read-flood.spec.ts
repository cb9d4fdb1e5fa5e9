import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { encodeReadHistoryRequest } from '../../lib/codec/requests.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { CallFailed, RawCaller } from './raw-caller.js';
import { RawReads } from './raw-reads.js';
import { ServerProcess } from './server-process.js';
import { expectUnbroken } from './transcript.js';

const path = '/chit.v1.ChatService/ReadHistory';
const everything = encodeReadHistoryRequest({ room: 'lobby', after: 0, limit: 0 });

describe('a flood of reads', () => {
  const endings = endedAfterEach();

  it('of 200 connections with 16 each at one moment keeps nobody else waiting: what others say comes back before the reads are done [P10] [P12]', async function () {
    this.timeout(120_000);
    const connections = 200;
    const callsEach = 16;
    const server = await ServerProcess.start(endings, { args: ['--publishes-per-second-max', '0'] });
    const chat = async (name: string) => {
      const one = new RawCaller(endings, server.address).chat();
      await one.join(name);
      return one;
    };
    const speaker = await chat('Speaker');
    const text = 'x'.repeat(20);
    for (let number = 1; number <= 1_000; number += 1) {
      if (!speaker.publish(`${text} ${number}`)) await speaker.drained();
    }
    await speaker.heard(`${text} 1000`);
    const bystander = await chat('Bystander');

    const window = 2 ** 30;
    const flood = Array.from(
      { length: connections },
      () => new RawReads(endings, server.address, { window, connectionWindow: window }),
    );
    const opened = () => server.records().filter(({ event }) => event === 'connection-opened').length;
    await eventually('all connections', () => opened() === connections + 2);
    for (const reads of flood) reads.call(Array(callsEach).fill(path), everything);
    const over = () => flood.reduce((sum, reads) => sum + reads.over.length, 0);
    await eventually('the first replies', () => over() > 0);
    for (let number = 1; number <= 20; number += 1) {
      bystander.publish(`bystander ${number}`);
      await bystander.heard(`bystander ${number}`);
    }
    expect(over(), 'replies by then').to.be.below(connections * callsEach);
    await eventually('all replies', () => over() === connections * callsEach, 60_000);

    expectUnbroken(bystander.events, bystander.welcome);
    expect([speaker.end, bystander.end]).to.deep.equal([undefined, undefined]);
    const calls = server.records().filter(({ event, method }) => event === 'call' && method === path.slice(1));
    expect(new Set(calls.map(({ code }) => code))).to.deep.equal(new Set(['OK']));
    expect(server.records().filter(({ event }) => event === 'cut')).to.deep.equal([]);
  });

  it('is refused with OVERLOADED from the first that may not wait on, and all others are answered [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, {
      readsOpenPerConnectionMax: 16,
      readsWaitingPerConnectionMax: 2,
    });
    const caller = new RawCaller(endings, server.address);
    const chat = caller.chat();
    await chat.join('Ada');
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => caller.historyPage('lobby', 0)));
    const refusals = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as CallFailed] : []));
    expect(refusals.length).to.be.within(1, 10);
    for (const refusal of refusals) {
      expect(refusal).to.be.instanceOf(CallFailed);
      expect(refusal.code).to.equal(status.RESOURCE_EXHAUSTED);
      expect(refusal.rejection).to.deep.include({ reason: 'OVERLOADED', retryAfterMs: 100 });
    }
    expect((await caller.historyPage('lobby', 0)).events).to.have.length(1);
  });
});
