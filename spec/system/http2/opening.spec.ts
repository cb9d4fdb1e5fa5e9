import { expect } from 'chai';
import {
  data,
  frame,
  frameTypes,
  grpcMessage,
  ping,
  preface,
  request,
  settings,
  settingsAck,
  windowUpdate,
} from '../../server/rpc/http2-frames.js';
import { endedAfterAll } from '../endings.js';
import { eventually } from '../eventually.js';
import { RawCaller } from '../raw-caller.js';
import { ServerProcess } from '../server-process.js';
import { connectionError, listRooms } from './frame-case.js';
import { patienceMs, WirePeer } from './wire-peer.js';

const question = grpcMessage(Buffer.alloc(0));
const call = (stream: number): Buffer =>
  Buffer.concat([request(stream, listRooms), data(stream, question, { end: true })]);
/** At which the connection is over. */
const fault = frame(frameTypes.ping, 0, 0, Buffer.alloc(6));

describe('an HTTP/2 connection', () => {
  const endings = endedAfterAll();
  let server: ServerProcess;

  before(async () => {
    server = await ServerProcess.start(endings);
  });

  const peer = (options: ConstructorParameters<typeof WirePeer>[2] = {}) =>
    new WirePeer(endings, server.address, options);

  it("begins with the server's SETTINGS [RFC 9113 3.4]", async () => {
    const one = peer();
    await one.goesOn();
    const [first] = one.frames;
    expect(first).to.include({ type: frameTypes.settings, flags: 0, stream: 0 });
  });

  it('is answered whose preface comes by the byte, or with all that follows [RFC 9113 3.4]', async () => {
    const slow = peer({ opening: Buffer.alloc(0) });
    for (const octet of Buffer.concat([preface, settings, call(1)])) slow.write(Buffer.from([octet]));
    const quick = peer({ opening: Buffer.concat([preface, settings, call(1), ping()]) });
    await Promise.all([slow.answered(1), quick.answered(1)]);
  });

  for (const [what, opening] of [
    ['that ends otherwise', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r', 'latin1')],
    ['in small letters', Buffer.from('pri * http/2.0\r\n\r\nsm\r\n\r\n', 'latin1')],
    ['of HTTP/3.0', Buffer.from('PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n', 'latin1')],
    ['after an empty line', Buffer.concat([Buffer.from('\r\n'), preface])],
    ['that is left out', settings],
    ['that TLS would send', Buffer.from('16030100f8010000f40303', 'hex')],
  ] as const) {
    it(`with a preface ${what} is closed [RFC 9113 3.4]`, async () => {
      await peer({ opening: Buffer.concat([opening, settings, call(1)]) }).closes();
    });
  }

  for (const [what, first] of [
    ['a call', call(1)],
    ['a PING', ping()],
    ['a WINDOW_UPDATE', windowUpdate(0, 1)],
    ['an acknowledgement of SETTINGS', settingsAck],
    ['the preface again', preface],
  ] as const) {
    it(`whose first frame is ${what} is lost and closed [RFC 9113 3.4]`, async () => {
      const one = peer({ opening: Buffer.concat([preface, first]) });
      await connectionError('protocolError', 'frameSizeError')(one);
      expect(one.isAnswered(1), one.told()).to.equal(false);
    });
  }

  it('that is over takes nothing more: what comes with the fault is not answered [RFC 9113 5.4.1]', async () => {
    const one = peer();
    await one.goesOn();
    one.write(Buffer.concat([fault, call(1)]));
    await one.closes();
    expect(one.isAnswered(1), one.told()).to.equal(false);
  });

  it('that is over is closed by the server, also where the client keeps its own side open and goes on sending', async () => {
    const one = peer({ allowHalfOpen: true });
    await one.goesOn();
    const { name } = one;
    one.write(fault);
    await eventually(
      () => `the server's end of ${name}; ${one.told()}`,
      () => {
        one.write(ping());
        return server.records().some(({ event, peer: closed }) => event === 'connection-closed' && closed === name);
      },
      patienceMs,
    );
  });

  it('that is over ends the visits on it at once, and the others are told', async () => {
    const neighbour = new RawCaller(endings, server.address).chat();
    await neighbour.join('Neighbour');
    const faulty = peer();
    await faulty.goesOn();
    // A plain join of "Faulty": ChatRequest { lamport: 1, join: { name } }.
    const join = Buffer.from([0x08, 0x01, 0x12, 0x08, 0x12, 0x06, ...Buffer.from('Faulty')]);
    faulty.write(Buffer.concat([request(1, '/chit.v1.ChatService/Chat'), data(1, grpcMessage(join))]));
    const saw = (kind: string) =>
      neighbour.event(`Faulty ${kind}`, (one) => one.kind === kind && one.participant === 'Faulty', patienceMs);
    await saw('joined');
    faulty.write(fault);
    await saw('left');
  });

  it('that is refused 300 times over leaves no socket behind', async () => {
    const peers = Array.from({ length: 300 }, () => peer({ opening: Buffer.concat([preface, settings, fault]) }));
    await Promise.all(peers.map((one) => one.closes()));
    const isClosed = (name: string) =>
      server.records().some(({ event, peer: closed }) => event === 'connection-closed' && closed === name);
    await eventually('the server says so too', () => peers.every(({ name }) => isClosed(name)), patienceMs);
  });
});
