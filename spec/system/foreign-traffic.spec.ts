import { randomBytes } from 'node:crypto';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { Endings } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller, type RawChat } from './raw-caller.js';
import { ServerProcess } from './server-process.js';

describe('what is no gRPC, on the port of the chat', () => {
  const endings = new Endings();
  let server: ServerProcess;
  let neighbour: RawChat;

  beforeEach(async () => {
    server = await ServerProcess.withLimits(endings, { handshakeMsMax: 300 });
    neighbour = new RawCaller(endings, server.address).chat();
    await neighbour.join('Neighbour');
  });

  afterEach(async () => {
    try {
      neighbour.publish('still here');
      await neighbour.heard('still here');
      expect(neighbour.events.map(({ kind }) => kind)).to.deep.equal(['joined', 'message']);
    } finally {
      await endings.run();
    }
  });

  interface Foreigner {
    readonly socket: Socket;
    readonly heard: () => string;
    readonly closed: () => boolean;
  }

  function foreigner(): Foreigner {
    const [host = '', port] = server.address.split(':');
    const socket = connect(Number(port), host);
    endings.add(() => socket.destroy());
    let heard = '';
    let closed = false;
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      closed = true;
    });
    return { socket, heard: () => heard, closed: () => closed };
  }

  it('tells a browser what is here, and closes', async () => {
    const browser = foreigner();
    browser.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await eventually('the end of the connection', browser.closed);
    expect(browser.heard()).to.match(/^HTTP\/1\.1 505 [\s\S]*gRPC/);
  });

  it('cuts off garbage, half a preface with silence after it, and silence', async () => {
    const [garbage, half, silent] = [foreigner(), foreigner(), foreigner()];
    garbage.socket.write(Buffer.concat([Buffer.from([0x16, 0x03, 0x01]), randomBytes(1000)]));
    half.socket.write('PRI * HTTP/2.0\r\n');
    await eventually('the end of all three', () => [garbage, half, silent].every(({ closed }) => closed()));
  });

  it('survives garbage after the preface, and a connection that is reset in the middle of a frame', async () => {
    const [garbage, reset] = [foreigner(), foreigner()];
    garbage.socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), randomBytes(1000)]));
    reset.socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from([0, 0, 100, 1])]));
    await eventually(
      'the server has taken it',
      () => server.records().filter(({ event }) => event === 'connection-opened').length >= 3,
    );
    reset.socket.resetAndDestroy();
    await eventually('the end of the connection', garbage.closed);
  });

  it('answers other methods, and other content than gRPC’s, by statuses', async () => {
    const client = connectHttp2(`http://${server.address}`);
    endings.add(() => client.destroy());
    const answerTo = (headers: Record<string, string>) =>
      new Promise<Record<string, unknown>>((resolve, reject) => {
        const request = client.request({ ':method': 'POST', te: 'trailers', ...headers });
        let answer = {};
        request.on('response', (head) => {
          answer = { ...answer, ...head };
        });
        request.on('trailers', (trailers) => {
          answer = { ...answer, ...trailers };
        });
        request.on('error', reject);
        request.on('close', () => resolve(answer));
        request.resume();
        request.end(Buffer.alloc(5));
      });
    const grpc = 'application/grpc';
    const unknown = await answerTo({ ':path': '/chit.v1.ChatService/Shout', 'content-type': grpc });
    expect(unknown['grpc-status']).to.equal('12');
    const json = await answerTo({ ':path': '/chit.v1.ChatService/ListRooms', 'content-type': 'application/json' });
    expect(json[':status']).to.equal(415);
    const large = await answerTo({
      ':path': '/chit.v1.ChatService/ListRooms',
      'content-type': grpc,
      fill: 'x'.repeat(9000),
    });
    expect(large['grpc-status']).to.equal('8');
    const fine = await answerTo({ ':path': '/chit.v1.ChatService/ListRooms', 'content-type': grpc });
    expect(fine['grpc-status']).to.equal('0');
  });
});
