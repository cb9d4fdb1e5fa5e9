import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { FileLock, LockHeld, NotALock } from '../../lib/platform/file-lock.js';
import { temporaryDirectories } from '../server/log/temporary-directory.js';

describe('FileLock', () => {
  const newDirectory = temporaryDirectories();

  for (const command of ['flock', 'no-such-command']) {
    describe(`by ${command === 'flock' ? 'the flock command' : 'process id and start time'}`, () => {
      it('is held once, and can be taken again when released', () => {
        const directory = newDirectory();
        const lock = FileLock.take(join(directory, 'lock'), command);
        expect(() => FileLock.take(join(directory, 'lock'), command)).to.throw(
          LockHeld,
          `locked by process ${process.pid}`,
        );
        lock.release();
        FileLock.take(join(directory, 'lock'), command).release();
      });

      it('does not mind what a dead process left', () => {
        const directory = newDirectory();
        // The greatest process id of Linux is 2^22.
        writeFileSync(join(directory, 'lock'), `${2 ** 22 + 1} 12345\n`);
        FileLock.take(join(directory, 'lock'), command).release();
      });

      it('does not mind a process id that another process has now', () => {
        const directory = newDirectory();
        writeFileSync(join(directory, 'lock'), `${process.pid} 12345\n`);
        FileLock.take(join(directory, 'lock'), command).release();
      });

      it('does not mind a file that says nothing it knows', () => {
        const directory = newDirectory();
        writeFileSync(join(directory, 'lock'), 'rubbish\n');
        FileLock.take(join(directory, 'lock'), command).release();
      });
    });
  }

  it('names its holder in its file while it is held', () => {
    const directory = newDirectory();
    const lock = FileLock.take(join(directory, 'lock'));
    expect(readFileSync(join(directory, 'lock'), 'utf8')).to.match(new RegExp(`^${process.pid} `));
    lock.release();
    expect(readFileSync(join(directory, 'lock'), 'utf8')).to.equal('');
  });

  it('passes on what the lock command complains of', () => {
    const directory = newDirectory();
    const command = join(directory, 'flock');
    writeFileSync(command, '#!/bin/sh\necho no locks available >&2\nexit 71\n', { mode: 0o755 });
    expect(() => FileLock.take(join(directory, 'lock'), command)).to.throw(
      'flock failed (status 71): no locks available',
    );
  });

  it('takes a command that may not be run, or is where this user may not look, for none', () => {
    const path = join(newDirectory(), 'lock');
    const command = join(newDirectory(), 'flock');
    writeFileSync(command, '', { mode: 0o644 });
    const lock = FileLock.take(path, command);
    expect(() => FileLock.take(path, command)).to.throw(LockHeld);
    lock.release();
  });

  it('leaves no file behind where it is removed, and is then anybody’s', () => {
    const path = join(newDirectory(), 'lock');
    FileLock.take(path).remove();
    expect(existsSync(path)).to.equal(false);
    FileLock.take(path).release();
  });

  it('is not had with a file that was removed meanwhile', () => {
    const path = join(newDirectory(), 'lock');
    const command = join(newDirectory(), 'flock');
    // The holder removes the file just before this one is let in, the first time.
    writeFileSync(command, `#!/bin/sh\ntest -e ${command}.done || { touch ${command}.done; rm ${path}; }\n`, {
      mode: 0o755,
    });
    FileLock.take(path, command);
    expect(readFileSync(path, 'utf8')).to.match(new RegExp(`^${process.pid} `));
  });

  describe('taken carefully', () => {
    it('leaves what is no lock as it is', () => {
      for (const text of ['rubbish\n', '12345 words\nand more\n', `1 ${'2'.repeat(1000)}\n`]) {
        const path = join(newDirectory(), 'lock');
        writeFileSync(path, text);
        expect(() => FileLock.takeCarefully(path)).to.throw(NotALock, `${path} is no lock file`);
        expect(readFileSync(path, 'utf8')).to.equal(text);
      }
    });

    it('follows no link, and takes no folder for a file', () => {
      const path = join(newDirectory(), 'lock');
      const victim = join(newDirectory(), 'victim');
      writeFileSync(victim, '');
      symlinkSync(victim, path);
      expect(() => FileLock.takeCarefully(path)).to.throw(NotALock);
      expect(readFileSync(victim, 'utf8')).to.equal('');
      mkdirSync(`${path}.folder`);
      expect(() => FileLock.takeCarefully(`${path}.folder`)).to.throw('EISDIR');
    });

    for (const left of ['', '4194305 12345\n', '4194305 Sat Nov  1 12:16:18 2025\n']) {
      it(`is had with what a dead holder left: ${JSON.stringify(left)}`, () => {
        const path = join(newDirectory(), 'lock');
        writeFileSync(path, left);
        const lock = FileLock.takeCarefully(path);
        expect(readFileSync(path, 'utf8')).to.match(new RegExp(`^${process.pid} \\d+\n$`));
        expect(() => FileLock.takeCarefully(path)).to.throw(LockHeld, `locked by process ${process.pid}`);
        lock.remove();
      });
    }
  });
});
