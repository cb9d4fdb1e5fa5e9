import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { itOnEachNode } from '../nodes/each-node.js';
import { runningNode } from '../nodes/node-lines.js';
import { endedAfterEach, temporaryDirectory } from '../system/endings.js';
import { fuzz } from './fuzz-run.js';

const all = { seed: 1, from: 0, connections: 2 ** 31, atOnce: 16 };

describe('a real server, fuzzed with frames and gRPC messages', function () {
  this.timeout(300_000);
  const endings = endedAfterEach();

  itOnEachNode('lives, and two who chat beside it notice nothing', async (node) => {
    const seconds = node === runningNode ? 10 : 5;
    const report = await fuzz({ ...all, seconds }, node);
    const told = `\n${JSON.stringify(report.findings, undefined, 2)}\nseed ${report.seed}\n${report.death.join('\n')}`;
    expect(report.findings, told).to.deep.equal([]);
    expect(report.connections, 'connections').to.be.greaterThan(20);
    expect(report.sentAway, 'connections that the server ended with an error').to.be.greaterThan(0);
    expect(report.bystander.said, 'what the bystander has said').to.be.greaterThan(10);
  });

  it('whose process dies is told of, with the seed, its last words and the packets before', async () => {
    if (process.platform === 'win32') throw new Error('needs a shell');
    const path = join(temporaryDirectory(endings), 'short-lived-node');
    // At the second time that it is made to collect its garbage: the first is before the fuzz.
    const dies = `let times = 0;
      process.on('SIGUSR2', () => {
        times += 1;
        if (times < 2) return;
        console.error('its last words');
        process.abort();
      });`;
    const first = `data:text/javascript;base64,${Buffer.from(dies).toString('base64')}`;
    writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' --import '${first}' "$@"\n`);
    chmodSync(path, 0o755);
    const { findings, death, seed } = await fuzz({ ...all, seed: 5, seconds: 60 }, { name: 'short-lived', path });
    expect(seed).to.equal(5);
    expect(findings).to.include('The server died.');
    expect(death).to.include('its last words');
    expect(death.filter((line) => /^connection \d+/.test(line)).length).to.be.greaterThan(0);
    expect(death.filter((line) => /^ {2}[\w-]+: [0-9a-f]*$/.test(line)).length).to.be.greaterThan(0);
  });
});
