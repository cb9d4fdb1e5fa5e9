import { expect } from 'chai';
import { encodeChatRequest, encodeReadHistoryRequest } from '../../lib/codec/requests.js';
import { encodePublishRequest } from '../codec/other-side.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { heldMib, serverThatTellsItsMemory } from './held-memory.js';
import { RawCaller } from './raw-caller.js';
import { RawReads } from './raw-reads.js';
import { ServerProcess } from './server-process.js';

const readHistory = '/chit.v1.ChatService/ReadHistory';
const everything = encodeReadHistoryRequest({ room: 'lobby', after: 0, limit: 0 });
const none = Buffer.alloc(0);
const text = '🎉'.repeat(120);

describe('replies that are not taken', () => {
  const endings = endedAfterEach();

  /** Somebody who has said so much in the lobby. */
  async function talk(server: ServerProcess, messages: number) {
    const speaker = new RawCaller(endings, server.address).chat();
    await speaker.join('Speaker');
    for (let number = 1; number <= messages; number += 1) {
      if (!speaker.publish(`${text} ${number}`)) await speaker.drained();
    }
    await speaker.heard(`${text} ${messages}`, 30_000);
    return speaker;
  }

  const cuts = (server: ServerProcess) => server.records().filter(({ event }) => event === 'cut');

  it('hold a bounded amount of memory, however many are asked for on however many connections [P10] [P12]', async function () {
    this.timeout(60_000);
    const server = await ServerProcess.start(endings, {
      program: serverThatTellsItsMemory,
      args: ['--memory', '--publishes-per-second-max', '0'],
    });
    await talk(server, 1_000);
    const before = await heldMib(server);
    for (let number = 0; number < 50; number += 1) {
      const reads = new RawReads(endings, server.address);
      reads.call(Array(16).fill(readHistory), everything);
      reads.stopReading();
    }
    const begun = () => server.records().filter(({ event }) => event === 'connection-opened').length;
    await eventually('all connections', () => begun() === 51);
    // Connections take turns: when this one's second page is there, all that may be read for the others has been.
    const bystander = new RawCaller(endings, server.address);
    expect(await bystander.history()).to.have.length(1_001);
    const held = (await heldMib(server)) - before;
    expect(held, 'MiB').to.be.below(60);
    expect(cuts(server)).to.deep.equal([]);
  });

  it('have their connection cut when nothing of them is taken for too long [P10] [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, { stallMsMax: 300, publishesPerSecondMax: 0 });
    await talk(server, 300);
    const reads = new RawReads(endings, server.address);
    reads.call([readHistory], everything);
    await eventually('the cut', () => reads.closed);
    expect(cuts(server)).to.have.length(1);
    expect(cuts(server)[0]).to.include({ wait: 'stall', method: readHistory.slice(1) });
  });

  for (const fastLane of [true, false]) {
    it(`are cut off by the stall limit on a connection that is read otherwise, ${fastLane ? 'with' : 'without'} fast lane; the rest lives [P10]`, async function () {
      this.timeout(40_000);
      const server = await ServerProcess.withLimits(endings, { stallMsMax: 300, publishesPerSecondMax: 0 }, undefined, {
        args: fastLane ? [] : ['--no-fast-lane'],
      });
      const speaker = await talk(server, 10);
      // Of the reply nothing may be sent, for no window is opened but the Chat stream's.
      const one = new RawReads(endings, server.address, { window: 0, connectionWindow: 100_000_000 });
      one.call(['/chit.v1.ChatService/Chat']);
      one.allow(1, 100_000_000);
      const join = { room: '', name: 'Reader', history: 0, resumable: false };
      one.send(1, encodeChatRequest({ lamport: 1, action: { kind: 'join', ...join } }));
      await eventually('Reader', () => speaker.events.some(({ participant }) => participant === 'Reader'));
      one.call([readHistory], everything);
      const taken = () => one.taken.get(1) ?? 0;
      let said = 0;
      const goOn = () => {
        said += 1;
        return speaker.publish(`${text} on ${said}`);
      };
      await eventually(
        () => `the cut; ${taken()} bytes of the other stream are taken`,
        () => {
          goOn();
          return one.reset.includes(3) || one.closed;
        },
        20_000,
      );
      expect(one.closed).to.equal(false);
      expect(cuts(server).map(({ method }) => method)).to.deep.equal([readHistory.slice(1)]);
      const before = taken();
      goOn();
      await speaker.heard(`${text} on ${said}`);
      await eventually('what was said since', () => taken() > before);
      // What it held is free: two more are answered, of which windows are opened.
      one.call([readHistory, readHistory], everything);
      for (const stream of [5, 7]) one.allow(stream, 1_000_000);
      await eventually('the next replies', () => [5, 7].every((stream) => one.over.includes(stream)));
      expect([one.closed, one.reset]).to.deep.equal([false, [3]]);
    });
  }

  for (const path of [
    '/chit.v1.ChatService/Publish',
    '/chit.v1.ChatService/ListRooms',
    '/grpc.health.v1.Health/Check',
    '/grpc.health.v1.Health/Watch',
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  ]) {
    it(`are cut off also in ${path} [P10] [P12]`, async () => {
      const server = await ServerProcess.withLimits(endings, { stallMsMax: 300 });
      const speaker = new RawCaller(endings, server.address).chat();
      const { session } = await speaker.join('Ada');
      const reads = new RawReads(endings, server.address, { window: 0 });
      const publish = encodePublishRequest({ session, lamport: 1, text: 'hello', ordinal: 1, seen: 0 });
      // Of reflection: list_services, field 7.
      reads.call([path], path.endsWith('Publish') ? publish : path.endsWith('Info') ? Buffer.from([0x3a, 0]) : none);
      await eventually('the cut', () => reads.closed);
      expect(cuts(server).map(({ method }) => method)).to.deep.equal([path.slice(1)]);
      expect(speaker.end).to.equal(undefined);
    });
  }

  it('are not cut off while they are taken steadily, however slowly: 2 KB a second, over ten times the limit [P10]', async function () {
    this.timeout(30_000);
    const server = await ServerProcess.withLimits(endings, { stallMsMax: 400, publishesPerSecondMax: 0 });
    const speaker = await talk(server, 10);
    /** From its first byte on. */
    const steadily = () => {
      const one = new RawReads(endings, server.address, { window: 100 });
      const taking = setInterval(() => one.allow(1, 100), 50);
      endings.add(() => clearInterval(taking));
      return { one, stop: () => clearInterval(taking) };
    };
    const { one: visit, stop: stopVisit } = steadily();
    visit.call(['/chit.v1.ChatService/Chat']);
    const join = { room: '', name: 'Slow', history: 0, resumable: false };
    visit.send(1, encodeChatRequest({ lamport: 1, action: { kind: 'join', ...join } }));
    await eventually('Slow', () => speaker.events.some(({ participant }) => participant === 'Slow'));
    for (let number = 1; number <= 800; number += 1) {
      if (!speaker.publish(`${text} ${number}`)) await speaker.drained();
    }
    await speaker.heard(`${text} 800`);
    const { one: reads, stop: stopReads } = steadily();
    reads.call([readHistory], everything);
    const taken = (one: RawReads) => one.taken.get(1) ?? 0;
    await eventually(
      () => `8,000 bytes: ${taken(visit)}, ${taken(reads)}`,
      () => Math.min(taken(visit), taken(reads)) >= 8_000,
      20_000,
    );
    expect(cuts(server)).to.deep.equal([]);
    expect([visit.closed, reads.closed]).to.deep.equal([false, false]);
    stopVisit();
    stopReads();
    await eventually('the cuts, now that nothing is taken', () => visit.closed && reads.closed);
  });
});
