import { expect } from 'chai';
import { Random } from '../../simulation/random.js';
import { DiskModel, type Manner, type PossibleDisk, sectorBytes } from './possible-disk.js';
import { momentsOf } from './system-calls.js';

const [old, fresh, newest] = ['o', 'n', 'm'].map((letter) => letter.repeat(sectorBytes)) as [string, string, string];

const opened = 'openat(AT_FDCWD</>, "/r/a", O_RDWR|O_CREAT|O_CLOEXEC, 0600) = 3</r/a>';
const named = ['openat(AT_FDCWD</>, "/r", O_RDONLY|O_CLOEXEC) = 4</r>', 'fsync(4</r>) = 0'];
const written = (text: string, at = 0) => `pwrite64(3</r/a>, "${text}", ${text.length}, ${at}) = ${text.length}`;
const flushed = 'fdatasync(3</r/a>) = 0';

/** A model after these calls, each of one thread unless it begins with another one's number. */
function diskAfter(...calls: readonly string[]): DiskModel {
  const disk = new DiskModel('/r');
  const lines = calls.map((call) => (/^\d/.test(call) ? call.replace(' ', ' 1.5 ') : `1 1.5 ${call}`));
  for (const moment of momentsOf(lines.join('\n'))) disk.apply(moment);
  return disk;
}

/** All disks that come of many seeds, each as text: the files with what they have, and where none is, nothing. */
function possible(disk: DiskModel, manner?: Manner): Set<string> {
  return new Set(Array.from({ length: 300 }, (_, seed) => described(disk.possible(new Random(seed), manner))));
}

/** `a=on`: a letter a sector; `.` is a sector of zeros. */
function described({ files }: PossibleDisk): string {
  const letters = (bytes: Buffer) =>
    Array.from({ length: Math.ceil(bytes.length / sectorBytes) }, (_, sector) => {
      const code = bytes[sector * sectorBytes] ?? 0;
      return code === 0 ? '.' : String.fromCharCode(code);
    }).join('');
  return [...files].map(([path, bytes]) => `${path.slice('/r/'.length)}=${letters(bytes)}`).join(' ');
}

