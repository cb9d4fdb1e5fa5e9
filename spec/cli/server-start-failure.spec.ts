import { constants } from 'node:os';
import { expect } from 'chai';
import type { ServerCommandOptions } from '../../lib/cli/server-options.js';
import { logFileFailure, startFailure } from '../../lib/cli/start-failure.js';
import { NotLmdbFile } from '../../lib/server/log/lmdb/lmdb-file.js';
import { StoreInUse } from '../../lib/server/server.js';

const options: ServerCommandOptions = {
  listen: { host: '::1', port: 80 },
  data: '/some/where',
  memory: false,
  isElsewhere: false,
  fastLane: true,
  restored: false,
  durability: 'power',
  logLevel: undefined,
  logFile: undefined,
  limits: { graceMs: 10_000, roomsMax: 1, participantsPerRoomMax: 1, publishesPerSecondMax: 1 },
};

/** An error as Node makes it of a failed system call. */
function systemError(code: keyof typeof constants.errno, syscall: string): Error {
  return Object.assign(new Error(`${code}: words, ${syscall}`), { code, syscall, errno: -constants.errno[code] });
}

describe('what chit-server says when it cannot start', () => {
  it('names the folder that it may not write to, why, and the option for another', () => {
    expect(startFailure(systemError('EACCES', 'mkdir'), options)).to.equal(
      'The store cannot be kept in /some/where: permission denied (EACCES). ' +
        'Name a folder you may write to with --data DIR, or use --memory.',
    );
    expect(startFailure(systemError('EROFS', 'open'), options)).to.match(/read-only file system \(EROFS\)\. .*--data/);
    expect(startFailure(systemError('ENOSPC', 'write'), options)).to.match(/no space left on device \(ENOSPC\)\. /);
  });

  it('tells a port that only root may have from a folder', () => {
    expect(startFailure(systemError('EACCES', 'listen'), options)).to.equal(
      'You may not listen on [::1]:80. Choose a port above 1023 with --listen HOST:PORT.',
    );
  });

  it('says who has the store, in one line', () => {
    const line = startFailure(new StoreInUse('In use by\nprocess 7.'), options);
    expect(line).to.match(/^In use by process 7\. .*--data DIR/);
  });

  it('says what is wrong with the store’s file and what to do, in one line', () => {
    const line = startFailure(new NotLmdbFile('The file is\nno store. Move it.'), options);
    expect(line).to.equal(
      'The file is no store. Move it. The option for it is --data DIR; --memory needs no directory.',
    );
  });

  it('says of a store that LMDB cannot read what happened to it, and what to do', () => {
    const line = startFailure(new Error('MDB_CORRUPTED: Located page was wrong type'), options);
    expect(line).to.match(/^The store \/some\/where cannot be read \(MDB_CORRUPTED\): .* Put a copy in its place/);
    expect(line).not.to.contain('you may write to');
  });

  it('keeps to one line whatever the error is', () => {
    for (const error of [new Error('a\nb'), 'text\r\nonly', undefined, systemError('EIO', 'read')]) {
      for (const line of [startFailure(error, options), startFailure(error, { ...options, memory: true })]) {
        expect(line).to.match(/^\S.*\.$/);
      }
      expect(logFileFailure(error, '/f')).to.match(/^Log records cannot be written to \/f: .+ --log-file FILE\.$/);
    }
  });
});
