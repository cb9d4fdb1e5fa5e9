import { expect } from 'chai';
import { Child } from './child.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { projectFile } from './project.js';

describe('chit-client as a command', () => {
  const endings = endedAfterEach();

  function command(args: readonly string[], options: { readonly unread?: boolean } = {}): Child {
    const env = { XDG_STATE_HOME: temporaryDirectory(endings) };
    return new Child(endings, process.execPath, [projectFile('bin/chit-client'), ...args], { env, ...options });
  }

  it('ends as usual when nobody reads its help', async () => {
    const child = command(['--help'], { unread: true });
    child.closeOutput();
    expect(await child.ended).to.equal(0);
    expect(child.errorLines).to.deep.equal([]);
  });

  it('ends as usual when nobody reads what is wrong', async () => {
    const child = command(['--nonsense']);
    child.closeErrors();
    expect(await child.ended).to.equal(2);
  });

  for (const option of ['name', 'room']) {
    it(`says in one short line that a ${option} is too long, whatever answers at the server’s address [P9]`, async () => {
      const child = command(['--server', '127.0.0.1:1', `--${option}`, 'x'.repeat(20_000)]);
      expect(await child.ended).to.equal(1);
      expect(child.errorLines).to.have.length(1);
      expect(child.errorLines[0]).to.match(
        new RegExp(`^chit-client: the ${option} "x{64}…" cannot be used\\. .*--${option}\\.$`),
      );
    });
  }
});
