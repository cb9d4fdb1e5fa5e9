import { connect, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { parseHostPort } from '../../lib/platform/host-port.js';
import { frameHeadBytes, frameType } from '../../lib/server/door/http2-frames.js';
import { ClientProcess } from './client-process.js';
import { type Endings, endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';

/** Where a message's flag and length end (gRPC over HTTP/2): an empty one is no more than these. */
const emptyMessageBytes = 5;

/** Between clients and `target`, such as knows HTTP/2: a connection on which no response came for `quietMs` is ended, whatever pings do. */
class QuietEndingProxy {
  address = '';
  /** Connections that were ended as quiet. */
  ended = 0;
  /** Empty responses that went by. */
  beats = 0;

  static async start(endings: Endings, target: string, quietMs: number): Promise<QuietEndingProxy> {
    const proxy = new QuietEndingProxy();
    const { host, port } = parseHostPort(target, 1) ?? { host: '', port: 0 };
    const sockets = new Set<Socket>();
    const listener = createServer((client) => {
      const server = connect(port, host);
      const end = () => {
        clearTimeout(quiet);
        client.destroy();
        server.destroy();
      };
      const quiet = setTimeout(() => {
        proxy.ended += 1;
        end();
      }, quietMs);
      for (const socket of [client, server]) {
        sockets.add(socket);
        socket.on('error', () => {}).on('close', end);
      }
      client.on('data', (bytes) => server.write(bytes));
      let head = Buffer.alloc(0);
      server.on('data', (bytes) => {
        client.write(bytes);
        head = Buffer.concat([head, bytes]);
        while (head.length >= frameHeadBytes) {
          const length = head.readUIntBE(0, 3);
          if (head.length < frameHeadBytes + length) break;
          if (head[3] === frameType.data) {
            quiet.refresh();
            if (length === emptyMessageBytes) proxy.beats += 1;
          }
          head = head.subarray(frameHeadBytes + length);
        }
      });
    });
    endings.add(() => {
      listener.close();
      for (const socket of sockets) socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port: bound } = listener.address() as { port: number };
    proxy.address = `127.0.0.1:${bound}`;
    return proxy;
  }
}

describe('chit-server --heartbeat, behind a proxy that ends quiet streams', () => {
  const endings = endedAfterEach();

  it('without it a client loses its connection again and again', async () => {
    const server = await ServerProcess.start(endings);
    const proxy = await QuietEndingProxy.start(endings, server.address, 500);
    await ClientProcess.joined(endings, proxy.address, { name: 'Ada' });
    await eventually('two losses', () => proxy.ended >= 2, 15_000);
    expect(proxy.beats).to.equal(0);
  });

  for (const [lane, args] of [
    ['by the fast lane', []],
    ['by node:http2', ['--no-fast-lane']],
  ] as const) {
    it(`with it no stream is quiet, and a heartbeat is no event and no tick (${lane})`, async () => {
      const server = await ServerProcess.start(endings, { args: ['--heartbeat', '0.4', ...args] });
      // Other work may hold up the beats; the proxy has patience for several.
      const proxy = await QuietEndingProxy.start(endings, server.address, 4_000);
      const ada = await ClientProcess.joined(endings, proxy.address, { name: 'Ada' });
      const subscriber = new RawCaller(endings, proxy.address).subscribe({ name: 'Bob' });
      await subscriber.joined();
      await eventually('many heartbeats', () => proxy.beats >= 30, 18_000);
      const cyd = new RawCaller(endings, server.address).chat();
      await cyd.join('Cyd');
      cyd.publish('still here?');
      await subscriber.heard('still here?');
      await ada.until('Ada has heard it', () => ada.events.some(({ text }) => text === 'still here?'));
      expect(proxy.ended).to.equal(0);
      expect(ada.events.map(({ sequence, kind }) => `${sequence} ${kind}`)).to.deep.equal([
        ...['1 joined', '2 joined', '3 joined', '4 message'],
      ]);
      // One tick for the join that it sent, and one for each event.
      expect(ada.events.map(({ clock }, index) => clock - (ada.events[index - 1]?.clock ?? clock))).to.deep.equal([
        ...[0, 1, 1, 1],
      ]);
      expect(ada.connections.filter(({ kind }) => kind !== 'connected')).to.deep.equal([]);
    }).timeout(45_000);
  }
});
