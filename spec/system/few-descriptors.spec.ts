import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseHostPort } from '../../lib/platform/host-port.js';
import { endedAfterEach } from './endings.js';
import { eventually } from './eventually.js';
import { projectFile } from './project.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';

describe('a server that may have 64 descriptors', () => {
  const endings = endedAfterEach();

  it('takes fewer connections, says so, and writes all that is said while 60 idle ones are there [P10] [P12]', async () => {
    const limited = ['bash', '-c', 'ulimit -n 64; exec "$@"', 'bash'] as const;
    const program = [...limited, process.execPath, projectFile('bin/chit-server')] as const;
    const server = await ServerProcess.start(endings, { program, args: ['--publishes-per-second-max', '0'] });
    const short = server.records().find(({ event }) => event === 'descriptors-short');
    expect(short).to.include({ level: 40, descriptorsMax: 64, wanted: 4096 });
    const { connectionsMax } = short as unknown as { connectionsMax: number };
    expect(connectionsMax).to.be.within(10, 40);

    const chat = new RawCaller(endings, server.address).chat();
    await chat.join('Ada');
    const { host, port } = parseHostPort(server.address, 1) ?? { host: '', port: 0 };
    let closed = 0;
    for (let count = 0; count < 60; count += 1) {
      const socket = connect(port, host);
      endings.add(() => void socket.destroy());
      socket
        .on('error', () => {})
        .on('close', () => {
          closed += 1;
        });
    }
    await eventually('those that are too many', () => closed >= 60 - connectionsMax, 20_000);
    expect(server.records().filter(({ event }) => event === 'connections-refused')).not.to.have.length(0);

    // Far more than its file has left, so that it has to grow.
    const file = join(server.data, 'data.mdb');
    const before = statSync(file).size;
    for (let count = 0; count < 3_000; count += 1) chat.publish(`${count} `.padEnd(120, '火'));
    chat.publish('the last');
    await chat.heard('the last', 20_000);
    expect(statSync(file).size).to.be.greaterThan(before);
    expect(chat.rejections).to.deep.equal([]);
    expect(server.records().map(({ event }) => event)).not.to.include.oneOf(['log-unwritable', 'accept-failed']);
  });
});

describe('a program that may have few files open', () => {
  for (const program of ['chit-server', 'chit-client', 'chit-trace']) {
    it(`loads, or says in one line how many are needed: ${program}`, function () {
      this.timeout(60_000);
      const versions: string[] = [];
      for (const filesMax of [48, 32, 24]) {
        const command = ['-c', `ulimit -n ${filesMax}; exec "$@"`, 'bash', process.execPath];
        const { status, stdout, stderr } = spawnSync('bash', [...command, projectFile(`bin/${program}`), '--version'], {
          encoding: 'utf8',
        });
        if (status === 0) versions.push(stdout);
        else {
          expect(status).to.equal(1);
          expect(stderr).to.equal(
            `${program}: a process may have only ${filesMax} files open here; allow 64 or more (ulimit -n 64).\n`,
          );
        }
      }
      expect(versions, 'with 48 at least').not.to.have.length(0);
    });
  }
});
