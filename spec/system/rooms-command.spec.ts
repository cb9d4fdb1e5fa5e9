import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { projectFile } from './project.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';

/** Runs chit-server to its end. */
function chitServer(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [projectFile('bin/chit-server'), ...args], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

describe('chit-server with as many rooms as it may have', () => {
  const endings = endedAfterEach();

  /** A store with three rooms, in each of which somebody spoke. */
  async function fullStore(data: string): Promise<void> {
    const server = await ServerProcess.start(endings, { data, args: ['--rooms-max', '3'] });
    const caller = new RawCaller(endings, server.address);
    for (const room of ['one', 'three', 'two']) {
      const chat = caller.chat();
      await chat.join('Ada', room);
      chat.publish('here');
      await chat.heard('here');
      chat.leave();
      await chat.ended();
    }
    const fourth = caller.chat();
    fourth.askToJoin({ name: 'Ada', room: 'four' });
    expect((await fourth.ended()).rejection).to.deep.equal({
      ordinal: 0,
      reason: 'OVERLOADED',
      detail: 'This server has as many rooms as it may have. Join one of them; its operator can remove some.',
      retryAfterMs: 0,
    });
    expect(server.records().filter(({ event }) => event === 'rooms-full')).to.have.length(1);
    const record = server.records().find(({ event }) => event === 'rooms-full');
    expect(record).to.include({ level: 40, room: 'four', rooms: 3, limit: 'roomsMax', limitValue: 3 });
    // A running server's rooms are its own.
    const refused = chitServer(['rooms', data, '--remove', 'one']);
    expect(refused.status).to.equal(2);
    expect(refused.stderr).to.match(/^chit-server: The store .* is in use by process \d+\. Stop that process.*\n$/);
    expect(await server.stop()).to.equal(0);
  }

  it('tells the fourth why, lists its rooms at rest, has one removed, and then begins another', async function () {
    // Some ten programs, one after the other.
    this.timeout(90_000);
    const data = temporaryDirectory(endings);
    await fullStore(data);
    const line = (room: string) => `${room}: 3 events, the newest \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z, 0 participants\\.\\n`;
    const listed = chitServer(['rooms', '--data', data]);
    expect(listed).to.include({ status: 0, stderr: '' });
    expect(listed.stdout).to.match(
      new RegExp(`^${['one', 'three', 'two'].map(line).join('')}.* has 3 rooms, 9 events\\.\\n$`),
    );
    expect(chitServer(['rooms'], { CHIT_DATA: data }).stdout).to.equal(listed.stdout);
    const unknown = chitServer(['rooms', data, '--remove', 'one', '--remove', 'four']);
    expect(unknown).to.deep.equal({
      status: 1,
      stdout: '',
      stderr: `chit-server: The store ${data} has no room "four".\n`,
    });
    expect(chitServer(['rooms', data, '--remove', 'one'])).to.deep.equal({
      status: 0,
      stdout: `one is removed, 3 events.\n${data} has 2 rooms, 6 events.\n`,
      stderr: '',
    });
    expect(chitServer(['check', data]).status).to.equal(0);
    const server = await ServerProcess.start(endings, { data, args: ['--rooms-max', '3'] });
    const caller = new RawCaller(endings, server.address);
    expect((await caller.rooms()).map(({ name }) => name)).to.deep.equal(['three', 'two']);
    const chat = caller.chat();
    await chat.join('Ada', 'four');
    chat.publish('at last');
    await chat.heard('at last');
  });

  it('says in one line that there is no store, and makes none', () => {
    const empty = mkdtempSync(join(temporaryDirectory(endings), 'none-'));
    const none = chitServer(['rooms', empty]);
    expect(none).to.deep.equal({ status: 2, stdout: '', stderr: `chit-server: There is no store in ${empty}.\n` });
    expect(chitServer(['rooms', empty, '--remove']).status).to.equal(2);
    expect(chitServer(['check', empty]).status, 'nothing was made').to.equal(2);
    const help = chitServer(['rooms', '--help']);
    expect(help.status).to.equal(0);
    expect(help.stdout).to.include('--remove <ROOM>').and.to.include('Exit codes:');
  });
});
