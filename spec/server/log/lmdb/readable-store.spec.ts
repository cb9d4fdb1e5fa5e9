import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { canBeRead } from '../../../../lib/server/log/lmdb/lmdb-file.js';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import { decode, RoomScript } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';
import { usedBytes } from '../used-bytes.js';

describe('canBeRead', () => {
  const newDirectory = temporaryDirectories();

  it('tells a store that is whole from one that would end the process', async () => {
    const directory = newDirectory();
    const log = LmdbLog.open(directory, { decode });
    const lobby = new RoomScript('lobby');
    await log.append(lobby.group([lobby.join('Ada'), ...lobby.talk('Ada', 1_000)], { snapshot: true }));
    await log.close();
    const file = join(directory, 'data.mdb');
    const content = readFileSync(file);
    expect(canBeRead(directory)).to.equal(true);
    expect(readFileSync(file).equals(content), 'nothing is touched').to.equal(true);
    truncateSync(file, Math.floor((await usedBytes(directory)) / 8192) * 4096);
    expect(canBeRead(directory)).to.equal(false);
  });
});
