import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Child } from './child.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { projectFile } from './project.js';
import { ServerProcess } from './server-process.js';

/** Loaded before a program: the system knows no home of its user, as in a container with a user id of its own. */
const withoutHome = `data:text/javascript,
  import os from 'node:os';
  import { syncBuiltinESMExports } from 'node:module';
  os.homedir = () => { throw Object.assign(new Error('uv_os_homedir returned ENOENT'), { code: 'ERR_SYSTEM_ERROR' }); };
  os.userInfo = () => { throw Object.assign(new Error('uv_os_get_passwd returned ENOENT'), { code: 'ERR_SYSTEM_ERROR' }); };
  syncBuiltinESMExports();`;

const homeless = { HOME: undefined, XDG_DATA_HOME: undefined, XDG_STATE_HOME: undefined };

describe('a user without a home', () => {
  const endings = endedAfterEach();

  function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = homeless): Child {
    const all = ['--import', withoutHome, projectFile(`bin/${program}`), ...args];
    return new Child(endings, process.execPath, all, { env, cwd: temporaryDirectory(endings) });
  }

  it('gets the help and the version of each program', async () => {
    for (const program of ['chit-server', 'chit-client', 'chit-trace']) {
      for (const option of ['--help', '--version']) {
        const child = run(program, [option]);
        expect(await child.ended, `${program} ${option}`).to.equal(0);
        expect(child.errorLines).to.deep.equal([]);
      }
    }
  });

  it('is told in one line that a server needs a folder, and runs it with --data and with --memory', async () => {
    const listen = ['--listen', '127.0.0.1:0'];
    const without = run('chit-server', listen);
    expect(await without.ended).to.equal(1);
    expect(without.errorLines).to.deep.equal([
      'chit-server: There is no home folder to keep the store in. Name a folder with --data DIR, or use --memory to keep it in memory.',
    ]);
    for (const place of [['--memory'], ['--data', join(temporaryDirectory(endings), 'data')]]) {
      const child = run('chit-server', [...listen, ...place]);
      await eventually('it listens', () => child.lines.some((line) => line.includes('listening on')));
      child.signal('SIGTERM');
      expect(await child.ended).to.equal(0);
    }
  });

  it('talks without a log, and is told so', async () => {
    const { address } = await ServerProcess.start(endings);
    const client = run('chit-client', ['--server', address]);
    client.write('hello\n');
    client.closeInput();
    expect(await client.ended).to.equal(0);
    expect(client.lines.some((line) => line.endsWith('guest: hello'))).to.equal(true);
    expect(client.errorLines).to.deep.equal([
      'chit-client: no log is kept (there is no home folder). Name a file for it with --log.',
    ]);
  });

  it('is one whose home cannot have folders: nothing waits for ever', async () => {
    const { address } = await ServerProcess.start(endings);
    for (const home of ['/proc/x', '/dev/null']) {
      const client = run('chit-client', ['--server', address, '--name', 'ada'], { ...homeless, HOME: home });
      client.closeInput();
      expect(await client.ended, home).to.equal(0);
      expect(client.errorLines.join('\n')).to.match(
        /^chit-client: no log is kept \(.+\)\. Name a file for it with --log\.$/,
      );
    }
  });

  it('is not made to write where a relative variable points', async () => {
    const { address } = await ServerProcess.start(endings);
    const cwd = temporaryDirectory(endings);
    const home = join(temporaryDirectory(endings), 'home');
    mkdirSync(home);
    const env = { HOME: home, XDG_STATE_HOME: 'state', XDG_DATA_HOME: 'data' };
    const client = new Child(
      endings,
      process.execPath,
      [projectFile('bin/chit-client'), '--server', address, '--name', 'ada'],
      { env, cwd },
    );
    client.closeInput();
    expect(await client.ended).to.equal(0);
    expect(readdirSync(cwd)).to.deep.equal([]);
    expect(existsSync(join(home, '.local', 'state', 'chit-chat'))).to.equal(true);
  });
});
