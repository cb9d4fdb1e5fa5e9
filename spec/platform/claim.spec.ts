import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { FileLock, LockHeld } from '../../lib/platform/file-lock.js';
import { StoreInUse } from '../../lib/server/log/event-log.js';
import { lockStore } from '../../lib/server/log/lmdb/store-lock.js';
import { temporaryDirectories } from '../server/log/temporary-directory.js';

const program = fileURLToPath(new URL('contend-for-lock.ts', import.meta.url));
const none = 'no-such-command';

describe('A lock where there is no flock command', () => {
  const newDirectory = temporaryDirectories();
  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  /** Processes that contend for one lock, all from one moment on; what each said in the end, or the signal that ended it. */
  async function contend(path: string, killedAt: readonly number[]): Promise<string[]> {
    const contenders = killedAt.map((at) => {
      const child = spawn(process.execPath, ['--import', 'tsx', program, path, '150', String(at)], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      children.push(child);
      return {
        child,
        lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
        end: once(child, 'exit'),
      };
    });
    for (const { lines } of contenders) expect((await lines.next()).value).to.equal('ready');
    for (const { child } of contenders) child.stdin.end('go\n');
    return Promise.all(
      contenders.map(async ({ lines, end }) => {
        const { value } = await lines.next();
        const [, signal] = await end;
        return value ?? signal;
      }),
    );
  }

  it('is never held by two of many processes that take it at once, though some die with it', async function () {
    this.timeout(60_000);
    const path = join(newDirectory(), 'lock');
    const said = await contend(path, [0, 0, 0, 0, 0, 3, 5, 9]);
    const had = said.map((line) => Number(/^once (\d+)$/.exec(line)?.[1] ?? Number.NaN));
    expect(said.filter((line) => line !== 'SIGKILL' && !/^once/.test(line))).to.deep.equal([]);
    expect(had.filter((count) => count > 0).length, said.join(', ')).to.be.greaterThan(0);
    expect(
      readdirSync(dirname(path)).filter((name) => /^lock\.\d+$/.test(name)),
      'the others were removed',
    ).to.have.length(1);
    FileLock.take(path, none).release();
  });

  it('is held by one of those with the command and those without', () => {
    const path = join(newDirectory(), 'lock');
    for (const [first, second] of [
      ['flock', none],
      [none, 'flock'],
    ] as const) {
      const lock = FileLock.take(path, first);
      expect(() => FileLock.take(path, second)).to.throw(LockHeld, `locked by process ${process.pid}`);
      lock.release();
      FileLock.take(path, second).release();
    }
  });

  it('of another container or machine counts until its file is removed, which the refusal names', () => {
    const directory = newDirectory();
    const claim = join(directory, 'lock.7');
    writeFileSync(claim, '1 12345\npid:[1] another-boot\n');
    expect(() => lockStore(directory, none))
      .to.throw(StoreInUse)
      .with.property('message')
      .that.includes(`remove ${claim}`)
      .and.not.includes('\n');
  });

  it('tells whether it was let go of by the one who had it before', async () => {
    const path = join(newDirectory(), 'lock');
    const first = FileLock.take(path, none);
    expect(first.wasLeft).to.equal(false);
    first.release();
    const second = FileLock.take(path, none);
    expect(second.wasLeft).to.equal(false);
    second.release();
    expect(await contend(path, [1])).to.deep.equal(['SIGKILL']);
    expect(readFileSync(path, 'utf8')).not.to.equal('');
    const third = FileLock.take(path, none);
    expect(third.wasLeft).to.equal(true);
    third.release();
  });

  it('leaves no file behind where it is removed', () => {
    const path = join(newDirectory(), 'lock');
    FileLock.take(path, none).remove();
    expect(existsSync(path)).to.equal(false);
    expect(readdirSync(dirname(path))).to.deep.equal([]);
  });
});
