import { expect } from 'chai';
import {
  data,
  errorCodes,
  frame,
  frameFlags,
  framesIn,
  frameTypes,
  grpcMessage,
  ping,
  preface,
  priority,
  request,
  settingNames,
  settings,
  settingsOf,
  windowUpdate,
} from '../../server/rpc/http2-frames.js';
import { endedAfterAll } from '../endings.js';
import { eventually } from '../eventually.js';
import { ServerProcess } from '../server-process.js';
import { chat, connectionError, goesOn, listRooms } from './frame-case.js';
import { patienceMs, WirePeer } from './wire-peer.js';

const question = grpcMessage(Buffer.alloc(0));
const call = (stream: number): Buffer =>
  Buffer.concat([request(stream, listRooms), data(stream, question, { end: true })]);

const framesTo = ({ frames }: WirePeer, type: number, ack: boolean) =>
  frames.filter((one) => one.type === type && ((one.flags & frameFlags.ack) !== 0) === ack);

for (const [which, ...args] of [['with fast lanes'], ['without fast lanes', '--no-fast-lane']] as const) {
  describe(`an HTTP/2 connection before its first call, ${which},`, () => {
    const endings = endedAfterAll();
    let server: ServerProcess;

    before(async () => {
      server = await ServerProcess.start(endings, { args });
    });

    const peer = (opening?: Buffer) => new WirePeer(endings, server.address, opening ? { opening } : {});

    it('has the settings of grpc-js’s session, which says nothing of its own when the call comes', async () => {
      const one = peer();
      await one.goesOn();
      const before = framesTo(one, frameTypes.settings, false);
      one.write(call(1));
      await one.answered(1);
      await goesOn(one);
      const said = framesTo(one, frameTypes.settings, false);
      expect(said, one.told()).to.deep.equal(before);
      expect(said).to.deep.equal(framesIn(settingsOf([settingNames.maxConcurrentStreams, 16])).frames);
      expect(one.settingsAcks(), one.told()).to.equal(1);
    });

    it('is told the settings, and has its own acknowledged, once in each order in which they and the call may come', async () => {
      const more = settingsOf([settingNames.maxFrameSize, 20_000]);
      const openings = [
        [preface, settings, call(1)],
        [preface, settings, more, call(1)],
        [preface, settings, call(1), more],
        [preface, settings, more, call(1), more],
      ];
      for (const frames of openings) {
        const one = peer(Buffer.concat(frames));
        await one.answered(1);
        await goesOn(one);
        expect(framesTo(one, frameTypes.settings, false), one.told()).to.have.length(1);
        expect(one.settingsAcks(), one.told()).to.equal(frames.length - 2);
      }
    });

    it('has each PING answered with what it holds, in order', async () => {
      const one = peer();
      await one.goesOn();
      const contents = Array.from({ length: 500 }, (_, index) => Buffer.from(`no ${index}`.padEnd(8, '.')));
      one.write(Buffer.concat(contents.map((content) => ping(content))));
      await one.goesOn();
      const answers = framesTo(one, frameTypes.ping, true).map(({ payload }) => payload.toString());
      expect(answers.slice(1, -1)).to.deep.equal(contents.map(String));
    });

    it('passes over answers to PINGs that nobody sent [RFC 9113 6.7]', async () => {
      const one = peer();
      one.write(ping(Buffer.from('whoknows'), { ack: true }));
      await goesOn(one);
      one.write(call(1));
      await one.answered(1);
      await goesOn(one);
    });

    it('passes over what nobody knows, and priorities, wherever the bytes are cut, and then answers a call', async () => {
      const unknown = frame(0x42, 0xff, 7, Buffer.alloc(300, 7));
      const bytes = Buffer.concat([priority(1), unknown, priority(3, 1), unknown, windowUpdate(0, 10), call(1)]);
      for (let cut = 1; cut < bytes.length; cut += 23) {
        const one = peer();
        await one.goesOn();
        one.write(bytes.subarray(0, cut));
        if (cut % 2) await new Promise(setImmediate);
        one.write(bytes.subarray(cut));
        await one.answered(1);
        await goesOn(one);
        one.destroy();
      }
    });

    it('goes by the newest settings when the call comes', async () => {
      const window = (bytes: number) => settingsOf([settingNames.initialWindowSize, bytes]);
      const one = peer(Buffer.concat([preface, window(100), window(0), window(3), settings]));
      await one.goesOn();
      one.write(call(1));
      await eventually('three bytes', () => one.dataOf(1).length === 3, patienceMs);
      await one.goesOn();
      expect(one.dataOf(1)).to.have.length(3);
    });

    it('is over with the client’s GOAWAY', async () => {
      const one = peer();
      await one.goesOn();
      one.write(frame(frameTypes.goAway, 0, 0, Buffer.alloc(8)));
      await connectionError('noError')(one);
    });

    for (const [what, flood] of [
      ['PINGs', ping()],
      ['SETTINGS', settings],
    ] as const) {
      it(`is ended with ENHANCE_YOUR_CALM by a client that takes no answers to its ${what} [P12]`, async () => {
        const one = peer();
        await one.goesOn();
        one.write(Buffer.concat(Array.from({ length: 100_000 }, () => flood)));
        await connectionError('enhanceYourCalm')(one);
        expect(server.records().filter(({ peer: name }) => name === one.name)).to.satisfy((records: object[]) =>
          records.some((record) => 'code' in record && record.code === 'ENHANCE_YOUR_CALM'),
        );
      });
    }

    it('is told of the end by a server that stops', async () => {
      const other = await ServerProcess.start(endings, { args });
      const one = new WirePeer(endings, other.address);
      await one.goesOn();
      expect(await other.stop()).to.equal(0);
      await one.closes();
      expect(one.goAwayCode, one.told()).to.equal(errorCodes.noError);
    });
  });
}

