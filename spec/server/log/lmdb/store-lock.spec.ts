import { expect } from 'chai';
import { StoreInUse } from '../../../../lib/server/log/event-log.js';
import { StoreLock } from '../../../../lib/server/log/lmdb/store-lock.js';
import { temporaryDirectories } from '../temporary-directory.js';

describe('StoreLock', () => {
  const newDirectory = temporaryDirectories();

  it('is held once for each directory, and can be taken again when released', () => {
    const directory = newDirectory();
    const lock = StoreLock.take(directory);
    expect(() => StoreLock.take(directory)).to.throw(
      StoreInUse,
      `The store ${directory} is in use by process ${process.pid}.`,
    );
    StoreLock.take(newDirectory()).release();
    lock.release();
    StoreLock.take(directory).release();
  });

  it('passes on errors of the system', () => {
    expect(() => StoreLock.take('/no/such/directory')).to.throw('ENOENT');
  });
});
