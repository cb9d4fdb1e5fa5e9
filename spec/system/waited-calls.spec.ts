import { Client, type ClientReadableStream, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { encodeReadHistoryRequest } from '../../lib/codec/requests.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller } from './raw-caller.js';
import { RawReads } from './raw-reads.js';
import { ServerProcess } from './server-process.js';

const asIs = (bytes: Buffer): Buffer => bytes;
const watchPath = '/grpc.health.v1.Health/Watch';
/** A question of reflection: `list_services`, field 7. */
const listServices = Buffer.from([0x3a, 0]);
const reflectionPath = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';

describe('a call that is waited for in vain', () => {
  const endings = endedAfterEach();

  const client = ({ address }: ServerProcess): Client => {
    const made = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
    endings.add(() => made.close());
    return made;
  };
  /** How a stream ends. */
  const endOf = (stream: ClientReadableStream<Buffer>): Promise<number> => {
    stream.on('data', () => {});
    return new Promise((resolve) => stream.on('error', (error) => resolve((error as ServiceError).code)));
  };
  const watch = (by: Client) => by.makeServerStreamRequest(watchPath, asIs, asIs, Buffer.alloc(0), new Metadata(), {});
  const reflect = (by: Client) => by.makeBidiStreamRequest(reflectionPath, asIs, asIs, new Metadata(), {});

  for (const method of ['Subscribe', 'Publish', 'Leave', 'ReadHistory', 'ListRooms']) {
    it(`for its request ends with DEADLINE_EXCEEDED: ${method} [P12]`, async () => {
      const server = await ServerProcess.withLimits(endings, { requestMsMax: 100 });
      const path = `/chit.v1.ChatService/${method}`;
      const code = await new Promise((resolve) => {
        client(server).makeClientStreamRequest(path, asIs, asIs, new Metadata(), {}, (error) => resolve(error?.code));
      });
      expect(code).to.equal(status.DEADLINE_EXCEEDED);
    });
  }

  it('for its request gives its place on the connection back, though its caller never ends it [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, { requestMsMax: 100, lingerMsMax: 50 });
    await new RawCaller(endings, server.address).chat().join('Ada');
    const calls = new RawReads(endings, server.address);
    const path = '/chit.v1.ChatService/ReadHistory';
    for (let round = 1; round <= 3; round += 1) {
      calls.call(Array(16).fill(path));
      await eventually(`the ends of round ${round}`, () => calls.over.length === 16 * round);
      await eventually(`the closes of round ${round}`, () => calls.reset.length === 16 * round);
    }
    calls.call([path], encodeReadHistoryRequest({ room: 'lobby', after: 0, limit: 0 }));
    await eventually('a page', () => calls.taken.size > 0);
    expect(calls.closed).to.equal(false);
  });

  it('is not one of those whose request has come: a Subscribe stream lasts, and so does Chat [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, { requestMsMax: 100 });
    const caller = new RawCaller(endings, server.address);
    const [chat, subscribed] = [caller.chat(), caller.subscribe({ name: 'Bob' })];
    await chat.join('Ada');
    const end = endOf(
      client(server).makeServerStreamRequest(watchPath, asIs, asIs, Buffer.alloc(0), new Metadata(), {}),
    );
    // A call that is begun later has been waited for in vain before the others are asked whether they are there.
    await new Promise((resolve) => {
      const path = '/chit.v1.ChatService/Publish';
      client(server).makeClientStreamRequest(path, asIs, asIs, new Metadata(), {}, resolve);
    });
    chat.publish('still here');
    await Promise.all([chat, subscribed].map((visit) => visit.heard('still here')));
    expect(await Promise.race([end, 'lasts'])).to.equal('lasts');
  });

  for (const [what, open] of [
    ['health watch', watch],
    ['reflection stream', reflect],
  ] as const) {
    it(`as a ${what} lasts only so long, and ends with DEADLINE_EXCEEDED [P12]`, async () => {
      const server = await ServerProcess.withLimits(endings, { auxiliaryStreamMsMax: 100 });
      expect(await endOf(open(client(server)))).to.equal(status.DEADLINE_EXCEEDED);
    });
  }

  it('as a reflection stream lasts only so long also where it was answered, and its caller never ends it [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, { auxiliaryStreamMsMax: 300, lingerMsMax: 50 });
    const calls = new RawReads(endings, server.address);
    for (let round = 1; round <= 2; round += 1) {
      calls.call(Array(16).fill(reflectionPath));
      const first = 32 * (round - 1) + 1;
      for (let stream = first; stream < first + 32; stream += 2) calls.send(stream, listServices);
      await eventually(`the answers of round ${round}`, () => calls.taken.size === 16 * round);
      await eventually(`the ends of round ${round}`, () => calls.over.length === 16 * round);
      await eventually(`the closes of round ${round}`, () => calls.reset.length === 16 * round);
    }
    expect(calls.closed).to.equal(false);
  });

  it('as a health watch or a reflection stream is one of so many; one more is refused until one has ended [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, { auxiliaryStreamsMax: 2 });
    const caller = client(server);
    const [first, second] = [watch(caller), reflect(caller)];
    const gone = endOf(first);
    void endOf(second);
    await new Promise((resolve) => first.once('data', resolve));
    expect(await endOf(watch(caller))).to.equal(status.RESOURCE_EXHAUSTED);
    expect(await endOf(reflect(caller))).to.equal(status.RESOURCE_EXHAUSTED);
    first.cancel();
    await gone;
    await eventually('a place for one more', async () => {
      const next = watch(caller);
      const [outcome] = await Promise.all([
        Promise.race([endOf(next), new Promise((resolve) => next.once('data', () => resolve('watches')))]),
      ]);
      return outcome === 'watches';
    });
  });
});
