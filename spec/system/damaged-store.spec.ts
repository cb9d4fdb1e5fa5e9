import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { decodeEvent, encodeEvent } from '../../lib/codec/event-codec.js';
import { LmdbLog } from '../../lib/server/log/lmdb/lmdb-log.js';
import { editStore, withFlippedBit } from '../server/log/lmdb/stored-damage.js';
import { RoomScript } from '../server/log/room-script.js';
import { temporaryDirectories } from '../server/log/temporary-directory.js';

const program = fileURLToPath(new URL('../../bin/chit-server', import.meta.url));

/** Runs chit-server to its end. */
function chitServer(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

describe('chit-server with a damaged store', () => {
  const newDirectory = temporaryDirectories();
  let directory: string;
  const start = () => chitServer('--data', directory, '--listen', '127.0.0.1:0');

  beforeEach(async () => {
    directory = newDirectory();
    const log = LmdbLog.open(directory, { decode: decodeEvent });
    const lobby = new RoomScript('lobby');
    const entries = [lobby.join('Ada'), ...lobby.talk('Ada', 9)];
    await log.append(lobby.group(entries.map((entry) => ({ ...entry, bytes: encodeEvent(entry.event) }))));
    await log.close();
  });

  it('that a newer version wrote says so in one line and exits with 1', async () => {
    await editStore(directory, ({ about }) => about.putSync('format', 99));
    expect(start()).to.deep.equal({
      status: 1,
      stdout: '',
      stderr:
        `chit-server: The store ${directory} has format 99; this version reads formats up to 3. ` +
        'Use the version that wrote it, or name another directory.\n',
    });
  });

  it('whose account of itself is damaged says so in one line and exits with 1', async () => {
    await editStore(directory, ({ about }) => about.putSync('format', 'x'));
    const { status, stderr } = start();
    expect(status).to.equal(1);
    expect(stderr).to.match(/^chit-server: The store .* is damaged: .*chit-server check .*--cut.*\n$/);
  });

  it('is told by chit-server check what of it is good, and has it cut', async () => {
    expect(chitServer('check', directory)).to.deep.equal({
      status: 0,
      stdout: `lobby: all 10 events good.\nAll of ${directory} is good: 1 room, 10 good events.\n`,
      stderr: '',
    });
    await editStore(directory, ({ events }) => {
      events.putSync(['lobby', 7], withFlippedBit(events.get(['lobby', 7]), -9));
    });
    const found = chitServer('check', directory);
    expect(found.status).to.equal(1);
    expect(found.stdout).to.include(
      'lobby: good up to event 6 of 10, 1 event damaged or missing; 3 events behind that can be read.',
    );
    const cut = chitServer('check', '--cut', directory);
    expect(cut.status).to.equal(1);
    expect(cut.stdout).to.match(/^lobby ends at event 6 now, and has the new log id [-0-9a-f]{36}\.$/m);
    expect(chitServer('check', directory)).to.include({ status: 0, stderr: '' });
  });

  it('is refused by chit-server check with 2 where there is none, it is in use, or nobody knows what is asked', async () => {
    const log = LmdbLog.open(directory, { decode: decodeEvent });
    const inUse = chitServer('check', directory);
    await log.close();
    expect(inUse.status).to.equal(2);
    expect(inUse.stderr).to.match(/^chit-server: The store .* is in use by process \d+\. .*\n$/);
    const elsewhere = join(directory, 'nothing');
    mkdirSync(elsewhere);
    expect(chitServer('check', elsewhere)).to.deep.equal({
      status: 2,
      stdout: '',
      stderr: `chit-server: There is no store in ${elsewhere}.\n`,
    });
    writeFileSync(join(elsewhere, 'data.mdb'), 'hello');
    expect(chitServer('check', elsewhere)).to.include({ status: 2, stdout: '' });
    expect(chitServer('check').status).to.equal(2);
    expect(chitServer('check', '--no-such-option', directory).status).to.equal(2);
    expect(chitServer('check', '--help').stdout).to.include('Exit codes:');
  });
});
