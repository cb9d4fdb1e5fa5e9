import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { StoreInUse } from '../../lib/log/event-log.js';
import { StoreLock } from '../../lib/log/store-lock.js';
import { temporaryDirectories } from './temporary-directory.js';

describe('StoreLock', () => {
  const newDirectory = temporaryDirectories();

  for (const command of ['flock', 'no-such-command']) {
    describe(`by ${command === 'flock' ? 'the flock command' : 'process id and start time'}`, () => {
      it('is held once, and can be taken again when released', () => {
        const directory = newDirectory();
        const lock = StoreLock.take(directory, command);
        expect(() => StoreLock.take(directory, command)).to.throw(StoreInUse, `process ${process.pid}`);
        lock.release();
        StoreLock.take(directory, command).release();
      });

      it('does not mind what a dead process left', () => {
        const directory = newDirectory();
        // The greatest process id of Linux is 2^22.
        writeFileSync(join(directory, 'lock'), `${2 ** 22 + 1} 12345\n`);
        StoreLock.take(directory, command).release();
      });

      it('does not mind a process id that another process has now', () => {
        const directory = newDirectory();
        writeFileSync(join(directory, 'lock'), `${process.pid} 12345\n`);
        StoreLock.take(directory, command).release();
      });

      it('does not mind a file that says nothing it knows', () => {
        const directory = newDirectory();
        writeFileSync(join(directory, 'lock'), 'rubbish\n');
        StoreLock.take(directory, command).release();
      });
    });
  }

  it('names its holder in its file while it is held', () => {
    const directory = newDirectory();
    const lock = StoreLock.take(directory);
    expect(readFileSync(join(directory, 'lock'), 'utf8')).to.match(new RegExp(`^${process.pid} `));
    lock.release();
    expect(readFileSync(join(directory, 'lock'), 'utf8')).to.equal('');
  });

  it('passes on what the lock command complains of', () => {
    const directory = newDirectory();
    const command = join(directory, 'flock');
    writeFileSync(command, '#!/bin/sh\necho no locks available >&2\nexit 71\n', { mode: 0o755 });
    expect(() => StoreLock.take(directory, command)).to.throw('flock failed (status 71): no locks available');
  });
});
