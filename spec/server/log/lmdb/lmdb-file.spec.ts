import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkLmdbFile, NotLmdbFile } from '../../../../lib/server/log/lmdb/lmdb-file.js';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import { decode, RoomScript } from '../room-script.js';
import { temporaryDirectories } from '../temporary-directory.js';
import { usedBytes } from '../used-bytes.js';

describe('checkLmdbFile', () => {
  const newDirectory = temporaryDirectories();

  /** The file of a store that LMDB has made. */
  async function made(): Promise<Buffer> {
    const directory = newDirectory();
    await LmdbLog.open(directory, { decode }).close();
    return readFileSync(join(directory, 'data.mdb'));
  }

  function file(content: Uint8Array): string {
    const path = join(newDirectory(), 'data.mdb');
    writeFileSync(path, content);
    return path;
  }

  it('takes what LMDB has made, an empty file and none', async () => {
    checkLmdbFile(file(await made()));
    checkLmdbFile(file(Buffer.alloc(0)));
    checkLmdbFile(join(newDirectory(), 'data.mdb'));
  });

  const others: Record<string, (real: Buffer) => Uint8Array> = {
    'random bytes': () => randomBytes(20_000),
    'a file that was never written': () => Buffer.alloc(20_000),
    'a text': () => Buffer.from('hello\n'),
    'a store cut off in its header': (real) => real.subarray(0, 100),
    'a store whose beginning is lost': (real) => Buffer.concat([Buffer.alloc(4096), real.subarray(4096)]),
  };
  for (const [what, content] of Object.entries(others)) {
    it(`refuses ${what} in one line that names it`, async () => {
      const path = file(content(await made()));
      expect(() => checkLmdbFile(path))
        .to.throw(NotLmdbFile, path)
        .with.property('message')
        .that.does.not.include('\n');
    });
  }

  describe('of a store with a lot in it', () => {
    let real: Buffer;

    beforeEach(async () => {
      const directory = newDirectory();
      const log = LmdbLog.open(directory, { decode });
      const lobby = new RoomScript('lobby');
      await log.append(lobby.group([lobby.join('Ada'), ...lobby.talk('Ada', 1_000)], { snapshot: true }));
      await log.append(lobby.group(lobby.talk('Ada', 200), { snapshot: true }));
      await log.close();
      real = readFileSync(join(directory, 'data.mdb')).subarray(0, await usedBytes(directory));
      expect(real.length / 4096).to.be.greaterThan(20);
    });

    it('takes all of it', () => {
      checkLmdbFile(file(real));
      checkLmdbFile(file(Buffer.concat([real, Buffer.alloc(4096)])));
    });

    for (const [what, left] of [
      ['its last page', (pages: number) => pages - 1],
      ['half of it', (pages: number) => pages >>> 1],
      ['all but what it begins with', () => 2],
    ] as const) {
      it(`refuses what has lost ${what}, in one line that says so`, () => {
        const path = file(real.subarray(0, left(real.length / 4096) * 4096));
        expect(() => checkLmdbFile(path))
          .to.throw(NotLmdbFile, `${path} is cut off`)
          .with.property('message')
          .that.does.not.include('\n');
      });
    }

    it('takes what is shorter than it says, where LMDB can read it all the same', () => {
      const [meta, lastPage] = [24, 120];
      for (const page of [0, 4096]) {
        const place = page + meta + lastPage;
        real.writeBigUInt64LE(real.readBigUInt64LE(place) + 3n, place);
      }
      checkLmdbFile(file(real));
    });
  });

  it('is asked before LMDB is, which would end the process; the directory is let go of', () => {
    const path = file(randomBytes(20_000));
    const directory = join(path, '..');
    for (let times = 0; times < 2; times += 1) {
      expect(() => LmdbLog.open(directory, { decode })).to.throw(NotLmdbFile);
    }
  });
});
