import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Child } from './child.js';
import { ClientProcess } from './client-process.js';
import { type Endings, endedAfterAll, endedAfterEach, temporaryDirectory } from './endings.js';
import { newcomersEnvironment } from './newcomer.js';
import { projectFile } from './project.js';
import { ServerProcess } from './server-process.js';

const version = /^\d+\.\d+\.\d+$/;

/** Runs a program to its end; gives its output. */
async function output(endings: Endings, cwd: string, command: string, ...args: string[]): Promise<string> {
  const child = new Child(endings, command, args, { cwd, env: newcomersEnvironment(endings) });
  child.closeInput();
  expect(await child.ended, [...child.lines, ...child.errorLines].join('\n')).to.equal(0);
  return child.lines.join('\n');
}

describe('the package', function () {
  this.timeout(180_000);
  const installed = endedAfterAll();
  const endings = endedAfterEach();
  let folder: string;
  let packed: string[];

  before(async () => {
    folder = temporaryDirectory(installed);
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const [{ files, filename }] = JSON.parse(await output(installed, projectFile(''), 'npm', ...pack));
    packed = files.map(({ path }: { path: string }) => path);
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    const quiet = ['--prefer-offline', '--no-audit', '--no-fund'];
    await output(installed, folder, 'npm', 'install', ...quiet, join(folder, filename));
  });

  it('holds the programs, the contract and the documents, and none of the tests', () => {
    const expected = ['bin/chit-server', 'bin/chit-client', 'proto/chit/v1/chat.proto', 'README.md', 'LICENSE'];
    expect(packed).to.include.members([...expected, 'dist/server/server.js', 'dist/client/index.d.ts']);
    const { imports } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8'));
    const chosen = Object.values<string>(imports['#sha256']).map((path) => path.slice('./'.length));
    expect(packed, 'each hash that may be chosen').to.include.members(chosen);
    expect(packed.filter((path) => /^(spec|lib|node_modules|\.ci)\//.test(path))).to.deep.equal([]);
  });

  it('runs both programs by npx where it is installed, and in the checkout', async () => {
    for (const place of [folder, projectFile('')]) {
      for (const program of ['chit-server', 'chit-client']) {
        expect(await output(endings, place, 'npx', '--no-install', program, '--version'), place).to.match(version);
        expect(await output(endings, place, 'npx', '--no-install', program, '--help'), place).to.contain(program);
      }
    }
  });

  it('lets people talk with what is installed, without this checkout [S1] [S2] [S4]', async () => {
    const program = (name: string) => [join(folder, 'node_modules', '.bin', name)] as const;
    const server = await ServerProcess.start(endings, { program: program('chit-server'), cwd: folder });
    const start = { program: program('chit-client'), cwd: folder };
    const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada', ...start });
    const bob = await ClientProcess.joined(endings, server.address, { name: 'Bob', ...start });
    ada.say('Does the package work?');
    await bob.heard('Does the package work?');
    bob.say('It does.');
    await ada.heard('It does.');
    expect(await Promise.all([ada.leave(), bob.leave()])).to.deep.equal([0, 0]);
    expect(await server.stop()).to.equal(0);
    // It computes the chain of each event anew.
    const checked = await output(
      endings,
      folder,
      'npx',
      '--no-install',
      'chit-trace',
      'check',
      ada.logFile,
      bob.logFile,
    );
    expect(checked).to.match(/^P1 .*kept/m);
  });

  it('is a library too: a bot and a server of one’s own [S3] [S4]', async () => {
    writeFileSync(
      join(folder, 'bot.js'),
      `import { connect } from 'chit-chat';
       import { createServer } from 'chit-chat/server';
       const server = await createServer({ memory: true, listen: '127.0.0.1:0' });
       const bot = await connect({ server: \`127.0.0.1:\${server.port}\`, name: 'bot' });
       bot.events$.subscribe(({ kind, participant, text }) => console.log(participant, kind, text ?? ''));
       await bot.publish('hello');
       await bot.leave();
       await server.close();`,
    );
    const lines = (await output(endings, folder, process.execPath, 'bot.js')).split('\n');
    expect(lines.map((line) => line.trim())).to.deep.equal(['bot joined', 'bot message hello', 'bot left']);
  });
});
