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

  it('gets a server whose store is where it was started, and is told so; with --data and with --memory nothing is told', async () => {
    const listen = ['--listen', '127.0.0.1:0', '--log-level', 'error'];
    const data = join(temporaryDirectory(endings), 'data');
    const nothing: NodeJS.ProcessEnv = { ...homeless, HOME: '/nonexistent-home/of/nobody' };
    const root = process.getuid?.() === 0;
    for (const [place, env, isTold] of [
      [[], homeless, true],
      // Root may make any folder.
      ...(root ? [] : ([[[], nothing, true]] as const)),
      [['--memory'], homeless, false],
      [['--data', data], homeless, false],
    ] as const) {
      const child = run('chit-server', [...listen, ...place], env);
      await eventually('it says where its store is', () => child.lines.some((line) => line.startsWith('Its store is')));
      child.signal('SIGTERM');
      expect(await child.ended).to.equal(0);
      expect(child.errorLines).to.deep.equal(
        isTold
          ? [
              'chit-server: There is no home folder to keep the store in, so it is where the server was started. Name a folder for it with --data DIR.',
            ]
          : [],
      );
      expect(child.lines.find((line) => line.startsWith('Its store is'))).to.match(
        isTold ? /\/\.chit-chat$/ : /in memory|\/data$/,
      );
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
