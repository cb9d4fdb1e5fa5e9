import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { CannotReadLogs, logFileLimits, readFiles, readLogBundle } from '../../../lib/cli/trace/log-files.js';
import { temporaryDirectories } from '../../server/log/temporary-directory.js';

describe('Reading log files', () => {
  const newDirectory = temporaryDirectories();
  let folder = '';
  beforeEach(() => {
    folder = newDirectory();
  });

  function file(name: string, content: string | Uint8Array): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }

  async function linesOf(...paths: readonly string[]): Promise<string[]> {
    const lines: string[] = [];
    await readFiles(paths, (path) => ({
      add: (text) => lines.push(text),
      end: () => lines.push(`end of ${paths.indexOf(path)}`),
    }));
    return lines;
  }

  async function refusal(...paths: readonly string[]): Promise<string> {
    const error: unknown = await linesOf(...paths).then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).to.be.instanceOf(CannotReadLogs);
    return (error as Error).message;
  }

  it('gives each line once, in order, file after file', async () => {
    const [one, other] = [file('one.log', 'a\n\nb\n'), file('other.log', 'c')];
    expect(await linesOf(one, other)).to.deep.equal(['a', '', 'b', 'end of 0', 'c', 'end of 1']);
    expect(await linesOf(file('empty.log', ''))).to.deep.equal(['end of 0']);
  });

  it('gives lines whole that lie across what is read at once, characters of several bytes too', async () => {
    const line = '🎉é'.repeat(20_000);
    const lines = Array.from({ length: 30 }, (_, index) => `${index} ${line}`);
    expect(Buffer.byteLength(lines.join('\n'))).to.be.greaterThan(3 * logFileLimits.chunkBytes);
    expect(await linesOf(file('long.log', lines.join('\n')))).to.deep.equal([...lines, 'end of 0']);
  });

  it('reads the parts of a log in the order of their first records, also where such a record has U+2028 in a text', async () => {
    const record = (hours: number) =>
      `${JSON.stringify({ name: 'chit-server', component: 'server', event: 'said \u2028 so', time: `2026-11-27T0${hours}:00:00Z`, v: 0 })}\n`;
    const [newest, older, oldest] = [file('a.log', record(3)), file('a.log.1', record(2)), file('a.log.2', record(1))];
    const { files } = await readLogBundle([newest, older, oldest]);
    expect(files.map(({ name }) => name)).to.deep.equal([oldest, older, newest]);
  });

  it('says of a rotated log that is compressed how to unpack it', async () => {
    const path = file('a.log.2.gz', gzipSync('{"name":"chit-client"}\n'));
    expect(await refusal(path)).to.match(/a\.log\.2\.gz is compressed.*gunzip/);
    expect(await refusal(path, file('a.log', ''))).to.contain('gunzip');
  });

  it('refuses a line that is longer than any log’s', async () => {
    const path = file('one-line', 'x'.repeat(logFileLimits.lineBytesMax + logFileLimits.chunkBytes));
    expect(await refusal(path)).to.equal(
      `${path} has a line of more than ${logFileLimits.lineBytesMax} bytes: it is no log.`,
    );
  });

  it('refuses more lines than it reads together, over all files', async () => {
    const paths = [file('one.log', 'a\nb\n'), file('other.log', 'c\nd\n')];
    const error: unknown = await readFiles(paths, () => ({ add: () => {}, end: () => {} }), 3).catch(
      (reason) => reason,
    );
    expect((error as Error).message).to.match(
      /^The logs have more than 3 lines \(the limit, reached in .*other\.log\)/,
    );
    await readFiles(paths, () => ({ add: () => {}, end: () => {} }), 4);
  });

  it('refuses what cannot be read, and says why', async () => {
    expect(await refusal(join(folder, 'missing.log'))).to.match(/missing.log cannot be read: ENOENT/);
    mkdirSync(join(folder, 'logs'));
    expect(await refusal(join(folder, 'logs'))).to.match(/logs cannot be read: it is a directory/);
  });

  it('refuses one file under two names: its events would seem to be received twice', async () => {
    const path = file('ada.log', 'a\n');
    const link = join(folder, 'link.log');
    symlinkSync(path, link);
    expect(await refusal(path, link)).to.equal(`${link} is the same file as ${path}. Name each log once.`);
  });

  it('refuses more files than it reads together', async () => {
    const paths = Array.from({ length: logFileLimits.filesMax + 1 }, (_, index) => `${index}.log`);
    expect(await refusal(...paths)).to.match(/at most 1000/);
  });
});
