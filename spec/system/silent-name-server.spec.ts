import { expect } from 'chai';
import type { Child } from './child.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { itUnless } from './it-unless.js';
import { projectFile } from './project.js';
import { withoutProxies } from './proxy-variables.js';
import { ServerProcess } from './server-process.js';
import { SilentNameServer, withoutNameServer } from './silent-name-server.js';

/** One question of theirs takes longer than these tests may. */
describe('With a name server that does not answer', function () {
  this.timeout(25_000);
  const endings = endedAfterEach();
  const why = withoutNameServer();
  const itHere = itUnless(why && `it takes root and unshare (${why})`);

  function client(names: SilentNameServer, args: readonly string[]): Child {
    const state = temporaryDirectory(endings);
    const line = [projectFile('bin/chit-client'), '--name', 'ada', '--no-log', ...args];
    return names.program(line, { ...withoutProxies, XDG_STATE_HOME: state });
  }

  itHere('a program of the library is told so within its time, and nothing keeps it from ending then', async () => {
    const names = await SilentNameServer.start(endings);
    const program = `import { connect } from 'chit-chat';
      await connect({ server: 'chat.example:4000', name: 'ada' }).catch(({ message }) => console.log(message));`;
    const child = names.program(['--input-type=module', '--eval', program], withoutProxies);
    expect(await child.ended).to.equal(0);
    expect(child.lines).to.deep.equal(['no chat server answers at chat.example:4000: not within 10 s']);
    expect(names.asked).to.be.above(0);
  });

  itHere('chit-client says so, and ends', async () => {
    const names = await SilentNameServer.start(endings);
    const ada = client(names, ['--server', 'chat.example:4000']);
    ada.closeInput();
    expect(await ada.ended).to.equal(3);
    expect(ada.errorLines.join('\n')).to.contain('no chat server answers at chat.example:4000: not within 10 s');
  });

  itHere('chit-client ends at once when it is told to while it waits for an answer', async () => {
    const names = await SilentNameServer.start(endings);
    const ada = client(names, ['--server', 'chat.example:4000']);
    await eventually('the question', () => names.asked > 0);
    ada.signal('SIGTERM');
    expect(await ada.ended).to.equal(130);
    expect(ada.errorLines).to.deep.equal([]);
  });

  itHere('a visit whose connection is lost ends with its input, whatever it is asking', async () => {
    const names = await SilentNameServer.start(endings);
    const server = await ServerProcess.start(endings);
    names.knows('127.0.0.1 chat.example');
    const ada = client(names, ['--server', server.address.replace('127.0.0.1', 'chat.example'), '--json']);
    await eventually('it is in', () => ada.lines.some((line) => line.includes('"connected"')));
    names.knows('');
    await server.kill();
    await eventually('it looks for the server', () => names.asked > 0);
    ada.closeInput();
    expect(await ada.ended).to.equal(3);
    expect(ada.errorLines.join('\n')).to.contain('could not be told of the leave within 5 s');
  });

  itHere('names of the hosts file and this machine are reached', async () => {
    const names = await SilentNameServer.start(endings);
    const { address } = await ServerProcess.start(endings);
    names.knows('127.0.0.1 chat.example');
    for (const host of ['chat.example', 'localhost']) {
      const ada = client(names, ['--server', address.replace('127.0.0.1', host)]);
      ada.closeInput();
      expect(await ada.ended, ada.errorLines.join('\n')).to.equal(0);
    }
    expect(names.asked).to.equal(0);
  });
});
