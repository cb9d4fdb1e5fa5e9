import { expect } from 'chai';
import { StoreInUse } from '../../../../lib/server/log/event-log.js';
import { lockStore } from '../../../../lib/server/log/lmdb/store-lock.js';
import { temporaryDirectories } from '../temporary-directory.js';

describe('lockStore', () => {
  const newDirectory = temporaryDirectories();

  it('is held once for each directory, and can be taken again when released', () => {
    const directory = newDirectory();
    const lock = lockStore(directory);
    expect(() => lockStore(directory)).to.throw(
      StoreInUse,
      `The store ${directory} is in use by process ${process.pid}.`,
    );
    lockStore(newDirectory()).release();
    lock.release();
    lockStore(directory).release();
  });

  it('passes on errors of the system', () => {
    expect(() => lockStore('/no/such/directory')).to.throw('ENOENT');
  });
});