describe('an HTTP/2 connection that nobody uses', () => {
  const endings = endedAfterAll();

  it('is closed, with a GOAWAY first, whether it had a call or never, and however many PINGs it sends [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, { unusedConnectionMsMax: 300, idleConnectionMsMax: 600 });
    const [silent, busy, called] = [1, 2, 3].map(() => new WirePeer(endings, server.address));
    if (!silent || !busy || !called) throw new Error('no peers');
    called.write(call(1));
    await called.answered(1);
    const keepOn = async (): Promise<void> => {
      while (!busy.ended) await busy.goesOn().catch(() => {});
    };
    await Promise.all([connectionError('noError')(silent), connectionError('noError')(called), keepOn()]);
    await connectionError('noError')(busy);
    const idle = server.records().filter(({ event }) => event === 'connection-idle');
    expect(idle.map(({ peer }) => peer)).to.have.members([silent.name, busy.name, called.name]);
  });

  it('gives way to another where they are scarce, and is told so too [P12]', async () => {
    const server = await ServerProcess.withLimits(endings, { connectionsMax: 2, idleConnectionMsMin: 50 });
    const first = new WirePeer(endings, server.address);
    await first.goesOn();
    await eventually('another in its place', async () => {
      const next = new WirePeer(endings, server.address);
      await next.goesOn().catch(() => {});
      return first.closed;
    });
    expect(first.goAwayCode, first.told()).to.equal(errorCodes.noError);
  });

  it('is asked whether its client is there; an answer that comes after its first call is taken for what it is', async () => {
    const server = await ServerProcess.withLimits(endings, { keepaliveMs: 200, keepaliveTimeoutMs: 1_500 });
    const [here, gone] = [1, 2].map(() => new WirePeer(endings, server.address));
    if (!here || !gone) throw new Error('no peers');
    const asked = (one: WirePeer) => framesTo(one, frameTypes.ping, false);
    await eventually('a PING', () => asked(here).length > 0, patienceMs);
    here.write(Buffer.concat([request(1, chat), call(3)]));
    await here.answered(3);
    const [first] = asked(here);
    here.write(frame(frameTypes.ping, frameFlags.ack, 0, first?.payload ?? Buffer.alloc(0)));
    await goesOn(here);
    await gone.closes();
  });
});
