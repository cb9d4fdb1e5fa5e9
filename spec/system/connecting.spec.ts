import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { Child } from './child.js';
import { ConnectProxy } from './connect-proxy.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { projectFile } from './project.js';
import { withoutProxies } from './proxy-variables.js';
import { ServerProcess } from './server-process.js';

/** Sockets that try to connect at once until one has to wait; of a queue this short a few are enough. */
const fillersMax = 16;

describe('A client on its way to a server', () => {
  const endings = endedAfterEach();

  function client(args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
    const state = temporaryDirectory(endings);
    const line = [projectFile('bin/chit-client'), '--name', 'ada', ...args];
    return new Child(endings, process.execPath, line, { env: { ...withoutProxies, XDG_STATE_HOME: state, ...env } });
  }

  /** Ends by itself when `connect` has rejected, if nothing of it is left. */
  function libraryProgram(server: string): Child {
    const program = `import { connect } from 'chit-chat';
      await connect({ server: '${server}', name: 'ada' }).catch(({ name }) => console.log(name));`;
    return new Child(endings, process.execPath, ['--input-type=module', '--eval', program], { env: withoutProxies });
  }

  /** A listener whose process does not run and whose queue is full: what connects to it has no answer, as where packets are dropped. */
  async function fullListener(): Promise<string> {
    const program = `const server = require('node:net').createServer();
      server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`;
    const listener = new Child(endings, process.execPath, ['--eval', program]);
    const port = await eventually('it listens', () => listener.lines.at(0));
    listener.signal('SIGSTOP');
    endings.add(() => listener.signal('SIGKILL'));
    const fillers: Socket[] = [];
    endings.add(() => {
      for (const socket of fillers) socket.destroy();
    });
    // The kernel takes those whose place in the queue is free, and leaves the next one waiting.
    for (let count = 0; count < fillersMax; count += 1) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => {});
      fillers.push(socket);
    }
    await eventually('the queue takes what it can', () => fillers.some((socket) => !socket.connecting));
    expect(fillers.some((socket) => socket.connecting)).to.equal(true);
    return `127.0.0.1:${port}`;
  }

  it('says within its time that nobody answers, and ends at once, whatever became of its packets', async function () {
    this.timeout(40_000);
    const address = await fullListener();
    const [program, ada] = [libraryProgram(address), client(['--server', address])];
    expect(await Promise.all([program.ended, ada.ended])).to.deep.equal([0, 3]);
    expect(program.lines).to.deep.equal(['CannotConnect']);
    expect(ada.errorLines).to.deep.equal([
      `chit-client: no chat server answers at ${address}: not within 10 s. Start one with npx chit-server, or name another with --server.`,
    ]);
  });

  it('does the same where what answers says nothing', async function () {
    this.timeout(40_000);
    const mute = createServer((socket) => endings.add(() => socket.destroy()));
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    endings.add(() => mute.close());
    const address = `127.0.0.1:${(mute.address() as { port: number }).port}`;
    const program = libraryProgram(address);
    expect(await program.ended).to.equal(0);
    expect(program.lines).to.deep.equal(['CannotConnect']);
  });

  it('goes by the proxy that it is told of, or that the environment names', async () => {
    const { address } = await ServerProcess.start(endings);
    const proxy = await ConnectProxy.start(endings, address);
    const withUser = proxy.url.replace('//', '//user:secret@');
    for (const [args, env] of [
      [['--server', 'chat.example:4000', '--proxy', withUser], {}],
      [['--server', 'chat.example:4000'], { HTTP_PROXY: withUser }],
      [['--server', address, '--proxy', withUser], {}],
    ] as const) {
      const ada = client(args, env);
      ada.closeInput();
      expect(await ada.ended, ada.errorLines.join('\n')).to.equal(0);
      expect(ada.errorLines).to.deep.equal([]);
      expect(proxy.asked.at(-1)).to.deep.equal({ target: args[1], credentials: 'user:secret' });
    }
  });

  it('goes past it to this machine, and to what the environment excepts', async () => {
    const { address } = await ServerProcess.start(endings);
    const proxy = await ConnectProxy.start(endings, address, '403 Forbidden');
    const near = client(['--server', address], { http_proxy: proxy.url });
    near.closeInput();
    expect(await near.ended).to.equal(0);
    const excepted = client(['--server', 'chat.invalid:4000'], { http_proxy: proxy.url, NO_PROXY: '*' });
    expect(await excepted.ended).to.equal(3);
    expect(proxy.asked).to.deep.equal([]);
  });

  it('names the proxy, in one line, where it says nothing', async function () {
    this.timeout(40_000);
    const proxy = await ConnectProxy.start(endings, '127.0.0.1:1', 'silent');
    const ada = client(['--server', 'chat.example:4000', '--proxy', proxy.url]);
    expect(await ada.ended).to.equal(3);
    expect(ada.errorLines).to.deep.equal([
      `chit-client: no chat server answers at chat.example:4000 by the proxy ${proxy.url}: not within 10 s. Start one with npx chit-server, or name another with --server.`,
    ]);
  });

  for (const [manners, said] of [
    ['wants-user', 'answered 407 Proxy Authentication Required when it was asked for chat.example:4000. Name it with '],
    ['403 No', 'answered 403 Forbidden when it was asked for chat.example:4000. Have its operator allow that '],
    ['502 Bad Gateway', 'answered 502 Bad Gateway when it was asked for chat.example:4000. It could not reach the '],
    ['hangs-up', 'did not make the connection to chat.example:4000 (socket hang up). Look whether it runs, '],
  ] as const) {
    it(`names the proxy, and what it answered, in one line, where it ${manners}`, async () => {
      const proxy = await ConnectProxy.start(endings, '127.0.0.1:1', manners);
      const ada = client(['--server', 'chat.example:4000', '--proxy', proxy.url]);
      expect(await ada.ended).to.equal(3);
      expect(ada.errorLines).to.have.length(1);
      expect(ada.errorLines[0]).to.include(`chit-client: the proxy ${proxy.url.slice('http://'.length)} ${said}`);
    });
  }

  it('names a proxy that is not there', async () => {
    const ada = client(['--server', 'chat.example:4000', '--proxy', 'http://127.0.0.1:1']);
    expect(await ada.ended).to.equal(3);
    expect(ada.errorLines).to.deep.equal([
      'chit-client: the proxy 127.0.0.1:1 did not make the connection to chat.example:4000 (connect ECONNREFUSED 127.0.0.1:1). Look whether it runs, or name another one.',
    ]);
  });

  it('goes by a proxy that wants a user and a password, also by none with an odd one', async () => {
    const { address } = await ServerProcess.start(endings);
    const proxy = await ConnectProxy.start(endings, address, 'wants-user');
    const ada = client(['--server', 'chat.example:4000', '--proxy', proxy.url.replace('//', '//a%40b:100%25:x@')]);
    ada.closeInput();
    expect(await ada.ended, ada.errorLines.join('\n')).to.equal(0);
    expect(proxy.asked.at(-1)?.credentials).to.equal('a@b:100%:x');
    const odd = { HTTP_PROXY: proxy.url.replace('//', '//a:100%@') };
    const bob = client(['--server', 'chat.example:4000'], odd);
    expect(await bob.ended).to.equal(3);
    expect(bob.errorLines.join('\n')).to.match(/^chit-client: a proxy is written .*%25 for %[^\n]*$/);
  });

  it('refuses what is no proxy, on its command line and in its environment', async () => {
    const named = client(['--proxy', 'socks5://proxy:1']);
    expect(await named.ended).to.equal(2);
    expect(named.errorLines.join('\n')).to.match(/Write http:\/\/HOST:PORT/);
    const found = client(['--server', 'chat.example:4000'], { https_proxy: 'https://proxy:1' });
    expect(await found.ended).to.equal(3);
    expect(found.errorLines.join('\n')).to.match(/a proxy is written http:\/\/HOST:PORT/);
  });
});
