import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Headroom } from '../../../../lib/server/log/lmdb/headroom.js';
import { temporaryDirectories } from '../temporary-directory.js';

describe('Headroom', () => {
  const newDirectory = temporaryDirectories();
  const kib = 1024;
  let path: string;

  beforeEach(() => {
    path = join(newDirectory(), 'data.mdb');
    writeFileSync(path, 'x'.repeat(12 * kib));
  });

  const size = () => statSync(path).size;

  it('puts zeros behind what is there, with some to spare, and touches nothing of it', async () => {
    const headroom = new Headroom(path, 1024 * kib);
    await headroom.ensure(100 * kib, () => 8 * kib);
    const grown = size();
    expect(grown).to.be.within(108 * kib, 2048 * kib);
    const file = await open(path);
    const { buffer } = await file.read({ buffer: Buffer.alloc(grown), position: 0 });
    await file.close();
    expect(buffer.subarray(0, 12 * kib).toString()).to.equal('x'.repeat(12 * kib));
    expect(buffer.subarray(12 * kib).every((byte) => byte === 0)).to.equal(true);
    await headroom.ensure(100 * kib, () => 12 * kib);
    expect(size(), 'there is enough still').to.equal(grown);
    await headroom.ensure(grown, () => grown);
    expect(size()).to.be.at.least(2 * grown);
  });

  it('has room for all that it was told of, and asks what is used only where there may be none', async () => {
    const headroom = new Headroom(path, 1024 * kib);
    let asked = 0;
    let used = 8 * kib;
    for (let write = 0; write < 100; write += 1) {
      await headroom.ensure(100 * kib, () => {
        asked += 1;
        return used;
      });
      expect(size()).to.be.at.least(used + 100 * kib);
      // As much as was told of at most, and mostly less.
      used += (write % 5) * 25 * kib;
    }
    expect(asked).to.be.within(2, 50);
  });

  it('counts nothing as written that it had no room for', async () => {
    const headroom = new Headroom(`${path}.later`, kib);
    for (let failed = 0; failed < 3; failed += 1) {
      await headroom.ensure(1024 * kib, () => 0).catch(() => {});
    }
    writeFileSync(`${path}.later`, 'x');
    await headroom.ensure(8 * kib, () => 1);
    expect(statSync(`${path}.later`).size).to.be.within(8 * kib, 16 * kib);
  });

  it('takes blocks of the disk, and is no hole in the file', async () => {
    await new Headroom(path, 1024 * kib).ensure(512 * kib, () => 12 * kib);
    expect(statSync(path).blocks * 512).to.be.at.least(512 * kib);
  });

  it('counts what is there, whoever has written it', async () => {
    truncateSync(path, 300 * kib);
    await new Headroom(path, 1024 * kib).ensure(200 * kib, () => 12 * kib);
    expect(size()).to.equal(300 * kib);
  });

  it('rejects with the system’s error where there is no file', async () => {
    const refused = await new Headroom(`${path}.not`, kib).ensure(1, () => 0).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'ENOENT' });
  });
});
