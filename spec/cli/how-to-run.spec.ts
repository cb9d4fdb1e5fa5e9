import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { howToRun } from '../../lib/cli/how-to-run.js';
import { endedAfterEach, temporaryDirectory } from '../system/endings.js';

describe('How to run another of the programs', () => {
  const endings = endedAfterEach();
  let root: string;
  let programs: string;
  let elsewhere: string;

  beforeEach(() => {
    root = join(temporaryDirectory(endings), 'chit-chat');
    programs = join(root, 'bin');
    elsewhere = temporaryDirectory(endings);
    mkdirSync(programs, { recursive: true });
    writeFileSync(join(root, 'package.json'), '{}');
    writeFileSync(join(programs, 'chit-client'), '');
    chmodSync(join(programs, 'chit-client'), 0o755);
  });

  it('is by npx in the clone and below it', () => {
    expect(howToRun('chit-client', { cwd: root, path: '', programs })).to.equal('npx chit-client');
    expect(howToRun('chit-client', { cwd: programs, path: '', programs })).to.equal('npx chit-client');
  });

  it('is by node anywhere else, where a registry would be asked for a package of that name', () => {
    expect(howToRun('chit-client', { cwd: elsewhere, path: '', programs })).to.equal(
      `node ${join(programs, 'chit-client')}`,
    );
  });

  it('is by its name where the shell finds this one, and not another one', () => {
    const bin = join(elsewhere, 'bin');
    mkdirSync(bin);
    symlinkSync(join(programs, 'chit-client'), join(bin, 'chit-client'));
    expect(howToRun('chit-client', { cwd: elsewhere, path: `/nowhere:${bin}`, programs })).to.equal('chit-client');
    const other = temporaryDirectory(endings);
    writeFileSync(join(other, 'chit-client'), '');
    chmodSync(join(other, 'chit-client'), 0o755);
    expect(howToRun('chit-client', { cwd: root, path: other, programs })).to.equal('npx chit-client');
  });

  it('is by npx where the package is installed, whatever npm has put on the path for itself', () => {
    const bin = join(elsewhere, 'node_modules', '.bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(elsewhere, 'package.json'), '{}');
    symlinkSync(join(programs, 'chit-client'), join(bin, 'chit-client'));
    expect(howToRun('chit-client', { cwd: elsewhere, path: bin, programs })).to.equal('npx chit-client');
  });
});
