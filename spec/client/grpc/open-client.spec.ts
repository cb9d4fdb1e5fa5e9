import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { openClient } from '../../../lib/client/grpc/open-client.js';
import { endedAfterEach } from '../../system/endings.js';
import { eventually } from '../../system/eventually.js';

describe('a connection to a server', () => {
  const endings = endedAfterEach();

  it('that is closed while its network resets it costs the program nothing', async function () {
    this.timeout(20_000);
    // Each at another moment of its connection's beginning: which of them hits, the machine decides.
    let resets = 0;
    const server = createServer((socket) => {
      socket.on('error', () => {});
      setTimeout(() => socket.resetAndDestroy(), (resets % 13) / 2);
      socket.once('close', () => {
        resets += 1;
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    endings.add(() => server.close());
    const { port } = server.address() as AddressInfo;
    // An error that nobody takes would end this process, and mocha the test.
    const closes: Promise<void>[] = [];
    for (let round = 0; round < 500; round += 1) {
      const client = openClient(`127.0.0.1:${port}`);
      closes.push(pause((round % 17) / 2).then(() => client.close()));
      if (round % 20 === 0) await pause(5);
    }
    await Promise.all(closes);
    await eventually('the resets', () => resets > 50);
    const open = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
    await eventually('the end of all connections', async () => (await open()) === 0);
  });

  it('that is closed at any moment of its beginning leaves no socket behind', async function () {
    this.timeout(20_000);
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.on('error', () => {});
      socket.resume();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    endings.add(() => server.close());
    const { port } = server.address() as AddressInfo;
    for (let turns = 0; turns < 20; turns += 1) {
      for (let round = 0; round < 10; round += 1) {
        const client = openClient(`127.0.0.1:${port}`);
        for (let turn = 0; turn < turns; turn += 1) await (round % 2 === 0 ? Promise.resolve() : nextTurn());
        client.close();
      }
    }
    await eventually('some connections', () => connections > 10);
    const open = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
    await eventually('the end of all connections', async () => (await open()) === 0);
  });
});
