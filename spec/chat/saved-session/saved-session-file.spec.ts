import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { chatLimits } from '../../../lib/chat/limits.js';
import {
  readSavedSession,
  SavedSessionFile,
  SavedSessionInUse,
  SavedSessionUnusable,
} from '../../../lib/chat/saved-session/saved-session-file.js';
import { savedSessionText } from '../../../lib/chat/saved-session/saved-session-text.js';
import { temporaryDirectories } from '../../server/log/temporary-directory.js';
import { saved } from './a-saved-session.js';

describe('The file of a place', () => {
  const newDirectory = temporaryDirectories();
  const newPath = () => join(newDirectory(), 'ada.place');

  it('has the place that was written last, and is its user’s alone', async () => {
    const path = newPath();
    const file = SavedSessionFile.open(path);
    expect(readSavedSession(file.path)).to.equal(undefined);
    await file.write(saved);
    await file.write({ ...saved, sequence: 8 });
    expect(readSavedSession(file.path)).to.deep.equal({ ...saved, sequence: 8 });
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    file.close();
    expect(readdirSync(join(path, '..'))).to.deep.equal(['ada.place']);
  });

  it('is gone when it is removed, and so is its lock when it is closed', async () => {
    const path = newPath();
    const file = SavedSessionFile.open(path);
    await file.write(saved);
    await file.remove();
    file.close();
    expect(readdirSync(join(path, '..'))).to.deep.equal([]);
  });

  it('is had by one at a time', () => {
    const path = newPath();
    const file = SavedSessionFile.open(path);
    expect(() => SavedSessionFile.open(path))
      .to.throw(SavedSessionInUse)
      .with.property('holder', String(process.pid));
    file.close();
    SavedSessionFile.open(path).close();
  });

  it('does not mind what a killed client had begun to write', async () => {
    const path = newPath();
    writeFileSync(`${path}.chit-new`, 'half a pl');
    const file = SavedSessionFile.open(path);
    await file.write(saved);
    expect(readSavedSession(file.path)).to.deep.equal(saved);
    file.close();
  });

  it('keeps the place it has where another cannot be written', async () => {
    const path = newPath();
    const file = SavedSessionFile.open(path);
    await file.write(saved);
    mkdirSync(`${path}.chit-new`);
    let failure: unknown;
    await file.write({ ...saved, sequence: 8 }).catch((error) => (failure = error));
    expect(failure).to.be.an('error');
    expect(readSavedSession(file.path)).to.deep.equal(saved);
    file.close();
  });

  for (const [what, make] of [
    ['is damaged', (path) => writeFileSync(path, 'rubbish', { mode: 0o600 })],
    ['is cut off', (path) => writeFileSync(path, savedSessionText(saved).slice(0, -9), { mode: 0o600 })],
    [
      'others can read',
      (path) => {
        writeFileSync(path, savedSessionText(saved));
        // Whatever the umask of whoever runs this is.
        chmodSync(path, 0o644);
      },
    ],
    [
      'is far too long',
      (path) => writeFileSync(path, ' '.repeat(chatLimits.savedSessionBytesMax + 1), { mode: 0o600 }),
    ],
    ['is a directory', (path) => mkdirSync(path)],
    [
      'is a link',
      (path) => {
        writeFileSync(`${path}.elsewhere`, savedSessionText(saved), { mode: 0o600 });
        symlinkSync(`${path}.elsewhere`, path);
      },
    ],
  ] as readonly (readonly [string, (path: string) => void])[]) {
    it(`is not gone on with where it ${what}, and says so`, () => {
      const path = newPath();
      make(path);
      const file = SavedSessionFile.open(path);
      expect(() => readSavedSession(file.path)).to.throw(SavedSessionUnusable, /^(it |others )/);
      file.close();
    });
  }

  it('has no place where it is empty, whoever can read that', () => {
    const path = newPath();
    writeFileSync(path, '');
    chmodSync(path, 0o644);
    const file = SavedSessionFile.open(path);
    expect(readSavedSession(file.path)).to.equal(undefined);
    file.close();
  });

  it('lets go of its lock where it cannot be had after all', () => {
    const path = newPath();
    mkdirSync(`${path}.chit-new`);
    expect(() => SavedSessionFile.open(path)).to.throw();
    rmdirSync(`${path}.chit-new`);
    SavedSessionFile.open(path).close();
    expect(readdirSync(join(path, '..'))).to.deep.equal([]);
  });

  it('is written over where it could not be gone on with', async () => {
    const path = newPath();
    writeFileSync(path, 'rubbish');
    chmodSync(path, 0o644);
    const file = SavedSessionFile.open(path);
    await file.write(saved);
    expect(readFileSync(path, 'utf8')).to.equal(savedSessionText(saved));
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    file.close();
    expect(existsSync(`${path}.chit-lock`)).to.equal(false);
  });
});
