import { expect } from 'chai';
import { Child } from './child.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { projectFile } from './project.js';
import { ServerProcess } from './server-process.js';

const programs = ['chit-server', 'chit-client', 'chit-trace'];

describe('A standard stream that is none', () => {
  const endings = endedAfterEach();

  /** As a shell starts it with these redirections. */
  function run(program: string, args: readonly string[], redirections: string): Child {
    const line = `exec "$0" "$@" ${redirections}`;
    const env = { XDG_STATE_HOME: temporaryDirectory(endings), XDG_DATA_HOME: temporaryDirectory(endings) };
    return new Child(endings, 'sh', ['-c', line, process.execPath, projectFile(`bin/${program}`), ...args], { env });
  }

  async function client(redirections: string): Promise<Child> {
    const { address } = await ServerProcess.start(endings);
    return run('chit-client', ['--server', address, '--name', 'ada'], redirections);
  }

  for (const program of programs) {
    for (const option of ['--help', '--version']) {
      it(`is told of where ${program} ${option} cannot be written`, async () => {
        const child = run(program, [option], '>/dev/full');
        expect(await child.ended).to.be.oneOf([1, 2]);
        expect(child.errorLines).to.deep.equal([
          `${program}: Standard output cannot be written (ENOSPC: no space left on device, write).`,
        ]);
      });
    }
  }

  it('is told of by the verbs of chit-server and of chit-trace', async () => {
    const data = temporaryDirectory(endings);
    const server = await ServerProcess.start(endings, { data });
    expect(await server.stop()).to.equal(0);
    for (const args of [
      ['check', data],
      ['rooms', data],
    ]) {
      const child = run('chit-server', args, '>/dev/full');
      expect(await child.ended, args[0]).to.equal(2);
      expect(child.errorLines.at(-1)).to.match(/^chit-server: Standard output cannot be written \(ENOSPC/);
    }
    const checked = run('chit-trace', ['check', projectFile('spec/trace/history/logs/recorded/ada.log')], '>/dev/full');
    expect(await checked.ended).to.equal(2);
    expect(checked.errorLines.join('\n')).to.match(/^chit-trace: Standard output cannot be written: ENOSPC/);
  });

  it('is told of by a server, whose clients it serves all the same', async () => {
    const child = run('chit-server', ['--memory', '--listen', '127.0.0.1:0', '--log-level', 'fatal'], '>/dev/full');
    await eventually('it says so', () => child.errorLines.length > 0);
    expect(child.errorLines[0]).to.match(/^chit-server: Standard output cannot be written \(ENOSPC/);
    child.signal('SIGTERM');
    expect(await child.ended).to.equal(0);
  });

  for (const [input, why] of [
    ['</', 'it is a folder.'],
    ['0>/dev/null', 'EBADF: bad file descriptor, read'],
  ]) {
    it(`is told of as the input of chit-client, which ends with 1: ${input}`, async () => {
      const ada = await client(input ?? '');
      expect(await ada.ended).to.equal(1);
      expect(ada.errorLines).to.deep.equal([`chit-client: Standard input cannot be read: ${why}`]);
    });
  }

  it('is told of as the output of chit-client, which leaves', async () => {
    const ada = await client('>/dev/full');
    expect(await ada.ended).to.equal(1);
    expect(ada.errorLines).to.deep.equal([
      'chit-client: Standard output cannot be written (ENOSPC: no space left on device, write), so this client leaves.',
    ]);
  });

  it('is as /dev/null where it was closed', async () => {
    const deaf = await client('<&-');
    expect(await deaf.ended).to.equal(0);
    expect(deaf.lines.at(-1)).to.match(/^Participant ada left /);
    for (const closed of ['>&-', '2>&-', '<&- >&- 2>&-']) {
      const ada = await client(closed);
      ada.closeInput();
      expect(await ada.ended, closed).to.equal(0);
    }
    for (const program of programs) expect(await run(program, ['--help'], '<&- >&- 2>&-').ended).to.equal(0);
  });
});
