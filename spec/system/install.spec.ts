import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { Child } from './child.js';
import { ClientProcess } from './client-process.js';
import { type Endings, endedAfterAll, endedAfterEach, temporaryDirectory } from './endings.js';
import { newcomersEnvironment } from './newcomer.js';
import { projectFile } from './project.js';
import { ServerProcess } from './server-process.js';

const programs = ['chit-server', 'chit-client', 'chit-trace'] as const;
const quiet = ['--prefer-offline', '--no-audit', '--no-fund'];

/** The project's sources alone, as a clone has them, in a repository of their own. */
function clone(endings: Endings, env: NodeJS.ProcessEnv): string {
  const folder = temporaryDirectory(endings);
  const git = (cwd: string, ...args: string[]) =>
    execFileSync('git', ['-c', 'safe.directory=*', ...args], {
      cwd,
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
  const sources = git(projectFile(''), 'ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0');
  for (const path of sources) {
    if (path === '' || !existsSync(projectFile(path))) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(projectFile(path), join(folder, path));
  }
  git(folder, 'init', '--quiet');
  git(folder, 'add', '--all');
  git(folder, '-c', 'user.name=Ada', '-c', 'user.email=ada@chat.example', 'commit', '--quiet', '--message', 'A clone');
  return folder;
}

describe('a fresh clone', function () {
  this.timeout(300_000);
  const installed = endedAfterAll();
  const endings = endedAfterEach();
  let folder: string;
  let env: NodeJS.ProcessEnv;

  before(() => {
    env = newcomersEnvironment(installed);
    folder = clone(installed, env);
  });

  /** Runs a command there to its end, which has to be a good one; gives all that it said. */
  async function run(command: string, ...args: readonly string[]): Promise<string> {
    const child = new Child(endings, command, args, { cwd: folder, env });
    child.closeInput();
    const code = await child.ended;
    const said = [...child.lines, ...child.errorLines].join('\n');
    expect(code, said).to.equal(0);
    return said;
  }

  // One clone, in the order in which its user may well do so: `npm ci` begins by removing what is installed.

  it('is installed without the tools by npm ci --omit=dev, and its programs then say in one line how to build them', async () => {
    await run('npm', 'ci', '--omit=dev', ...quiet);
    expect(await run('git', 'status', '--porcelain')).to.equal('');
    for (const program of programs) {
      const child = new Child(endings, process.execPath, [join(folder, 'bin', program), '--help'], {
        cwd: folder,
        env,
      });
      expect(await child.ended).to.equal(1);
      expect([...child.lines, ...child.errorLines]).to.deep.equal([
        `${program}: it is not built yet. Run "npm install" in ${folder}/, then start it again.`,
      ]);
    }
  });

  it('is installed and built by npm ci without a warning of install scripts, its tree stays clean, and people can talk', async () => {
    const said = await run('npm', 'ci', ...quiet);
    expect(said).not.to.match(/install.?scripts?/i);
    expect(await run('git', 'status', '--porcelain')).to.equal('');
    // Npx of a user who has never run it here installs the clone for itself, which must not build it anew under a server that runs.
    const npxHome = temporaryDirectory(endings);
    const witness = join(folder, 'dist', 'witness');
    writeFileSync(witness, '');
    for (const program of programs) {
      expect(
        await run(
          'env',
          `npm_config_cache=${npxHome}`,
          'npm_config_update_notifier=false',
          'npx',
          '--no-install',
          program,
          '--version',
        ),
      ).to.match(/^\d+\.\d+\.\d+$/);
    }
    expect(existsSync(witness)).to.equal(true);
    const program = (name: string) => [process.execPath, join(folder, 'bin', name)] as const;
    const { address } = await ServerProcess.start(endings, { program: program('chit-server'), cwd: folder });
    const ada = await ClientProcess.joined(endings, address, { name: 'ada', program: program('chit-client') });
    ada.say('Is it built?');
    await ada.heard('Is it built?');
    expect(await ada.leave()).to.equal(0);
  });

  it('is left as it is by npm install', async () => {
    const said = await run('npm', 'install', ...quiet);
    expect(said).not.to.match(/install.?scripts?/i);
    expect(await run('git', 'status', '--porcelain')).to.equal('');
  });
});

describe('the lock file', () => {
  const read = (file: string) => JSON.parse(readFileSync(projectFile(file), 'utf8'));
  const { packages } = read('package-lock.json') as {
    packages: Record<string, { hasInstallScript?: boolean; dependencies?: object; optionalDependencies?: object }>;
  };

  /** What a package would find under a name from where it is, as Node looks for it. */
  function found(from: string, name: string): boolean {
    for (let place = from; ; place = place.slice(0, Math.max(0, place.lastIndexOf('node_modules/') - 1))) {
      if (packages[`${place}${place && '/'}node_modules/${name}`]) return true;
      if (place === '') return false;
    }
  }

  it('has what each package needs, also what it needs on other platforms only', () => {
    const needed = Object.entries(packages).flatMap(([from, { dependencies = {}, optionalDependencies = {} }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies }).map((name) => ({ from, name })),
    );
    expect(needed).to.deep.include({ from: '', name: 'lmdb' });
    expect(needed.filter(({ from, name }) => !found(from, name))).to.deep.equal([]);
  });

  it('names no package with an install script that package.json does not decide about', () => {
    const withScript = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    const names = withScript.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect([...new Set(names)].sort()).to.deep.equal(Object.keys(read('package.json').allowScripts).sort());
  });
});
