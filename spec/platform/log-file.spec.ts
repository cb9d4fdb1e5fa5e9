import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  createReadStream,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openImmediateLogFile, openLogFile } from '../../lib/platform/log-file.js';
import { temporaryDirectories } from '../server/log/temporary-directory.js';
import { eventually } from '../system/eventually.js';
import { projectFile } from '../system/project.js';

describe('A log file', () => {
  const temporaryDirectory = temporaryDirectories();
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = temporaryDirectory();
    path = join(directory, 'client.log');
  });

  for (const [kind, open] of Object.entries({ openLogFile, openImmediateLogFile })) {
    it(`is appended to, and belongs to its user only (${kind})`, async () => {
      writeFileSync(path, 'before\n', { mode: 0o600 });
      const file = await open(path);
      file.end('after\n');
      await once(file, 'finish');
      expect(readFileSync(path, 'utf8')).to.equal('before\nafter\n');
      const fresh = await open(`${path}.new`);
      fresh.end();
      await once(fresh, 'finish');
      expect(statSync(`${path}.new`).mode & 0o777).to.equal(0o600);
    });

    it(`is refused with the system's error where it cannot be opened (${kind})`, async () => {
      const refused = await open(join(directory, 'nowhere', 'client.log')).catch((error: unknown) => error);
      expect(refused).to.include({ code: 'ENOENT' });
    });
  }

  it('has each record when the call returns, however many there are', async () => {
    const file = await openImmediateLogFile(path);
    for (let number = 1; number <= 1000; number += 1) {
      file.write(`${number}\n`);
      if (number % 100 === 0) expect(readFileSync(path, 'utf8').trimEnd().split('\n')).to.have.length(number);
    }
  });

  it('does not hold the program up where it is a pipe that nobody reads', async () => {
    spawnSync('mkfifo', [path]);
    const reader = createReadStream(path).pause();
    const file = await openImmediateLogFile(path);
    const record = 'x'.repeat(1024 * 1024);
    expect(file.write(record), 'more is not wanted yet').to.equal(false);
    reader.resume();
    await once(file, 'drain');
    file.end();
    await once(reader, 'end');
  });

  it('is refused where it is a pipe that nobody has opened, instead of waiting for somebody', async () => {
    spawnSync('mkfifo', [path]);
    const refused = await openImmediateLogFile(path).catch((error: unknown) => error);
    expect(refused).to.have.property('message').that.includes('nobody reads');
  });

  it('begins each new part with the lines of its head, and never has these alone', async () => {
    let written = 0;
    const file = await openImmediateLogFile(path, 30, () => `head of ${written}\n`);
    for (const line of ['one', 'two', `three ${'x'.repeat(30)}`, 'four']) {
      file.write(`${line}\n`);
      written += 1;
      // A part is named by the millisecond in which the next one begins.
      const now = Date.now();
      await eventually('another millisecond', () => Date.now() > now);
    }
    file.end();
    await once(file, 'finish');
    const parts = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
    expect(parts.sort()).to.deep.equal([
      'head of 2\nthree '.concat('x'.repeat(30), '\n'),
      'head of 3\nfour\n',
      'one\ntwo\n',
    ]);
  });

  it('loses what a pipe does not take for a second, and ends', async () => {
    spawnSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const file = await openImmediateLogFile(path);
    const lost: string[] = [];
    file.on('lost', (lines: Buffer) => lost.push(lines.toString()));
    file.write(`${'x'.repeat(1024 * 1024)}\n`);
    file.end('the last\n');
    await once(file, 'finish');
    expect(lost.join('')).to.match(/x\nthe last\n$/);
    closeSync(reader);
  });

  it('is standard error where that is a socket, as systemd gives it, which cannot be opened', () => {
    const program = [
      `const { openLogFile } = await import(${JSON.stringify(projectFile('lib/platform/log-file.ts'))});`,
      `(await openLogFile('/dev/stderr')).end('a record\\n');`,
    ].join('\n');
    // What node gives its children for pipes are sockets.
    const ran = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    expect(ran.stderr).to.equal('a record\n');
  });

  it('goes on after a full disk, says once that records are lost, and leaves no line that is two', () => {
    const program = [
      `const { openImmediateLogFile } = await import(${JSON.stringify(projectFile('lib/platform/log-file.ts'))});`,
      `const file = await openImmediateLogFile(process.argv[1]);`,
      `file.on('lost', () => console.log('lost'));`,
      `for (let number = 0; number < 3; number += 1) file.write(String(number).repeat(1000) + '\\n');`,
      `const { execFileSync } = await import('node:child_process');`,
      `execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);`,
      `file.write('again\\n');`,
    ].join('\n');
    const line = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', program, path];
    const ran = spawnSync('bash', ['-c', 'ulimit -S -f 2; exec "$@"', 'bash', ...line], { encoding: 'utf8' });
    expect(ran.stderr).to.match(/^log records are lost: EFBIG[^\n]*\n$/);
    expect(ran.stdout).to.equal('lost\n');
    const [first, second, torn, last] = readFileSync(path, 'utf8').split('\n');
    expect([first, second, last]).to.deep.equal(['0'.repeat(1000), '1'.repeat(1000), 'again']);
    expect(torn).to.match(/^2{1,999}$/);
  });
});
