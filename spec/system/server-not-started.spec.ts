import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { encodeEvent } from '../../lib/codec/event-codec.js';
import type { EncodedEntry } from '../../lib/server/log/event-log.js';
import { segmentNames } from '../../lib/server/log/write-ahead/segment.js';
import { RoomScript } from '../server/log/room-script.js';
import { usedBytes } from '../server/log/used-bytes.js';
import { leftStore } from '../server/log/write-ahead/left-store.js';
import { Child } from './child.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { projectFile } from './project.js';
import { RawCaller } from './raw-caller.js';
import { expectFailure, free, listening, serverCommand } from './server-command.js';
import { ServerProcess } from './server-process.js';

describe('chit-server that cannot start says in one line what is wrong, why, and what to do', () => {
  const endings = endedAfterEach();

  it('with an option that makes no sense, and ends with 2', async () => {
    await expectFailure(serverCommand(endings, ['--listen', '4000']), 2, /--listen .*HOST:PORT, such as/);
    await expectFailure(serverCommand(endings, ['--rooms-max', 'many']), 2, /--rooms-max .*whole number/);
    await expectFailure(serverCommand(endings, ['--durability', 'none']), 2, /--durability .*power, process/);
    await expectFailure(serverCommand(endings, ['extra']), 2, /too many arguments/);
    await expectFailure(serverCommand(endings, [], { CHIT_LISTEN: 'here' }), 2, /CHIT_LISTEN.*HOST:PORT/);
  });

  it('with a switch in the environment that is neither yes nor no, or a path that a script left empty', async () => {
    for (const name of ['CHIT_MEMORY', 'CHIT_NO_FAST_LANE']) {
      await expectFailure(
        serverCommand(endings, ['--listen', free], { [name]: 'maybe' }),
        2,
        new RegExp(`${name}.*1 or to 0`),
      );
    }
    const cwd = temporaryDirectory(endings);
    for (const option of ['--data', '--log-file']) {
      const args = [projectFile('bin/chit-server'), '--listen', free, option, ''];
      await expectFailure(new Child(endings, process.execPath, args, { cwd }), 2, new RegExp(`${option} .*empty`));
    }
    expect(readdirSync(cwd)).to.deep.equal([]);
  });

  it('when the port is taken', async () => {
    const address = await listening(serverCommand(endings, ['--memory', '--listen', free]));
    const child = serverCommand(endings, ['--memory', '--listen', address]);
    await expectFailure(child, 1, new RegExp(`${address} already.*--listen HOST:PORT`));
  });

  it('when the address is not one of this machine, or none at all', async () => {
    await expectFailure(
      serverCommand(endings, ['--memory', '--listen', '192.0.2.1:4000']),
      1,
      /not an address of this machine.*--listen/,
    );
    await expectFailure(
      serverCommand(endings, ['--memory', '--listen', 'no-such-host.invalid:4000']),
      1,
      /no-such-host.*--listen/,
    );
  });

  it('when its log cannot be kept where it is to be', async () => {
    const directory = temporaryDirectory(endings);
    const file = join(directory, 'file');
    writeFileSync(file, '');
    await expectFailure(
      serverCommand(endings, ['--listen', free, '--data', join(file, 'log')]),
      1,
      /ENOTDIR.*--data DIR/,
    );
    await expectFailure(
      serverCommand(endings, ['--listen', free, '--data', file]),
      1,
      /a file has that name.*--data DIR/,
    );
  });

  it('when what is in the folder is no store, of which nothing is touched', async () => {
    const data = temporaryDirectory(endings);
    const file = join(data, 'data.mdb');
    const content = randomBytes(20_000);
    writeFileSync(file, content);
    await expectFailure(
      serverCommand(endings, ['--listen', free, '--data', data]),
      1,
      /data\.mdb is no store.*Move it.*--data DIR/,
    );
    expect(readFileSync(file).equals(content)).to.equal(true);
  });

  it('when the end of its store is lost, of which nothing is touched', async () => {
    const server = await ServerProcess.start(endings);
    const speaker = new RawCaller(endings, server.address).chat();
    await speaker.join('Speaker');
    for (let number = 1; number <= 500; number += 1) speaker.publish(`${number}`);
    await speaker.heard('500');
    await server.stop();
    const file = join(server.data, 'data.mdb');
    const whole = readFileSync(file);
    const left = (await usedBytes(server.data)) / 2;
    truncateSync(file, left);
    const child = serverCommand(endings, ['--listen', free, '--data', server.data]);
    await expectFailure(child, 1, /data\.mdb is cut off: .*Put a copy .*--data DIR/);
    expect(readFileSync(file).equals(whole.subarray(0, left))).to.equal(true);
  });

  it('when another server has the store open, which goes on undisturbed', async () => {
    const data = temporaryDirectory(endings);
    const server = await ServerProcess.start(endings, { data });
    const child = serverCommand(endings, ['--listen', free, '--data', data]);
    await expectFailure(child, 1, new RegExp(`in use by process ${server.child.pid}\\..*--data DIR`));
    expect(await new RawCaller(endings, server.address).rooms()).to.deep.equal([]);
  });

  it('when the file for log records cannot be opened', async () => {
    const directory = join(temporaryDirectory(endings), 'directory');
    mkdirSync(directory);
    const child = serverCommand(endings, ['--memory', '--listen', free, '--log-file', directory]);
    await expectFailure(child, 1, /Log records.*EISDIR.*--log-file FILE/);
    const pipe = join(directory, 'pipe');
    spawnSync('mkfifo', [pipe]);
    const unread = serverCommand(endings, ['--memory', '--listen', free, '--log-file', pipe]);
    await expectFailure(unread, 1, /Log records.*nobody reads.*--log-file FILE/);
  });

  it('when the disk is full, and leaves nothing there that the next start would take for a damaged store', async () => {
    const data = join(temporaryDirectory(endings), 'store');
    const node = [process.execPath, projectFile('bin/chit-server'), '--listen', free, '--data', data];
    const little = new Child(endings, 'prlimit', ['--fsize=4096', ...node]);
    await expectFailure(little, 1, /cannot be kept in .*file too large \(EFBIG\).*--data DIR/);
    await listening(new Child(endings, process.execPath, node.slice(1)));
  });

  it('when the disk has no space for what a killed server left in the segments, of which nothing is lost', async () => {
    const lobby = new RoomScript('lobby');
    const stored = [lobby.join('Ada'), ...lobby.talk('Ada', 2)];
    const ahead = lobby.talk('Ada', 2000, 'x'.repeat(100));
    const wire = (entries: readonly EncodedEntry[]) => {
      return entries.map((entry) => ({ ...entry, bytes: encodeEvent(entry.event) }));
    };
    const data = await leftStore(temporaryDirectory(endings), [[lobby, wire(stored)]], [[lobby, wire(ahead)]]);
    // The space that was found for it has gone to somebody else.
    truncateSync(join(data, 'data.mdb'), await usedBytes(data));
    const { size } = statSync(join(data, 'data.mdb'));
    const before = segmentNames.map((name) => readFileSync(join(data, name)));
    const node = [process.execPath, projectFile('bin/chit-server'), '--listen', free, '--data', data];
    const little = new Child(endings, 'prlimit', [`--fsize=${size}`, ...node]);
    await expectFailure(
      little,
      1,
      /killed server left in .*file too large \(EFBIG\).*Nothing of it is lost.*--data DIR/,
    );
    for (const [index, name] of segmentNames.entries()) {
      expect(readFileSync(join(data, name)).equals(before[index] as Buffer), name).to.equal(true);
    }
    const address = await listening(new Child(endings, process.execPath, node.slice(1)));
    const events = await new RawCaller(endings, address).history();
    expect(events.filter(({ kind }) => kind === 'message')).to.have.length(2002);
  });
});
