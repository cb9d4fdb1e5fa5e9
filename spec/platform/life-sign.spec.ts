import { existsSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { LifeSign, lastSeenAlive } from '../../lib/platform/life-sign.js';
import { temporaryDirectories } from '../server/log/temporary-directory.js';
import { eventually } from '../system/eventually.js';

describe('A sign of life', () => {
  const newDirectory = temporaryDirectories();

  it('is there from beginning to end, and its time goes on while the process lives', async () => {
    const directory = newDirectory();
    const file = join(directory, 'running');
    expect(lastSeenAlive(directory)).to.equal(undefined);
    const life = new LifeSign(directory, 5);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    utimesSync(file, 1, 1);
    await eventually('another sign', () => (lastSeenAlive(directory) ?? 0) > 1_000_000);
    life.end();
    expect(lastSeenAlive(directory)).to.equal(undefined);
    expect(existsSync(file)).to.equal(false);
  });

  it('is none where nothing can be written, and nobody fails for that', () => {
    new LifeSign('/proc/self', 5).end();
    expect(lastSeenAlive('/proc/self')).to.equal(undefined);
  });
});
