import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkLmdbFile, NotLmdbFile } from '../../lib/log/lmdb-file.js';
import { LmdbLog } from '../../lib/log/lmdb-log.js';
import { decode } from './room-script.js';
import { temporaryDirectories } from './temporary-directory.js';

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

  it('is asked before LMDB is, which would end the process; the directory is let go of', () => {
    const path = file(randomBytes(20_000));
    const directory = join(path, '..');
    for (let times = 0; times < 2; times += 1) {
      expect(() => LmdbLog.open(directory, { decode })).to.throw(NotLmdbFile);
    }
  });
});
