import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { usedBytes } from '../server/log/used-bytes.js';
import { preface, request, settings } from '../server/rpc/http2-frames.js';
import { RawSocket } from '../server/rpc/raw-socket.js';
import { Child } from './child.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { journalRecords } from './journal-records.js';
import { projectFile } from './project.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';

const { version } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as { version: string };
const free = '127.0.0.1:0';
/** How a call ends that the server's stop ends. */
const stopping = { code: status.UNAVAILABLE, details: 'The server is stopping. Connect again later.' };

describe('chit-server as a command', () => {
  const endings = endedAfterEach();

  /** The command with these options and no others. */
  function command(args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
    return new Child(endings, process.execPath, [projectFile('bin/chit-server'), ...args], { env });
  }

  /** The address that it says it listens on. */
  function listening(child: Child): Promise<string> {
    return eventually(
      () => `the server's start; it says: ${child.errorLines.join('\n')}`,
      () => child.lines.map((line) => / is listening on (\S+)$/.exec(line)?.[1]).find(Boolean),
      20_000,
    );
  }

  /** That the command ends with `code` and one line, which matches. */
  async function expectFailure(child: Child, code: number, line: RegExp): Promise<void> {
    expect(await child.ended).to.equal(code);
    expect(child.errorLines.join('\n')).to.match(/^chit-server: .+$/);
    expect(child.errorLines[0]).to.match(line);
    expect(child.lines).to.deep.equal([]);
  }

  describe('told to start', () => {
    it('says its version, where it listens and where its log is kept, which it makes for its owner alone [P4]', async () => {
      const data = join(temporaryDirectory(endings), 'a', 'log');
      const child = command(['--listen', free, '--data', data]);
      const address = await listening(child);
      expect(address).to.match(/^127\.0\.0\.1:\d+$/);
      await eventually('both lines', () => child.lines.length === 2);
      expect(child.lines).to.deep.equal([`Chit Chat ${version} is listening on ${address}`, `Its store is ${data}`]);
      expect(statSync(data).mode & 0o777).to.equal(0o700);
      expect(await new RawCaller(endings, address).rooms()).to.deep.equal([]);
    });

    it('keeps its log in the user’s data folder unless told otherwise', async () => {
      const home = temporaryDirectory(endings);
      const child = command(['--listen', free], { XDG_DATA_HOME: home });
      await listening(child);
      expect(existsSync(join(home, 'chit-chat'))).to.equal(true);
      const other = command(['--listen', free], { HOME: home, XDG_DATA_HOME: '' });
      await listening(other);
      expect(existsSync(join(home, '.local', 'share', 'chit-chat'))).to.equal(true);
    });

    it('keeps its log in memory with --memory, and says so', async () => {
      const home = temporaryDirectory(endings);
      const child = command(['--listen', free, '--memory'], { XDG_DATA_HOME: home });
      await listening(child);
      await eventually('both lines', () => child.lines.length === 2);
      expect(child.lines[1]).to.equal('Its store is in memory and ends with it');
      expect(existsSync(join(home, 'chit-chat'))).to.equal(false);
    });

    it('listens on an IPv6 address where the machine has one, and writes it as it is to be written', async () => {
      const child = command(['--memory', '--listen', '[::1]:0']);
      if (!(await hasIpv6(endings))) {
        await expectFailure(child, 1, /\[::1\]:0.*--listen/);
        return;
      }
      const address = await listening(child);
      expect(address).to.match(/^\[::1\]:\d+$/);
      expect(await new RawCaller(endings, address).rooms()).to.deep.equal([]);
    });

    it('has no fast lane where the command line or the environment says so; all else is the same', async () => {
      for (const [args, env, fastLane] of [
        [[], {}, true],
        [[], { CHIT_NO_FAST_LANE: '0' }, true],
        [[], { CHIT_NO_FAST_LANE: '1' }, false],
        [['--no-fast-lane'], {}, false],
      ] as const) {
        const child = command(['--listen', free, '--memory', ...args], env);
        const visit = new RawCaller(endings, await listening(child)).chat();
        await visit.join('Ada');
        for (const text of ['one', 'two', 'three']) visit.publish(text);
        await visit.heard('three');
        const started = journalRecords(child.errorLines).find(({ event }) => event === 'server-started');
        expect(started).to.include({ fastLane });
      }
    });

    it('takes each option from the environment as well, where the command line does not have it', async () => {
      const directory = temporaryDirectory(endings);
      const file = join(directory, 'records');
      const child = command(['--listen', free], {
        CHIT_LISTEN: '127.0.0.1:1',
        CHIT_DATA: join(directory, 'log'),
        CHIT_MEMORY: '0',
        CHIT_DURABILITY: 'process',
        CHIT_LOG_LEVEL: 'debug',
        CHIT_LOG_FILE: file,
        CHIT_ROOMS_MAX: '',
        CHIT_PARTICIPANTS_PER_ROOM_MAX: '1',
        CHIT_PUBLISHES_PER_SECOND_MAX: '0',
      });
      const caller = new RawCaller(endings, await listening(child));
      await eventually('both lines', () => child.lines.length === 2);
      expect(child.lines[1]).to.equal(`Its store is ${join(directory, 'log')}`);
      await caller.chat().join('Ada');
      const second = caller.chat();
      second.askToJoin({ name: 'Bob' });
      expect((await second.refused()).reason).to.equal('ROOM_FULL');
      expect(child.errorLines).to.deep.equal([]);
      await eventually('a record', () => readFileSync(file, 'utf8').includes('"server-started"'));
    });

    it('writes log records to standard error, or to the file it is told, which only its owner can read [T3] [T4]', async () => {
      const child = command(['--listen', free, '--memory']);
      const address = await listening(child);
      const [started] = await eventually('a record', () => {
        const found = journalRecords(child.errorLines);
        return found.length > 0 && found;
      });
      expect(started).to.include({ component: 'server', event: 'server-started', port: Number(address.split(':')[1]) });
      const file = join(temporaryDirectory(endings), 'records');
      const other = command(['--listen', free, '--memory', '--log-file', file]);
      await listening(other);
      other.signal('SIGTERM');
      expect(await other.ended).to.equal(0);
      expect(other.errorLines).to.deep.equal([]);
      expect(statSync(file).mode & 0o777).to.equal(0o600);
      const events = journalRecords(readFileSync(file, 'utf8').split('\n')).map(({ event }) => event);
      expect(events).to.include.members(['server-started', 'server-stopping', 'server-stopped']);
    });
  });

  describe('asked about itself', () => {
    it('prints its version', async () => {
      const child = command(['--version']);
      expect(await child.ended).to.equal(0);
      expect(child.lines).to.deep.equal([version]);
    });

    it('prints help with every option, its variable, examples and exit codes', async () => {
      const child = command(['--help']);
      expect(await child.ended).to.equal(0);
      const help = child.lines.join('\n');
      for (const option of [
        'listen',
        'data',
        'memory',
        'durability',
        'log-level',
        'log-file',
        'rooms-max',
        'participants-per-room-max',
        'publishes-per-second-max',
        'no-fast-lane',
        'connections-max',
        'connections-per-address-max',
        'sessions-per-address-max',
        'seats-per-address-max',
        'rooms-per-address-max',
      ]) {
        expect(help).to.contain(`--${option}`);
        expect(help.replace(/\s+/g, ' ')).to.contain(`env: CHIT_${option.replaceAll('-', '_').toUpperCase()}`);
      }
      expect(help).to.match(/Examples:\n {2}chit-server /);
      expect(help).to.match(/Exit codes:\n {2}0 /);
    });
  });

  describe('that cannot start says in one line what is wrong, why, and what to do', () => {
    it('with an option that makes no sense, and ends with 2', async () => {
      await expectFailure(command(['--listen', '4000']), 2, /--listen .*HOST:PORT, such as/);
      await expectFailure(command(['--rooms-max', 'many']), 2, /--rooms-max .*whole number/);
      await expectFailure(command(['--durability', 'none']), 2, /--durability .*power, process/);
      await expectFailure(command(['extra']), 2, /too many arguments/);
      await expectFailure(command([], { CHIT_LISTEN: 'here' }), 2, /CHIT_LISTEN.*HOST:PORT/);
    });

    it('with a switch in the environment that is neither yes nor no, or a path that a script left empty', async () => {
      for (const name of ['CHIT_MEMORY', 'CHIT_NO_FAST_LANE']) {
        await expectFailure(command(['--listen', free], { [name]: 'maybe' }), 2, new RegExp(`${name}.*1 or to 0`));
      }
      const cwd = temporaryDirectory(endings);
      for (const option of ['--data', '--log-file']) {
        const args = [projectFile('bin/chit-server'), '--listen', free, option, ''];
        await expectFailure(new Child(endings, process.execPath, args, { cwd }), 2, new RegExp(`${option} .*empty`));
      }
      expect(readdirSync(cwd)).to.deep.equal([]);
    });

    it('when the port is taken', async () => {
      const address = await listening(command(['--memory', '--listen', free]));
      const child = command(['--memory', '--listen', address]);
      await expectFailure(child, 1, new RegExp(`${address} already.*--listen HOST:PORT`));
    });

    it('when the address is not one of this machine, or none at all', async () => {
      await expectFailure(
        command(['--memory', '--listen', '192.0.2.1:4000']),
        1,
        /not an address of this machine.*--listen/,
      );
      await expectFailure(command(['--memory', '--listen', 'no-such-host.invalid:4000']), 1, /no-such-host.*--listen/);
    });

    it('when its log cannot be kept where it is to be', async () => {
      const directory = temporaryDirectory(endings);
      const file = join(directory, 'file');
      writeFileSync(file, '');
      await expectFailure(command(['--listen', free, '--data', join(file, 'log')]), 1, /ENOTDIR.*--data DIR/);
      await expectFailure(command(['--listen', free, '--data', file]), 1, /a file has that name.*--data DIR/);
    });

    it('when what is in the folder is no store, of which nothing is touched', async () => {
      const data = temporaryDirectory(endings);
      const file = join(data, 'data.mdb');
      const content = randomBytes(20_000);
      writeFileSync(file, content);
      await expectFailure(command(['--listen', free, '--data', data]), 1, /data\.mdb is no store.*Move it.*--data DIR/);
      expect(readFileSync(file).equals(content)).to.equal(true);
    });

    it('when the end of its store is lost, of which nothing is touched', async () => {
      const server = await ServerProcess.start(endings);
      const speaker = new RawCaller(endings, server.address).chat();
      await speaker.join('Speaker');
      for (let number = 1; number <= 500; number += 1) speaker.publish(`${number}`);
      await speaker.heard('500');
      await server.stop();
      const file = join(server.data, 'data.mdb');
      const whole = readFileSync(file);
      const left = (await usedBytes(server.data)) / 2;
      truncateSync(file, left);
      const child = command(['--listen', free, '--data', server.data]);
      await expectFailure(child, 1, /data\.mdb is cut off: .*Put a copy .*--data DIR/);
      expect(readFileSync(file).equals(whole.subarray(0, left))).to.equal(true);
    });

    it('when another server has the store open, which goes on undisturbed', async () => {
      const data = temporaryDirectory(endings);
      const server = await ServerProcess.start(endings, { data });
      const child = command(['--listen', free, '--data', data]);
      await expectFailure(child, 1, new RegExp(`in use by process ${server.child.pid}\\..*--data DIR`));
      expect(await new RawCaller(endings, server.address).rooms()).to.deep.equal([]);
    });

    it('when the file for log records cannot be opened', async () => {
      const directory = join(temporaryDirectory(endings), 'directory');
      mkdirSync(directory);
      const child = command(['--memory', '--listen', free, '--log-file', directory]);
      await expectFailure(child, 1, /Log records.*EISDIR.*--log-file FILE/);
      const pipe = join(directory, 'pipe');
      spawnSync('mkfifo', [pipe]);
      const unread = command(['--memory', '--listen', free, '--log-file', pipe]);
      await expectFailure(unread, 1, /Log records.*nobody reads.*--log-file FILE/);
    });

    it('when the disk is full, and leaves nothing there that the next start would take for a damaged store', async () => {
      const data = join(temporaryDirectory(endings), 'store');
      const node = [process.execPath, projectFile('bin/chit-server'), '--listen', free, '--data', data];
      const little = new Child(endings, 'prlimit', ['--fsize=4096', ...node]);
      await expectFailure(little, 1, /cannot be kept in .*file too large \(EFBIG\).*--data DIR/);
      await listening(new Child(endings, process.execPath, node.slice(1)));
    });
  });

  describe('told to stop', () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      it(`by ${signal} says farewell to everybody, and ends with 0 [T3]`, async () => {
        const server = await ServerProcess.start(endings);
        const [alone, both] = [new RawCaller(endings, server.address), new RawCaller(endings, server.address)];
        const visits = [alone.chat(), both.chat(), both.chat()];
        for (const [index, visit] of visits.entries()) await visit.join(`Ada ${index}`);
        server.child.signal(signal);
        expect(await server.child.ended).to.equal(0);
        for (const visit of visits) {
          // Not the code alone: a lost connection has the same.
          expect(await visit.ended()).to.deep.include(stopping);
          expect(visit.farewell?.reason).to.equal('SERVER_STOPPING');
        }
        expect(server.records().at(-1)?.event).to.equal('server-stopped');
      });
    }

    it('ends with 0 within 5 seconds also when a client never reads [P10]', async () => {
      const server = await ServerProcess.start(endings, { args: ['--publishes-per-second-max', '0'] });
      await stuckVisitor(server);
      const began = performance.now();
      server.child.signal('SIGTERM');
      expect(await server.child.ended).to.equal(0);
      expect(performance.now() - began).to.be.lessThan(5000);
    });

    it('takes a signal that is said again 20 ms later, as by timeout(1), for one wish, and ends with 0', async () => {
      // By itself, for the kernel may make one of two that come sooner.
      const again = `data:text/javascript,
        let count = 0;
        process.on('SIGTERM', () => {
          count += 1;
          if (count === 1) setTimeout(() => process.kill(process.pid, 'SIGTERM'), 20);
          else console.error('said again');
        });`;
      const program = [process.execPath, '--import', again, projectFile('bin/chit-server')] as const;
      const server = await ServerProcess.start(endings, { program });
      // A stream that is not read keeps the farewell waiting for longer than that.
      await stuckVisitor(server);
      server.child.signal('SIGTERM');
      expect(await server.child.ended).to.equal(0);
      expect(server.child.errorLines).to.include('said again');
      expect(server.records().at(-1)?.event).to.equal('server-stopped');
    });

    it('by timeout(1), which tells it and then its process group, ends with 0', async () => {
      const node = [process.execPath, projectFile('bin/chit-server'), '--listen', free, '--memory'];
      const child = new Child(endings, 'timeout', ['--preserve-status', '600', ...node]);
      await listening(child);
      // It hands on what it is told as it does when its time is up.
      child.signal('SIGTERM');
      expect(await child.ended).to.equal(0);
    });

    it('hears a signal that comes while one that starts hands over to one that runs', async () => {
      // Just before the first ones stop listening: what is not dispatched by then goes to whoever listens still.
      const signalled = `data:text/javascript,
        const off = process.off;
        process.off = (name, listener) => {
          if (name === 'SIGTERM') process.kill(process.pid, name);
          return off.call(process, name, listener);
        };`;
      const args = ['--import', signalled, projectFile('bin/chit-server'), '--listen', free, '--memory'];
      expect(await new Child(endings, process.execPath, args).ended).to.equal(0);
    });

    it('opens no debugger where SIGUSR1 is taken for the signal that has log files opened anew', async () => {
      const server = await ServerProcess.start(endings);
      server.child.signal('SIGUSR1');
      server.child.signal('SIGTERM');
      expect(await server.child.ended).to.equal(0);
      expect(server.child.errorLines.filter((line) => !line.startsWith('{'))).to.deep.equal([]);
    });

    it('a second time ends at once with 1', async () => {
      const server = await ServerProcess.start(endings);
      // A stream that is not read keeps the first signal's farewell waiting.
      await stuckVisitor(server);
      server.child.signal('SIGTERM');
      await eventually('its stopping', () => server.child.lines.includes('Stopping'));
      await eventually('the second wish is heard', () => {
        server.child.signal('SIGTERM');
        return !server.child.alive;
      });
      expect(await server.child.ended).to.equal(1);
    });

    it('by a fault of its own logs it, closes what it can, and ends with 70', async () => {
      const program = [process.execPath, '--import', 'tsx', projectFile('spec/system/faulty-server.ts')] as const;
      const server = await ServerProcess.start(endings, { program });
      const visit = new RawCaller(endings, server.address).chat();
      await visit.join('Ada');
      server.child.closeInput();
      expect(await server.child.ended).to.equal(70);
      expect(visit.farewell?.reason).to.equal('SERVER_STOPPING');
      expect(server.records().map(({ event }) => event)).to.include.members(['fault', 'server-stopped']);
    });

    it('goes on when whoever reads its output stops reading it', async () => {
      const script = 'exec "$@" > >(grep -m 1 listening) 2>&1';
      const node = [process.execPath, projectFile('bin/chit-server'), '--listen', free, '--memory'];
      const child = new Child(endings, 'bash', ['-c', script, 'bash', ...node]);
      const address = await listening(child);
      const visit = new RawCaller(endings, address).chat();
      await visit.join('Ada');
      visit.publish('still here');
      await visit.heard('still here');
    });
  });

  describe('with what is no gRPC on its port', () => {
    it('serves others as if nothing had happened, and ends each of those on its own', async () => {
      const server = await ServerProcess.start(endings);
      const port = Number(server.address.split(':')[1]);
      const visit = new RawCaller(endings, server.address).chat();
      await visit.join('Ada');
      const http1 = new RawSocket(endings, port);
      http1.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      const garbage = new RawSocket(endings, port);
      garbage.write(Buffer.from([0, 255, 13, 10, 0]));
      const half = new RawSocket(endings, port);
      half.write(preface.subarray(0, 12));
      const nonsense = new RawSocket(endings, port);
      nonsense.write(Buffer.concat([preface, Buffer.alloc(100, 255)]));
      visit.publish('still here');
      await visit.heard('still here');
      await Promise.all([http1.closed, garbage.closed, nonsense.closed]);
      expect(http1.received.toString()).to.match(/^HTTP\/1\.1 505 .*gRPC/s);
      visit.publish('and here');
      await visit.heard('and here');
      expect(await server.stop()).to.equal(0);
      await half.closed;
    });
  });

  /** A participant who takes nothing from its connection, and for whom more waits than flow control lets through. */
  async function stuckVisitor(server: ServerProcess): Promise<void> {
    const speaker = new RawCaller(endings, server.address).chat();
    await speaker.join('Speaker');
    const stuck = new RawSocket(endings, Number(server.address.split(':')[1]));
    stuck.stopReading();
    const join = Buffer.from([0x12, 0x07, 0x12, 0x05, ...Buffer.from('Stuck')]);
    stuck.write(Buffer.concat([preface, settings, request(1, '/chit.v1.ChatService/Chat'), grpcData(1, join)]));
    await speaker.event('the stuck one’s join', ({ participant }) => participant === 'Stuck');
    // Some 150 bytes each, and the window is of 64 KiB.
    const count = 900;
    for (let said = 1; said <= count; said += 1) {
      if (!speaker.publish('x'.repeat(100))) await speaker.drained();
    }
    await speaker.event('the last one', (event) => event.kind === 'message' && event.ordinal === count);
  }
});

/** A gRPC message in an HTTP/2 frame. */
function grpcData(stream: number, message: Buffer): Buffer {
  const head = Buffer.alloc(9 + 5);
  head.writeUIntBE(5 + message.length, 0, 3);
  head.writeUInt32BE(stream, 5);
  head.writeUInt32BE(message.length, 10);
  return Buffer.concat([head, message]);
}

async function hasIpv6(endings: ReturnType<typeof endedAfterEach>): Promise<boolean> {
  const server: Server = createServer();
  endings.add(() => server.close());
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ host: '::1', port: 0 }, () => resolve(true));
  });
}
