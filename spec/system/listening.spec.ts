import { createServer } from 'node:net';
import { expect } from 'chai';
import { Child } from './child.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { journalRecords } from './journal-records.js';
import { projectFile } from './project.js';
import { RawCaller } from './raw-caller.js';

/** Lets one name stand for other addresses. */
function resolving(name: string, addresses: readonly string[]): string {
  const script = `
    import dns from 'node:dns';
    import { syncBuiltinESMExports } from 'node:module';
    const { lookup } = dns.promises;
    const found = ${JSON.stringify(addresses)}.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    dns.promises.lookup = (name, options) => (name === '${name}' ? Promise.resolve(found) : lookup(name, options));
    syncBuiltinESMExports();`;
  return `data:text/javascript,${encodeURIComponent(script)}`;
}

describe('where a server listens', () => {
  const endings = endedAfterEach();

  function command(listen: string, node: readonly string[] = []): Child {
    const args = [...node, projectFile('bin/chit-server'), '--memory', '--log-level', 'info', '--listen', listen];
    return new Child(endings, process.execPath, args);
  }

  /** All that it says when it has started. */
  async function greeting(child: Child): Promise<string[]> {
    await eventually(
      () => `the greeting; it says: ${child.errorLines.join('\n')}`,
      () => child.lines.some((line) => line.startsWith('Its store')),
      20_000,
    );
    return child.lines;
  }

  it('a server on localhost is reached by IPv4 and by IPv6 at one port, or says that the machine has no IPv6', async () => {
    const child = command('localhost:0');
    const [first = '', second = ''] = await greeting(child);
    const port = / on 127\.0\.0\.1:(\d+)$/.exec(first)?.[1];
    expect(port).not.to.equal(undefined);
    expect(await new RawCaller(endings, `127.0.0.1:${port}`).rooms()).to.deep.equal([]);
    if (await isFree('::1', 0)) {
      expect(second).to.equal(`and on [::1]:${port}`);
      const ada = new RawCaller(endings, `127.0.0.1:${port}`).chat();
      await ada.join('Ada');
      const bob = new RawCaller(endings, `[::1]:${port}`).chat();
      await bob.join('Bob');
      bob.publish('by the other family');
      await ada.heard('by the other family');
      // Stopping, it lets go of both.
      child.signal('SIGTERM');
      expect(await child.ended).to.equal(0);
      expect(await isFree('::1', Number(port))).to.equal(true);
    } else expect(second).to.match(/^It cannot be reached at \[::1\]:\d+: /);
  });

  it('a name’s address that this machine has not is told, and the server listens on the others', async () => {
    // RFC 5737: no machine has 192.0.2.1.
    const child = command('chat.test:0', ['--import', resolving('chat.test', ['192.0.2.1', '127.0.0.1'])]);
    const [first = '', second] = await greeting(child);
    const port = / on 127\.0\.0\.1:(\d+)$/.exec(first)?.[1];
    expect(second).to.equal(
      `It cannot be reached at 192.0.2.1:${port}: chat.test stands for that too, but this machine has no such address`,
    );
    expect(await new RawCaller(endings, `127.0.0.1:${port}`).rooms()).to.deep.equal([]);
    const told = journalRecords(child.errorLines).find(({ event }) => event === 'listen-address-missing');
    expect(told).to.include({ host: 'chat.test', address: '192.0.2.1' });
  });

  it('a server does not start where another program has its port at one of its addresses', async () => {
    const other = createServer();
    endings.add(() => other.close());
    await new Promise<void>((resolve) => other.listen({ host: '127.0.0.2', port: 0 }, resolve));
    const { port } = other.address() as { port: number };
    const two = ['--import', resolving('chat.test', ['127.0.0.1', '127.0.0.2'])];
    const child = command(`chat.test:${port}`, two);
    expect(await child.ended).to.equal(1);
    expect(child.errorLines.join('\n')).to.match(/^chit-server: Something listens on 127\.0\.0\.2:\d+ already\./);
    expect(child.lines).to.deep.equal([]);
  });
});

/** Whether one may listen there. */
function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ host, port }, () => server.close(() => resolve(true)));
  });
}
