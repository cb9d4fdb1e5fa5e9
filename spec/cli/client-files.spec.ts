import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { chatLimits } from '../../lib/chat/limits.js';
import { SavedSessionFile, SavedSessionUnusable } from '../../lib/chat/saved-session/saved-session-file.js';
import { savedSessionText } from '../../lib/chat/saved-session/saved-session-text.js';
import { findSavedSession } from '../../lib/cli/client-files.js';
import { saved } from '../chat/saved-session/a-saved-session.js';
import { temporaryDirectories } from '../server/log/temporary-directory.js';

describe('A place that is looked for', () => {
  const newDirectory = temporaryDirectories();

  /** A file in a folder of its own; nothing but it is there. */
  function fileWith(text: string, mode = 0o600): string {
    const path = join(newDirectory(), 'thesis.txt');
    writeFileSync(path, text);
    // Whatever the umask of whoever runs this is.
    chmodSync(path, mode);
    return path;
  }

  function expectUntouched(path: string, text: string): void {
    expect(readFileSync(path, 'utf8')).to.equal(text);
    expect(readdirSync(join(path, '..'))).to.deep.equal(['thesis.txt']);
  }

  for (const named of [true, false]) {
    describe(named ? 'in a file that the user has named' : 'in the file of the user’s state folder', () => {
      it('is found where it was kept, and nothing is said of it', () => {
        const found = findSavedSession(fileWith(savedSessionText(saved)), saved, named);
        expect({ saved: found.saved, news: found.news }).to.deep.equal({ saved, news: [] });
        found.file?.close();
      });

      it('is none where there is no file, or nothing in it', () => {
        for (const path of [join(newDirectory(), 'ada.place'), fileWith('', 0o644)]) {
          const { file, saved, news } = findSavedSession(path, { server: 'a:1', room: 'b', name: 'c' }, named);
          expect({ saved, news }).to.deep.equal({ saved: undefined, news: [] });
          file?.close();
        }
      });

      it('is replaced where it is damaged or others can read it, and that is said', () => {
        for (const [path, because] of [
          [fileWith(savedSessionText(saved).slice(0, -9)), 'it is damaged: it is no JSON'],
          [fileWith(savedSessionText(saved), 0o644), 'others can read or write it (mode 644)'],
        ] as const) {
          const { file, saved: found, news } = findSavedSession(path, saved, named);
          expect(found).to.equal(undefined);
          expect(news).to.deep.equal([`The place in ${path} cannot be used: ${because}. You join anew.`]);
          file?.close();
        }
      });

      it('is left to another client that has the file, and that one is named', () => {
        const path = fileWith(savedSessionText(saved));
        const holder = SavedSessionFile.open(path);
        const { file, saved: found, news } = findSavedSession(path, saved, named);
        expect({ file, found }).to.deep.equal({ file: undefined, found: undefined });
        expect(news).to.deep.equal([
          `Another chit-client (process ${process.pid}) keeps its place in ${path}, so this one keeps none.`,
        ]);
        holder.close();
      });

      it('is not looked for where the lock would be laid over something else', () => {
        const path = fileWith(savedSessionText(saved));
        writeFileSync(`${path}.chit-lock`, 'a poem\n');
        expect(() => findSavedSession(path, saved, named)).to.throw(`${path}.chit-lock is no lock file`);
        expect(readFileSync(`${path}.chit-lock`, 'utf8')).to.equal('a poem\n');
      });
    });
  }

  for (const [what, text, because] of [
    ['is somebody’s thesis', 'In the beginning', 'it is no place of chit-client'],
    ['has other JSON', '{ "name": "ada" }', 'it is no place of chit-client'],
    [
      'has a place of a later version',
      savedSessionText(saved).replace('place 1', 'place 2'),
      'it is no place of chit-client',
    ],
    ['is too long', ' '.repeat(chatLimits.savedSessionBytesMax + 1), 'it is too long to be a place of chit-client'],
    [
      'has another’s place',
      savedSessionText({ ...saved, name: 'eve' }),
      'it is the place of eve in lobby on 127.0.0.1:4000',
    ],
    [
      'has a place in another room',
      savedSessionText({ ...saved, room: 'tea' }),
      'it is the place of ada in tea on 127.0.0.1:4000',
    ],
  ] as const) {
    it(`is not looked for in a named file that ${what}, and nothing there is touched`, () => {
      const path = fileWith(text);
      expect(() => findSavedSession(path, saved, true)).to.throw(SavedSessionUnusable, because);
      expectUntouched(path, text);
    });

    it(`is replaced, and that is said, where the file of the user’s state folder ${what}`, () => {
      const path = fileWith(text);
      const { file, news } = findSavedSession(path, saved, false);
      expect(news).to.deep.equal([`The place in ${path} cannot be used: ${because}. You join anew.`]);
      file?.close();
    });
  }

  it('is not looked for in a folder, or behind a link, that the user has named', () => {
    const directory = newDirectory();
    mkdirSync(join(directory, 'folder'));
    symlinkSync(fileWith(savedSessionText(saved)), join(directory, 'link'));
    expect(() => findSavedSession(join(directory, 'folder'), saved, true)).to.throw(
      SavedSessionUnusable,
      'it is no regular file',
    );
    expect(() => findSavedSession(join(directory, 'link'), saved, true)).to.throw(SavedSessionUnusable, 'it is a link');
    expect(readdirSync(directory)).to.deep.equal(['folder', 'link']);
  });

  it('leaves alone what has a name like those of its lock and of its next place', async () => {
    const path = join(newDirectory(), 'yarn');
    for (const end of ['lock', 'new']) writeFileSync(`${path}.${end}`, 'precious');
    const { file } = findSavedSession(path, saved, true);
    await file?.write(saved);
    await file?.remove();
    file?.close();
    expect(readdirSync(join(path, '..'))).to.deep.equal(['yarn.lock', 'yarn.new']);
    for (const end of ['lock', 'new']) expect(readFileSync(`${path}.${end}`, 'utf8')).to.equal('precious');
  });
});
