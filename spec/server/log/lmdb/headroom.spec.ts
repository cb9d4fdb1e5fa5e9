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
    await headroom.ensure(8 * kib, 100 * kib);
    const grown = size();
    expect(grown).to.be.within(108 * kib, 2048 * kib);
    const file = await open(path);
    const { buffer } = await file.read({ buffer: Buffer.alloc(grown), position: 0 });
    await file.close();
    expect(buffer.subarray(0, 12 * kib).toString()).to.equal('x'.repeat(12 * kib));
    expect(buffer.subarray(12 * kib).every((byte) => byte === 0)).to.equal(true);
    await headroom.ensure(12 * kib, 100 * kib);
    expect(size(), 'there is enough still').to.equal(grown);
    await headroom.ensure(grown, 1);
    expect(size()).to.be.greaterThan(grown);
  });

  it('takes blocks of the disk, and is no hole in the file', async () => {
    await new Headroom(path, 1024 * kib).ensure(12 * kib, 512 * kib);
    expect(statSync(path).blocks * 512).to.be.at.least(512 * kib);
  });

  it('counts what is there, whoever has written it', async () => {
    truncateSync(path, 300 * kib);
    await new Headroom(path, 1024 * kib).ensure(12 * kib, 200 * kib);
    expect(size()).to.equal(300 * kib);
  });

  it('rejects with the system’s error where there is no file', async () => {
    const refused = await new Headroom(`${path}.not`, kib).ensure(0, 1).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'ENOENT' });
  });
});