describe('A disk after a loss of power', () => {
  it('has all that was flushed', () => {
    expect([...possible(diskAfter(opened, ...named, written(old + old), flushed))]).to.deep.equal(['a=oo']);
  });

  it('has of what was written since any sectors', () => {
    const disk = diskAfter(opened, ...named, written(old + old), flushed, written(fresh + fresh));
    expect([...possible(disk)].sort()).to.deep.equal(['a=nn', 'a=no', 'a=on', 'a=oo']);
    expect([...possible(disk, 'none')]).to.deep.equal(['a=oo']);
    expect([...possible(disk, 'all')]).to.deep.equal(['a=nn']);
  });

  it('has of a sector that was written twice one of its contents', () => {
    const disk = diskAfter(opened, ...named, written(old), flushed, written(fresh), written(newest));
    expect([...possible(disk)].sort()).to.deep.equal(['a=m', 'a=n', 'a=o']);
  });

  it('has in order up to a point, or only what came later, where that is asked for', () => {
    const disk = diskAfter(opened, ...named, written(old + old), flushed, written(fresh), written(fresh, sectorBytes));
    expect([...possible(disk, 'earlier')].sort()).to.deep.equal(['a=nn', 'a=no', 'a=oo']);
    expect([...possible(disk, 'later')].sort()).to.deep.equal(['a=nn', 'a=on']);
  });

  it('may lack what was written while the flush was under way, and all while it is', () => {
    const [begun, over] = ['2 fdatasync(3</r/a> <unfinished ...>', '2 <... fdatasync resumed>) = 0'];
    const before = [opened, ...named, written(old)];
    expect([...possible(diskAfter(...before, begun))].sort()).to.deep.equal(['a=', 'a=.', 'a=o']);
    expect([...possible(diskAfter(...before, begun, written(fresh), over))].sort()).to.deep.equal(['a=n', 'a=o']);
    const slow = written(fresh).replace(`) = ${sectorBytes}`, '');
    const slowWrite = [`3 ${slow} <unfinished ...>`, flushed, `3 <... pwrite64 resumed>) = ${sectorBytes}`];
    expect([...possible(diskAfter(...before, flushed, ...slowWrite))].sort()).to.deep.equal(['a=n', 'a=o']);
  });

  it('has nothing of a flush that failed', () => {
    const disk = diskAfter(
      opened,
      ...named,
      written(old),
      flushed,
      written(fresh),
      'fdatasync(3</r/a>) = -1 EIO (I/O error)',
    );
    expect([...possible(disk, 'none')]).to.deep.equal(['a=o']);
  });

  it('has what was written through a descriptor that flushes by itself, and nothing else by that', () => {
    const through = 'openat(AT_FDCWD</>, "/r/a", O_WRONLY|O_DSYNC) = 5</r/a>';
    const written5 = `pwrite64(5</r/a>, "${fresh}", ${sectorBytes}, ${sectorBytes}) = ${sectorBytes}`;
    const before = [opened, ...named, written(old + old), flushed, through, written(newest)];
    expect([...possible(diskAfter(...before, written5))].sort()).to.deep.equal(['a=mn', 'a=on']);
    const begun = `2 ${written5.replace(`) = ${sectorBytes}`, '')} <unfinished ...>`;
    expect([...possible(diskAfter(...before, begun))]).to.include.members(['a=oo', 'a=on', 'a=mn']);
  });

  it('follows writes without a place, behind each other and at the end', () => {
    const vector = `writev(3</r/a>, [{iov_base="${fresh}", iov_len=512}, {iov_base="${old}", iov_len=512}], 2) = 1024`;
    const seek = 'lseek(3</r/a>, 512, SEEK_SET) = 512';
    expect(described({ ...diskAfter(opened, ...named, seek, vector, flushed).possible(new Random(1)) })).to.equal(
      'a=.no',
    );
    const appending = 'openat(AT_FDCWD</>, "/r/a", O_WRONLY|O_APPEND) = 6</r/a>';
    const appended = `write(6</r/a>, "${newest}", 512) = 512`;
    const disk = diskAfter(opened, ...named, written(old), appending, appended, flushed);
    expect([...possible(disk)]).to.deep.equal(['a=om']);
  });

  it('has any size of the file since the flush, with zeros where nothing was written', () => {
    const grown = diskAfter(opened, ...named, written(old), flushed, written(fresh, sectorBytes));
    expect([...possible(grown)].sort()).to.deep.equal(['a=o', 'a=o.', 'a=on']);
    const cut = diskAfter(opened, ...named, written(old + old), flushed, `ftruncate(3</r/a>, ${sectorBytes}) = 0`);
    expect([...possible(cut)]).to.include.members(['a=oo', 'a=o', 'a=o.']);
    expect([
      ...possible(diskAfter(opened, ...named, written(old + old), 'ftruncate(3</r/a>, 0) = 0', flushed)),
    ]).to.deep.equal(['a=']);
  });

  it('has a new name only if it likes, until its directory is flushed', () => {
    const [directory = '', flush = ''] = named;
    expect([...possible(diskAfter(opened, written(old), flushed, directory))].sort()).to.deep.equal(['', 'a=o']);
    expect([...possible(diskAfter(opened, written(old), flushed, directory, flush))]).to.deep.equal(['a=o']);
  });

  it('has a name again that was removed, until its directory is flushed, and either file where it was given anew', () => {
    const [directory = '', flush = ''] = named;
    const before = [opened, directory, flush, written(old), flushed, 'unlink("/r/a") = 0'];
    expect([...possible(diskAfter(...before))].sort()).to.deep.equal(['', 'a=o']);
    expect([...possible(diskAfter(...before, flush))]).to.deep.equal(['']);
    const anew = [...before, opened, written(fresh), flushed];
    expect([...possible(diskAfter(...anew))].sort()).to.deep.equal(['', 'a=n', 'a=o']);
  });

  it('has of a file that was given another name one of the two', () => {
    const disk = diskAfter(opened, ...named, written(old), flushed, 'rename("/r/a", "/r/b") = 0');
    expect([...possible(disk)].sort()).to.deep.equal(['a=o', 'b=o']);
  });

  it('has nothing of a directory whose name it lacks', () => {
    const inside = 'openat(AT_FDCWD</>, "/r/d/a", O_RDWR|O_CREAT, 0600) = 3</r/d/a>';
    const directory = ['openat(AT_FDCWD</>, "/r/d", O_RDONLY) = 5</r/d>', 'fsync(5</r/d>) = 0'];
    const disk = diskAfter('mkdir("/r/d", 0700) = 0', inside, ...directory);
    expect([...possible(disk)].sort()).to.deep.equal(['', 'd/a=']);
  });

  it('is the same for the same seed', () => {
    const disk = diskAfter(opened, written(old + old + old), flushed, written(fresh + newest));
    const again = Array.from({ length: 20 }, (_, seed) => disk.possible(new Random(seed)));
    expect(Array.from({ length: 20 }, (_, seed) => disk.possible(new Random(seed)))).to.deep.equal(again);
  });

  it('is after the end of the process alone what all processes saw', () => {
    const disk = diskAfter(opened, written(old), flushed, written(fresh));
    expect(disk.cached().get('/r/a')?.toString()).to.equal(fresh);
    expect([...possible(disk, 'all')]).to.deep.equal(['a=n']);
  });

  it('is not known where a file is changed by what is not followed', () => {
    expect(() => diskAfter('mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 3</r/a>, 0) = 0x7f0000000000')).to.throw(
      'mapped',
    );
    expect(() => diskAfter('mmap(NULL, 4096, PROT_READ, MAP_SHARED, 3</r/a>, 0) = 0x7f0000000000')).to.not.throw();
    expect(() => diskAfter('io_uring_setup(64, {flags=IORING_SETUP_SQPOLL}) = 9')).to.throw('io_uring_setup');
    expect(() => diskAfter('io_uring_setup(256, {flags=0x10000}) = 9')).to.not.throw();
    expect(() => diskAfter('sendfile(9</other>, 4<\\x2f\\x72\\x2f\\x61>, NULL, 9) = 9')).to.throw('sendfile');
    expect(() => diskAfter(opened, 'fallocate(3</r/a>, 0, 0, 4096) = 0')).to.throw('fallocate');
    expect(() => diskAfter('link("/r/a", "/r/b") = 0')).to.throw('link');
    expect(() => diskAfter(written(old))).to.throw('not in the record');
  });
});
