import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { ClientProcess } from './client-process.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { itUnless } from './it-unless.js';
import { journalRecords } from './journal-records.js';
import { FirstProcess, withoutProcessNamespace } from './process-namespace.js';
import { projectFile } from './project.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';

describe('As the first process of a container', () => {
  const endings = endedAfterEach();
  const why = withoutProcessNamespace();
  const itHere = itUnless(why && `it takes a process namespace by unshare (${why})`);

  function server(...before: readonly string[]): FirstProcess {
    const data = temporaryDirectory(endings);
    return new FirstProcess(endings, [
      ...[...before, projectFile('bin/chit-server'), '--listen', '127.0.0.1:0', '--data', data, '--log-level', 'info'],
    ]);
  }

  function client(address: string): FirstProcess {
    const line = [projectFile('bin/chit-client'), '--server', address, '--name', 'ada', '--no-log', '--json'];
    return new FirstProcess(endings, line, { XDG_STATE_HOME: temporaryDirectory(endings) });
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    itHere(`chit-server says farewell to everybody at ${signal}, and ends with 0 [T3]`, async () => {
      const first = server();
      const { child } = first;
      const address = await eventually(
        () => `the server's start; it says: ${child.errorLines.join('\n')}`,
        () => child.lines.map((line) => / listening on (\S+)$/.exec(line)?.[1]).find(Boolean),
        20_000,
      );
      expect(journalRecords(child.errorLines)[0]).to.include({ pid: 1 });
      const visit = new RawCaller(endings, address).chat();
      await visit.join('Ada');
      await first.signal(signal);
      expect(await child.ended).to.equal(0);
      expect(visit.farewell?.reason).to.equal('SERVER_STOPPING');
      expect(journalRecords(child.errorLines).at(-1)?.event).to.equal('server-stopped');
    });

    itHere(`chit-client leaves at ${signal}, and ends with 0 [S6]`, async () => {
      const { address } = await ServerProcess.start(endings);
      const bob = await ClientProcess.joined(endings, address, { name: 'bob' });
      const ada = client(address);
      await bob.told('joined', 'ada');
      await eventually('she knows', () => ada.child.lines.some((line) => line.includes('"joined"')));
      await ada.signal(signal);
      expect(await ada.child.ended, ada.child.errorLines.join('\n')).to.equal(0);
      await bob.told('left', 'ada');
      expect(bob.events.at(-1)?.reason).to.equal('ASKED');
    });

    itHere(`chit-client ends at once with 130 at ${signal} while it joins a server that says nothing`, async () => {
      const mute = createServer((socket) => endings.add(() => socket.destroy()));
      mute.listen(0, '127.0.0.1');
      await once(mute, 'listening');
      endings.add(() => mute.close());
      const { port } = mute.address() as { port: number };
      const connected = once(mute, 'connection');
      const ada = client(`127.0.0.1:${port}`);
      await connected;
      await ada.signal(signal);
      expect(await ada.child.ended).to.equal(130);
      expect([...ada.child.lines, ...ada.child.errorLines]).to.deep.equal([]);
    });
  }

  /** Loaded before a program: says when the program loads its modules, which it then never gets. */
  const neverLoaded = () => {
    const module = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
    const hook = `import { writeSync } from 'node:fs';
      export const load = (url, context, next) => {
        if (!url.endsWith('-command.js')) return next(url, context);
        writeSync(2, 'loading\\n');
        return new Promise(() => {});
      };`;
    return module(`import { register } from 'node:module';
      register(${JSON.stringify(module(hook))});
      setInterval(() => {}, 60_000);`);
  };

  for (const [program, args, codes] of [
    ['chit-server', [], [0, 0]],
    ['chit-server', ['check', '/'], [143, 130]],
    ['chit-client', [], [130, 130]],
    ['chit-trace', ['check', '/'], [143, 130]],
  ] as const) {
    itHere(`${[program, ...args].join(' ')} ends at a signal while its modules are loaded`, async () => {
      const signals = ['SIGTERM', 'SIGINT'] as const;
      for (const [index, signal] of signals.entries()) {
        const first = new FirstProcess(endings, ['--import', neverLoaded(), projectFile(`bin/${program}`), ...args]);
        await eventually('it loads', () => first.child.errorLines.length > 0);
        await first.signal(signal);
        expect(await first.child.ended, first.child.errorLines.join('\n')).to.equal(codes[index]);
        expect([...first.child.lines, ...first.child.errorLines]).to.deep.equal(['loading']);
      }
    });
  }

  itHere('chit-server that is told to stop while it starts ends with 0', async () => {
    // By itself, as soon as it listens for that.
    const signalled = `data:text/javascript,
      const on = process.on;
      process.on = (name, listener) => {
        on.call(process, name, listener);
        if (name === 'SIGHUP') process.kill(process.pid, 'SIGTERM');
        return process;
      };`;
    const { child } = server('--import', signalled);
    expect(await child.ended, child.errorLines.join('\n')).to.equal(0);
    expect(journalRecords(child.errorLines).map(({ event }) => event)).to.include('signal');
  });
});
