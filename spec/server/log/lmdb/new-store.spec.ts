import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { NotLmdbFile } from '../../../../lib/server/log/lmdb/lmdb-file.js';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import { decode, RoomScript } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';

describe('A store that was begun and not finished', () => {
  const newDirectory = temporaryDirectories();
  const open = (directory: string) => LmdbLog.open(directory, { decode });
  /** The file as power may have been lost over it: it has its length, and not its first pages. */
  const tornFile = Buffer.alloc(8192);

  it('is begun again, because the power was lost before anything could be told of it', async () => {
    const directory = newDirectory();
    writeFileSync(join(directory, 'unfinished'), '');
    writeFileSync(join(directory, 'data.mdb'), tornFile);
    const log = open(directory);
    expect(existsSync(join(directory, 'unfinished'))).to.equal(false);
    const script = new RoomScript('hall');
    await log.append(script.group([script.join('Ada')]));
    await log.close();
    const next = open(directory);
    expect(next.head('hall')?.place.sequence).to.equal(1);
    await next.close();
  });

  it('is told from a damaged one, which is refused and left as it is', () => {
    const directory = newDirectory();
    writeFileSync(join(directory, 'data.mdb'), tornFile);
    expect(() => open(directory)).to.throw(NotLmdbFile);
    expect(readFileSync(join(directory, 'data.mdb'))).to.deep.equal(tornFile);
  });
});
