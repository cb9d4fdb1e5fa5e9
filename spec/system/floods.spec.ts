import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import {
  errorCodes,
  frame,
  framesIn,
  frameTypes,
  literal,
  ping,
  preface,
  request,
  reset,
  settings,
} from '../server/rpc/http2-frames.js';
import { RawSocket } from '../server/rpc/raw-socket.js';
import { Endings, endedAfterAll } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller, type RawChat } from './raw-caller.js';
import { ServerProcess } from './server-process.js';
import { comingsAndGoings } from './told-as-in-history.js';
import { expectUnbroken } from './transcript.js';

const chat = '/chit.v1.ChatService/Chat';
const { internalError, enhanceYourCalm } = errorCodes;
const { data: dataType, continuation: continuationType } = frameTypes;

describe('a peer that floods the server below gRPC', () => {
  const shared = endedAfterAll();
  const endings = new Endings();
  const neighbours: RawChat[] = [];
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.withLimits(shared, { keepaliveMs: 1_500, keepaliveTimeoutMs: 5_000 });
    for (const name of ['Ada', 'Bob']) {
      const neighbour = new RawCaller(shared, server.address).chat();
      await neighbour.join(name);
      neighbours.push(neighbour);
    }
  });

  // The server lives on and takes newcomers, and its participants were told of nothing but each other's messages.
  afterEach(async () => {
    await endings.run();
    await converse(`after all ${performance.now()}`);
    expect(await new RawCaller(endings, server.address).participants('lobby')).to.deep.equal(['Ada', 'Bob']);
    await endings.run();
    for (const { events, end } of neighbours) {
      expectUnbroken(events);
      expect(end).to.equal(undefined);
    }
    const told = neighbours.map(({ events }) => comingsAndGoings(events));
    expect(told).to.deep.equal([['Ada joined', 'Bob joined'], ['Bob joined']]);
    expect(server.records().filter(({ level }) => level >= 50)).to.deep.equal([]);
  });

  /** The neighbours talk to each other. */
  async function converse(when: string): Promise<void> {
    for (const [number, neighbour] of neighbours.entries()) {
      neighbour.publish(`${number} ${when}`);
      await Promise.all(neighbours.map((one) => one.heard(`${number} ${when}`)));
    }
  }

  /** A connection on which all of `frames` are sent, and how it ended. */
  async function flooded(frames: readonly Buffer[], { reads = true } = {}): Promise<RawSocket> {
    const closed = () => server.records().filter(({ event }) => event === 'connection-closed');
    const before = closed().length;
    const peer = new RawSocket(endings, Number(server.address.split(':')[1]));
    if (!reads) peer.stopReading();
    peer.write(Buffer.concat([preface, settings, ...frames]));
    await converse(`meanwhile ${performance.now()}`);
    // Whoever does not read does not hear of it.
    await eventually('the end of the connection', () => closed().length > before);
    return peer;
  }

  const repeated = (count: number, made: (number: number) => Buffer): Buffer[] =>
    Array.from({ length: count }, (_, number) => made(number));

  it('with streams that it resets at once is sent away [P10] [P12]', async () => {
    const resets = repeated(20_000, (number) => Buffer.concat([request(2 * number + 1, chat), reset(2 * number + 1)]));
    expect(errorsIn(await flooded(resets))).to.include(internalError);
  });

  it('with headers that never end is sent away [P10] [P12]', async () => {
    const begun = request(1, chat);
    // Without END_HEADERS.
    begun[4] = 0;
    const more = repeated(20_000, () => frame(continuationType, 0, 1, literal('x', 'a'.repeat(100))));
    expect(errorsIn(await flooded([begun, ...more]))).to.include(internalError);
  });

  it('with PINGs, whether it reads the answers or not, is sent away [P10] [P12]', async () => {
    const pings = repeated(200_000, () => ping());
    await flooded(pings);
    await flooded(pings, { reads: false });
  });

  it('with SETTINGS, whether it reads the answers or not, is sent away [P10] [P12]', async () => {
    const many = repeated(200_000, () => settings);
    await flooded(many);
    await flooded(many, { reads: false });
  });

  it('with empty DATA is sent away [P10] [P12]', async () => {
    await flooded([request(1, chat), ...repeated(200_000, () => frame(dataType, 0, 1, Buffer.alloc(0)))]);
  });

  it('with nothing at all after the preface is sent away when it does not answer [P10] [P12]', async () => {
    await flooded([]);
  });

  it('with headers that are too large together loses that stream [P12]', async () => {
    const begun = request(1, chat);
    begun[4] = 0;
    const large = Buffer.concat(repeated(150, () => literal('x', 'a'.repeat(100))));
    const last = Buffer.from(frame(continuationType, 0x4, 1, large));
    const parts = [begun, frame(continuationType, 0, 1, large), frame(continuationType, 0, 1, large), last];
    const { received } = await flooded(parts);
    expect(payloadsIn(received, frameTypes.reset).map((error) => error.readUInt32BE())).to.deep.equal([
      enhanceYourCalm,
    ]);
  });

  it('with a message that is small only while it is compressed gets RESOURCE_EXHAUSTED [P12]', async () => {
    const client = connectHttp2(`http://${server.address}`);
    endings.add(() => client.destroy());
    const statusOf = (message: Buffer) =>
      new Promise<unknown>((resolve, reject) => {
        const call = client.request({
          ':method': 'POST',
          ':path': chat,
          'content-type': 'application/grpc',
          'grpc-encoding': 'gzip',
          te: 'trailers',
        });
        const take = (headers: IncomingHttpHeaders) => {
          if (headers['grpc-status'] !== undefined) resolve(headers['grpc-status']);
        };
        call.on('response', take);
        call.on('trailers', take);
        call.on('error', reject);
        call.on('close', () => reject(new Error('no status')));
        call.resume();
        const head = Buffer.alloc(5);
        head.writeUInt8(1, 0);
        head.writeUInt32BE(message.length, 1);
        call.write(Buffer.concat([head, message]));
      });
    const bombs = [2 ** 20, 15 * 2 ** 20, 100 * 2 ** 20].map((bytes) => gzipSync(Buffer.alloc(bytes)));
    for (const bomb of bombs) {
      const [code] = await Promise.all([statusOf(bomb), converse(`beside ${bomb.length} bytes`)]);
      expect(Number(code)).to.equal(status.RESOURCE_EXHAUSTED);
    }
  });

  /** The contents of the frames of one type that the server sent. */
  function payloadsIn(received: Buffer, wanted: number): Buffer[] {
    return framesIn(received).frames.flatMap(({ type, payload }) => (type === wanted ? [payload] : []));
  }

  /** The errors with which the server ended the connection. */
  function errorsIn({ received }: RawSocket): number[] {
    return payloadsIn(received, frameTypes.goAway).map((goAway) => goAway.readUInt32BE(4));
  }
});
