import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { preface } from '../server/rpc/http2-frames.js';
import { RawSocket } from '../server/rpc/raw-socket.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { journalRecords } from './journal-records.js';
import { projectFile } from './project.js';
import { RawCaller } from './raw-caller.js';
import { expectFailure, free, listening, serverCommand } from './server-command.js';
import { ServerProcess } from './server-process.js';

const { version } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as { version: string };

describe('chit-server as a command', () => {
  const endings = endedAfterEach();

  describe('told to start', () => {
    it('says its version, where it listens and where its log is kept, which it makes for its owner alone [P4]', async () => {
      const data = join(temporaryDirectory(endings), 'a', 'log');
      const child = serverCommand(endings, ['--listen', free, '--data', data]);
      const address = await listening(child);
      expect(address).to.match(/^127\.0\.0\.1:\d+$/);
      await eventually('both lines', () => child.lines.length === 2);
      expect(child.lines).to.deep.equal([`Chit Chat ${version} is listening on ${address}`, `Its store is ${data}`]);
      expect(statSync(data).mode & 0o777).to.equal(0o700);
      expect(await new RawCaller(endings, address).rooms()).to.deep.equal([]);
    });

    it('keeps its log in the user’s data folder unless told otherwise', async () => {
      const home = temporaryDirectory(endings);
      const child = serverCommand(endings, ['--listen', free], { XDG_DATA_HOME: home });
      await listening(child);
      expect(existsSync(join(home, 'chit-chat'))).to.equal(true);
      const other = serverCommand(endings, ['--listen', free], { HOME: home, XDG_DATA_HOME: '' });
      await listening(other);
      expect(existsSync(join(home, '.local', 'share', 'chit-chat'))).to.equal(true);
    });

    it('keeps its log in memory with --memory, and says so', async () => {
      const home = temporaryDirectory(endings);
      const child = serverCommand(endings, ['--listen', free, '--memory'], { XDG_DATA_HOME: home });
      await listening(child);
      await eventually('both lines', () => child.lines.length === 2);
      expect(child.lines[1]).to.equal('Its store is in memory and ends with it');
      expect(existsSync(join(home, 'chit-chat'))).to.equal(false);
    });

    it('listens on an IPv6 address where the machine has one, and writes it as it is to be written', async () => {
      const child = serverCommand(endings, ['--memory', '--listen', '[::1]:0']);
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
        const child = serverCommand(endings, ['--listen', free, '--memory', ...args], env);
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
      const child = serverCommand(endings, ['--listen', free], {
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
      const child = serverCommand(endings, ['--listen', free, '--memory']);
      const address = await listening(child);
      const [started] = await eventually('a record', () => {
        const found = journalRecords(child.errorLines);
        return found.length > 0 && found;
      });
      expect(started).to.include({ component: 'server', event: 'server-started', port: Number(address.split(':')[1]) });
      const file = join(temporaryDirectory(endings), 'records');
      const other = serverCommand(endings, ['--listen', free, '--memory', '--log-file', file]);
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
      const child = serverCommand(endings, ['--version']);
      expect(await child.ended).to.equal(0);
      expect(child.lines).to.deep.equal([version]);
    });

    it('prints help with every option, its variable, examples and exit codes', async () => {
      const child = serverCommand(endings, ['--help']);
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
});

async function hasIpv6(endings: ReturnType<typeof endedAfterEach>): Promise<boolean> {
  const server: Server = createServer();
  endings.add(() => server.close());
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ host: '::1', port: 0 }, () => resolve(true));
  });
}
