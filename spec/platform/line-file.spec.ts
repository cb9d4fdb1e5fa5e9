import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endsWithinLine, LineFile } from '../../lib/platform/line-file.js';
import { temporaryDirectories } from '../server/log/temporary-directory.js';

describe('A file of lines', () => {
  const newDirectory = temporaryDirectories();

  /** What `use` makes of a file that begins with `text`. */
  function appended(text: string, use: (file: number) => void): string {
    const path = join(newDirectory(), 'lines');
    writeFileSync(path, text);
    const file = openSync(path, 'a');
    try {
      use(file);
    } finally {
      closeSync(file);
    }
    return readFileSync(path, 'utf8');
  }

  it('has each line that was written, as it was', () => {
    const text = appended('before\n', (file) => {
      const lines = new LineFile(file);
      for (const line of ['one\n', '', 'two ü\n']) lines.write(Buffer.from(line));
    });
    expect(text).to.equal('before\none\ntwo ü\n');
  });

  it('knows whether it ends within a line, though it is open for writing only', () => {
    for (const [text, within] of [
      ['', false],
      ['whole\n', false],
      ['torn', true],
    ] as const) {
      appended(text, (file) => expect(endsWithinLine(file), text).to.equal(within));
    }
  });

  it('ends a torn line before the next, once', () => {
    const text = appended('to', (file) => {
      const lines = new LineFile(file, endsWithinLine(file));
      lines.write(Buffer.from('one\n'));
      lines.write(Buffer.from('two\n'));
    });
    expect(text).to.equal('to\none\ntwo\n');
  });

  it('fails where the system does not take a line', () => {
    const full = openSync('/dev/full', 'a');
    expect(() => new LineFile(full).write(Buffer.from('one\n'))).to.throw('ENOSPC');
    closeSync(full);
  });
});
