import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { oldPartsMax } from '../../lib/platform/log-file.js';
import { Child } from './child.js';
import { ClientProcess } from './client-process.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { installedProgram, installMsMax } from './installed-program.js';
import { journalRecords } from './journal-records.js';
import { projectFile } from './project.js';
import { ServerProcess } from './server-process.js';
import { traced } from './trace-program.js';

describe('Log files', () => {
  const endings = endedAfterEach();

  function eventsIn(path: string): string[] {
    return journalRecords(readFileSync(path, 'utf8').split('\n')).map(({ event }) => event);
  }

  it('of a server go on in a new one when logrotate has moved them and sent SIGHUP', async function () {
    this.timeout(installMsMax + 30_000);
    const logrotate = await installedProgram('logrotate');
    const folder = temporaryDirectory(endings);
    const log = join(folder, 'server.log');
    const server = await ServerProcess.start(endings, { args: ['--log-file', log] });
    const ada = await ClientProcess.joined(endings, server.address, { name: 'ada' });
    const rules = join(folder, 'rules');
    const hangUp = `postrotate\nkill -HUP ${server.child.pid}\nendscript`;
    writeFileSync(rules, `"${log}" {\nrotate 2\nnocompress\n${hangUp}\n}\n`, { mode: 0o600 });
    await promisify(execFile)(logrotate, ['--force', '--state', join(folder, 'state'), rules]);
    await eventually('the log is opened anew', () => existsSync(log) && eventsIn(log).includes('log-reopened'));
    ada.say('after');
    await ada.heard('after');
    expect(await ada.leave()).to.equal(0);
    await eventually('the leave is recorded', () => eventsIn(log).includes('broadcast-leave'));
    expect(eventsIn(`${log}.1`))
      .to.include('broadcast-join')
      .and.not.to.include('broadcast-leave');
    expect(statSync(log).mode & 0o777).to.equal(0o600);
    const { code, lines } = await traced(endings, ['check', '--strict', ada.logFile, log, `${log}.1`]);
    expect(code, lines.join('\n')).to.equal(0);
  });

  it('that are standard output, redirected to a file, have all that both say', async () => {
    for (const name of ['/dev/stdout', '/dev/stderr']) {
      const out = join(temporaryDirectory(endings), 'out.log');
      const server = [projectFile('bin/chit-server'), '--listen', '127.0.0.1:0', '--memory', '--log-file', name];
      const shell = ['-c', 'exec "$@" > "$OUT" 2>&1', 'bash', process.execPath, ...server];
      const child = new Child(endings, 'bash', shell, { env: { OUT: out } });
      const text = () => (existsSync(out) ? readFileSync(out, 'utf8') : '');
      await eventually('it listens', () => text().includes('Its store is'));
      child.signal('SIGTERM');
      expect(await child.ended).to.equal(0);
      const lines = text().trimEnd().split('\n');
      const said = lines.filter((line) => !line.startsWith('{'));
      expect(said.map((line) => line.replace(/ \S+ is listening on .*/, ''))).to.deep.equal([
        'Chit Chat',
        'Its store is in memory and ends with it',
        'Stopping',
      ]);
      const records = lines.filter((line) => line.startsWith('{'));
      for (const line of records) expect(() => JSON.parse(line), line).not.to.throw();
      expect(eventsIn(out)).to.include.members(['server-started', 'server-stopping', 'server-stopped']);
    }
  });

  it('of a client are moved away when they are full, and are one log to chit-trace', async () => {
    const { address } = await ServerProcess.start(endings);
    const ada = await ClientProcess.joined(endings, address, { name: 'ada', args: ['--log-max', '6KB'] });
    for (let count = 1; count <= 15; count += 1) {
      ada.say(`message ${count}`);
      await ada.heard(`message ${count}`);
    }
    expect(await ada.leave()).to.equal(0);
    const folder = dirname(ada.logFile);
    const parts = readdirSync(folder).filter((name) => name.endsWith('.log'));
    expect(parts).to.have.length.within(2, oldPartsMax + 1);
    for (const part of parts) expect(statSync(join(folder, part)).size).to.be.at.most(6 * 1024);
    const { code, lines } = await traced(endings, ['check', '--strict', ...parts.map((name) => join(folder, name))]);
    expect(code, lines.join('\n')).to.equal(0);
  });

  it('of a client whose oldest part is gone are judged from there on, and what is broken after that is found', async () => {
    const { address } = await ServerProcess.start(endings);
    const ada = await ClientProcess.joined(endings, address, { name: 'ada', args: ['--log-max', '5KB'] });
    const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
    for (let count = 1; count <= 10; count += 1) {
      ada.say(`message ${count}`);
      await ada.heard(`message ${count}`);
      await bob.heard(`message ${count}`);
    }
    expect(await bob.leave()).to.equal(0);
    expect(await ada.leave()).to.equal(0);
    const folder = dirname(ada.logFile);
    // By their names the oldest comes first, and the one without a time last.
    const rotated = readdirSync(folder).filter((name) => /\dT\d+Z\.log$/.test(name));
    const parts = [
      ...rotated
        .sort()
        .slice(1)
        .map((name) => join(folder, name)),
      ada.logFile,
    ];
    const [oldest = ''] = parts;
    expect(eventsIn(oldest)[0]).to.equal('part');
    for (const logs of [parts, [...parts, bob.logFile]]) {
      const { code, lines } = await traced(endings, ['check', ...logs]);
      expect(code, lines.join('\n')).to.equal(0);
      const [open] = lines.filter((line) => /The part of ada's log is missing/.test(line));
      expect(open).to.match(/ that tells of room lobby up to event \d+: what it did and received there is unknown\.$/);
      expect(lines.at(-1)).to.match(
        logs.length > parts.length
          ? /^As far as these logs tell, every promise was kept: for 13 events, as all 2 participants saw them\.$/
          : /^As far as these logs tell, every promise was kept: for \d+ events, as 1 of \d participants saw them\.$/,
      );
      expect((await traced(endings, ['check', '--strict', ...logs])).code, 'it is not all that was').to.equal(3);
    }
    const text = readFileSync(oldest, 'utf8').trimEnd().split('\n');
    const received = text.findIndex((line) => JSON.parse(line).event === 'receive');
    writeFileSync(oldest, `${text.filter((_, index) => index !== received).join('\n')}\n`);
    for (const strict of [[], ['--strict']]) {
      const { code, lines } = await traced(endings, ['check', ...strict, ...parts]);
      expect(code, lines.join('\n')).to.equal(1);
      expect(lines.join('\n')).to.match(/P3: ada never received event/);
    }
  });

  it('of a client are kept up to a number of parts, and not at all where none are wanted', async () => {
    const { address } = await ServerProcess.start(endings);
    const ada = await ClientProcess.joined(endings, address, { name: 'ada', args: ['--log-max', '1KB'] });
    for (let count = 1; count <= 15; count += 1) {
      ada.say(`message ${count}`);
      await ada.heard(`message ${count}`);
    }
    expect(await ada.leave()).to.equal(0);
    expect(readdirSync(dirname(ada.logFile)).filter((name) => name.endsWith('.log'))).to.have.length(oldPartsMax + 1);
    const state = temporaryDirectory(endings);
    const line = [projectFile('bin/chit-client'), '--server', address, '--name', 'bob', '--no-log'];
    const bob = new Child(endings, process.execPath, line, { env: { XDG_STATE_HOME: state } });
    bob.closeInput();
    expect(await bob.ended).to.equal(0);
    expect(bob.errorLines).to.deep.equal([]);
    expect(readdirSync(state)).to.deep.equal([]);
  });
});
