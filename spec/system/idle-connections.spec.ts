import { expect } from 'chai';
import { framesIn, frameTypes, preface, settings, settingsAck } from '../server/rpc/http2-frames.js';
import { RawSocket } from '../server/rpc/raw-socket.js';
import { endedAfterAll } from './endings.js';
import { eventually } from './eventually.js';
import { itUnless } from './it-unless.js';
import { processStatus } from './process-status.js';
import { ServerProcess } from './server-process.js';

/** As many as one process can hold on most machines, half of each pair being ours. */
const connections = 2_000;

/** What one may take of the server's memory, in KiB: a session of node:http2 alone takes three times that. */
const kibMax = 14;

describe('connections on which no call was begun', () => {
  const endings = endedAfterAll();
  const itHere = itUnless(process.platform === 'linux' ? undefined : 'it takes /proc, which Linux has');

  itHere(`cost ${kibMax} KiB of memory each at most, with ${connections} of them [P12]`, async function () {
    this.timeout(120_000);
    // One address cannot have all.
    const most = String(2 * connections);
    const args = ['--memory', '--connections-max', most, '--connections-per-address-max', most, '--log-level', 'warn'];
    const server = await ServerProcess.start(endings, { args });
    const port = Number(server.address.split(':')[1]);
    const pid = server.child.pid;
    const open = async (count: number): Promise<void> => {
      const peers = Array.from({ length: count }, () => new RawSocket(endings, port));
      for (const peer of peers) peer.write(Buffer.concat([preface, settings]));
      const isAnswered = ({ received }: RawSocket) =>
        framesIn(received).frames.filter(({ type }) => type === frameTypes.settings).length === 2;
      await eventually('the answers', () => peers.every(isAnswered), 30_000);
      for (const peer of peers) peer.write(settingsAck);
    };
    // The first ones bring what all have in common into memory.
    await open(10);
    const before = processStatus(pid, 'VmRSS');
    for (let opened = 0; opened < connections; opened += 100) await open(100);
    const grownKib = processStatus(pid, 'VmRSS') - before;
    expect(grownKib / connections).to.be.lessThan(kibMax);
  });
});
