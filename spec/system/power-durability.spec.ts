import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { connect } from '../../lib/client/index.js';
import { lmdbOptions } from '../../lib/server/log/lmdb/lmdb-store.js';
import { temporaryDirectories } from '../server/log/temporary-directory.js';
import { unflushed } from './flush-order.js';
import { onPath } from './on-path.js';
import { projectFile } from './project.js';

const marker = 'a-text-that-is-nowhere-else';
const strace = onPath(['strace']);
// It may be there and not be allowed to look on.
const canTrace = strace !== undefined && spawnSync(strace, ['-qq', '-o', '/dev/null', 'true']).status === 0;

describe('An acknowledged message survives the loss of power [P4]', () => {
  const newDirectory = temporaryDirectories();
  const started: ChildProcess[] = [];

  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });

  it('for LMDB is told that a committed transaction is a flushed one, unless less is wanted', () => {
    expect(lmdbOptions('power')).to.include({ noSync: false, overlappingSync: false });
    expect(lmdbOptions('power')).not.to.have.any.keys('noMetaSync', 'mapAsync', 'useWritemap');
    expect(lmdbOptions('process')).to.include({ noSync: true });
  });

  if (!canTrace)
    process.stdout.write('      strace cannot be had: what LMDB is told is all that is asserted of flushing\n');

  /** What a server asked of the system while one message was published to it. */
  async function traced(durability: string): Promise<string> {
    const record = join(newDirectory(), 'strace');
    const calls = 'trace=openat,fdatasync,fsync,write,writev,pwrite64,pwritev,sendmsg,sendto';
    const child = spawn(
      strace as string,
      [
        ...['-f', '-y', '-qq', '-s', '70000', '-e', calls, '-o', record],
        ...[process.execPath, projectFile('bin/chit-server'), '--listen', '127.0.0.1:0'],
        ...['--data', newDirectory(), '--durability', durability],
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    started.push(child);
    const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })[Symbol.asyncIterator]();
    const address = /listening on (\S+)/.exec((await lines.next()).value)?.[1] ?? '';
    const ada = await connect({ server: address, name: 'Ada' });
    await ada.publish(marker);
    await ada.leave();
    const end = once(child, 'exit');
    // strace passes no signal on: the server is its only child.
    const server = /^(\d+)/.exec(readFileSync(record, 'utf8'))?.[1];
    process.kill(Number(server), 'SIGTERM');
    await end;
    return readFileSync(record, 'utf8');
  }

  if (canTrace) {
    it('because it goes to a socket only after its segment is flushed, which is given up only after the store has it, flushed', async () => {
      expect(unflushed(await traced('power'), marker)).to.equal(undefined);
    });

    it('which a server that does not flush is seen not to do', async () => {
      expect(unflushed(await traced('process'), marker)).to.equal('it was told before it was flushed');
    });
  }

  describe('as the record of its calls says', () => {
    const opened = '9 openat(AT_FDCWD, "/s/data.mdb", O_WRONLY|O_DSYNC|O_CLOEXEC) = 21</s/data.mdb>';
    const begun = '7 pwrite64(22</s/ahead-0>, "CHITAHD1..", 1024, 0) = 1024';
    const ahead = `7 pwrite64(22</s/ahead-0>, "..${marker}..", 400, 1024) = 400`;
    const flushed = '9 fdatasync(22</s/ahead-0>) = 0';
    const told = `8 writev(24<TCP:[1->2]>, [{iov_base="${marker}", iov_len=9}], 1) = 9`;
    const written = `9 pwrite64(20</s/data.mdb>, "..${marker}..", 4096, 8192) = 4096`;
    const stored = '9 fdatasync(20</s/data.mdb>) = 0';
    const committed = '9 pwrite64(21</s/data.mdb>, "..", 120, 0) = 120';
    const spent = '7 pwrite64(22</s/ahead-0>, "CHITAHD1..", 1024, 0) = 1024';
    const judged = (...lines: string[]) => unflushed([opened, begun, ...lines].join('\n'), marker);

    it('where all of it is in order', () => {
      expect(judged(ahead, flushed, told, written, stored, committed, spent)).to.equal(undefined);
    });

    it('and not where any of it is missing, late or not complete', () => {
      const taken = [written, stored, committed, spent];
      const half = `${flushed.slice(0, -' = 0'.length).replace(')', '')} <unfinished ...>`;
      const done = '9 <... fdatasync resumed>) = 0';
      expect(judged(ahead, half, done, told, ...taken)).to.equal(undefined);
      expect(judged(ahead, half, told, done, ...taken)).to.equal('it was told before it was flushed');
      expect(judged(flushed, ahead, told, ...taken)).to.equal('it was told before it was flushed');
      expect(judged(ahead, flushed.replace('ahead-0', 'ahead-1'), told, ...taken)).to.include('before it was flushed');
      expect(judged(flushed, told, ...taken)).to.equal('it was told before it was written to a segment');
      expect(judged(ahead, flushed, ...taken)).to.equal('it was told to no participant');
      const early = 'its segment was given up before the store had it';
      expect(judged(ahead, flushed, told, spent, written, stored, committed)).to.equal(early);
      expect(judged(ahead, flushed, told, written, committed, spent, stored)).to.equal(early);
      expect(judged(ahead, flushed, told, written, stored, spent, committed)).to.equal(early);
      expect(judged(ahead, flushed, told, stored, committed, spent)).to.equal(early);
      expect(judged(ahead, flushed, told)).to.equal('the store never had it');
    });
  });
});
