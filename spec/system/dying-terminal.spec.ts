import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as pty from '@lydell/node-pty';
import { expect } from 'chai';
import { ClientProcess } from './client-process.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { projectFile } from './project.js';
import { ServerProcess } from './server-process.js';

describe('chit-client whose terminal goes away', () => {
  const endings = endedAfterEach();

  it('leaves, and says before what was typed offline, if the server comes back in time [P5] [S6]', async function () {
    this.timeout(60_000);
    const data = temporaryDirectory(endings);
    const first = await ServerProcess.start(endings, { data });
    const folder = temporaryDirectory(endings);
    const [code, errors] = [join(folder, 'code'), join(folder, 'errors')];
    const client = [process.execPath, projectFile('bin/chit-client'), '--server', first.address, '--name', 'ada'];
    // The shell outlives its terminal, and tells how the client ended.
    const script = 'trap "" HUP; code=$1; errors=$2; shift 2; "$@" 2>"$errors"; echo $? >"$code"';
    const terminal = pty.spawn('bash', ['-c', script, 'bash', code, errors, ...client], {
      cols: 80,
      rows: 24,
      env: { PATH: process.env.PATH ?? '', TERM: 'xterm', NO_COLOR: '1', XDG_STATE_HOME: folder },
    });
    endings.add(() => {
      if (!existsSync(code)) terminal.kill('SIGKILL');
    });
    let shown = '';
    terminal.onData((text) => {
      shown += text;
    });
    await eventually('ada has joined', () => shown.includes('1 here: ada'), 20_000);
    await first.kill();
    await eventually('it is offline', () => shown.includes('offline since'));
    terminal.write('said offline\r');
    await eventually('it waits to be sent', () => shown.includes('not sent yet'));
    // As a window that is closed does: the other end is gone, and the kernel sends SIGHUP.
    (terminal as unknown as { destroy(): void }).destroy();
    await ServerProcess.start(endings, { data, args: ['--listen', first.address] });
    await eventually('the client has ended', () => existsSync(code) && readFileSync(code, 'utf8') !== '', 15_000);
    expect({ code: readFileSync(code, 'utf8').trim(), errors: readFileSync(errors, 'utf8') }).to.deep.include({
      code: '0',
    });
    const bob = await ClientProcess.joined(endings, first.address, { name: 'bob', args: ['--history', '10'] });
    await bob.told('joined', 'bob');
    expect(bob.texts).to.deep.equal(['said offline']);
    expect(bob.events.map(({ kind, participant }) => `${participant} ${kind}`)).to.deep.equal([
      ...['ada joined', 'ada message', 'ada left', 'bob joined'],
    ]);
  });
});
