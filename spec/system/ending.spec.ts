import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { Child } from './child.js';
import { ClientProcess } from './client-process.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { projectFile } from './project.js';
import { ServerProcess } from './server-process.js';

describe('chit-client that is asked to end', () => {
  const endings = endedAfterEach();

  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
    it(`takes ${signal} that is said several times at once for one wish, and leaves [S6]`, async () => {
      const { address } = await ServerProcess.start(endings);
      const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
      const ada = await ClientProcess.joined(endings, address, { name: 'ada' });
      for (let count = 0; count < 3; count += 1) ada.child.signal(signal);
      expect(await ada.child.ended).to.equal(0);
      await bob.told('left', 'ada');
      expect(bob.events.at(-1)?.reason).to.equal('ASKED');
    });
  }

  /** At a server that does not answer meanwhile, told by SIGTERM to leave. */
  async function leavingSlowly(...before: readonly string[]) {
    const server = await ServerProcess.start(endings);
    const bob = await ClientProcess.joined(endings, server.address, { name: 'bob' });
    const program = [process.execPath, ...before, projectFile('bin/chit-client')] as const;
    const ada = await ClientProcess.joined(endings, server.address, { name: 'ada', program });
    server.child.signal('SIGSTOP');
    ada.child.signal('SIGTERM');
    return { server, bob, ada };
  }

  it('takes a signal that is said again 20 ms later, as by timeout(1), for one wish [S6]', async () => {
    const again = `data:text/javascript,
      let count = 0;
      process.on('SIGTERM', () => {
        count += 1;
        if (count === 1) setTimeout(() => process.kill(process.pid, 'SIGTERM'), 20);
        else console.error('said again');
      });`;
    const { server, bob, ada } = await leavingSlowly('--import', again);
    await ada.until('the second signal', () => ada.child.errorLines.includes('said again'));
    server.child.signal('SIGCONT');
    expect(await ada.child.ended).to.equal(0);
    await bob.told('left', 'ada');
    expect(bob.events.at(-1)?.reason).to.equal('ASKED');
  });

  it('ends at once with 130 when it is told again later, while its leave has no answer', async () => {
    const { ada } = await leavingSlowly();
    await eventually('the second wish is heard', () => {
      ada.child.signal('SIGTERM');
      return !ada.child.alive;
    });
    expect(await ada.child.ended).to.equal(130);
  });

  it('ends at once while it joins a server that says nothing', async () => {
    const mute = createServer((socket) => endings.add(() => socket.destroy()));
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    endings.add(() => mute.close());
    const { port } = mute.address() as { port: number };
    const connected = once(mute, 'connection');
    const line = [projectFile('bin/chit-client'), '--server', `127.0.0.1:${port}`, '--name', 'ada'];
    const env = { XDG_STATE_HOME: temporaryDirectory(endings) };
    const ada = new Child(endings, process.execPath, line, { env });
    await connected;
    ada.signal('SIGTERM');
    expect(await ada.ended).to.equal(130);
    expect(ada.errorLines).to.deep.equal([]);
  });

  it('leaves where the answer to its join is on its way, so that its name is free', async () => {
    const { address } = await ServerProcess.start(endings);
    const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
    // Signalled by itself as soon as it has asked to join.
    const asked = `data:text/javascript,
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const { writeSync } = fs;
      fs.writeSync = (file, bytes, ...rest) => {
        if (String(bytes).includes('"event":"connect"')) process.kill(process.pid, 'SIGTERM');
        return writeSync(file, bytes, ...rest);
      };
      syncBuiltinESMExports();`;
    const line = ['--import', asked, projectFile('bin/chit-client'), '--server', address, '--name', 'ada'];
    const env = { XDG_STATE_HOME: temporaryDirectory(endings) };
    expect(await new Child(endings, process.execPath, line, { env }).ended).to.equal(0);
    await bob.told('left', 'ada');
    expect(bob.events.at(-1)?.reason).to.equal('ASKED');
  });

  it('ends within its time while its server is gone, also when its input ends', async () => {
    const server = await ServerProcess.start(endings);
    const ada = await ClientProcess.joined(endings, server.address, { name: 'ada' });
    await server.kill();
    await eventually('it is offline', () => ada.child.errorLines.some((line) => /connect/.test(line)));
    ada.child.closeInput();
    expect(await ada.child.ended).to.equal(3);
    expect(ada.child.errorLines.join('\n')).to.contain('could not be told of the leave within 5 s');
  });

  it('leaves a quiet room when the reader of its output has gone', async () => {
    const { address } = await ServerProcess.start(endings);
    const client = [process.execPath, projectFile('bin/chit-client'), '--server', address, '--name', 'ada', '--json'];
    const shell = ['-c', 'set -o pipefail; "$@" | head -1', 'bash', ...client];
    const env = { XDG_STATE_HOME: temporaryDirectory(endings) };
    const ada = new Child(endings, 'bash', shell, { env });
    expect(await ada.ended).to.equal(0);
    expect(ada.lines.map((line) => JSON.parse(line).kind)).to.deep.equal(['connected']);
    const bob = await ClientProcess.joined(endings, address, { name: 'bob', args: ['--history', '10'] });
    await bob.told('joined', 'bob');
    expect(bob.events.map(({ kind, participant }) => `${participant} ${kind}`)).to.deep.equal([
      'ada joined',
      'ada left',
      'bob joined',
    ]);
  });

  it('tells programs of which log its events are, and of its connection', async () => {
    const server = await ServerProcess.start(endings);
    const ada = await ClientProcess.joined(endings, server.address, { name: 'ada', room: 'tea' });
    const [joined] = ada.events;
    expect(joined?.room).to.equal('tea');
    expect(joined?.logId).to.match(/^[0-9a-f-]{36}$/);
    await server.kill();
    await ada.until(
      'it is offline',
      () => ada.events.length > 0 && ada.connections.some(({ kind }) => kind === 'offline'),
    );
    expect(ada.connections.map(({ kind, room, logId }) => ({ kind, room, logId }))).to.deep.equal(
      ['connected', 'offline'].map((kind) => ({ kind, room: 'tea', logId: joined?.logId })),
    );
  });
});
