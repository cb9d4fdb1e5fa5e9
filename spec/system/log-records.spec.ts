import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Child } from './child.js';
import { ClientProcess } from './client-process.js';
import { endedAfterEach, temporaryDirectory } from './endings.js';
import { eventually } from './eventually.js';
import { type JournalRecord, journalRecords } from './journal-records.js';
import { projectFile } from './project.js';
import { RawCaller } from './raw-caller.js';
import { ServerProcess } from './server-process.js';

describe('the log records of a server', () => {
  const endings = endedAfterEach();

  /** Asks so often which rooms there are. */
  async function ask(server: ServerProcess, times: number): Promise<void> {
    const caller = new RawCaller(endings, server.address);
    for (let asked = 0; asked < times; asked += 100) {
      await Promise.all(Array.from({ length: Math.min(100, times - asked) }, () => caller.rooms()));
    }
  }

  it('go on in their file after a full disk, and the first one tells how many were lost [T3] [P12]', async () => {
    const file = join(temporaryDirectory(endings), 'server.log');
    const server = await ServerProcess.start(endings, { args: ['--memory', '--log-file', file], fileKibMax: 64 });
    const lines = () => readFileSync(file, 'utf8').split('\n');
    await eventually('the file is full', async () => {
      await ask(server, 100);
      return server.child.errorLines.length > 0;
    });
    expect(server.child.errorLines).to.deep.equal(['log records are lost: EFBIG: file too large, write']);
    // The server goes on without them.
    await ask(server, 100);
    execFileSync('prlimit', ['--fsize=unlimited', '--pid', String(server.child.pid)]);
    const dropped = () => journalRecords(lines()).filter(({ event }) => event === 'records-dropped');
    await eventually('what was lost is told', () => dropped().length > 0);
    expect(dropped()[0]?.count).to.be.at.least(100);
    const after = new RawCaller(endings, server.address);
    await after.chat().join('Ada');
    await eventually('a record after it', () => lines().at(-2)?.includes('broadcast-join') === true);
    const torn = lines().filter((line) => line !== '' && !line.endsWith('}'));
    expect(torn, 'the line in which the disk was full, and no other').to.have.length.at.most(1);
    expect(dropped(), 'once').to.have.length(1);
  });

  it('count what one connection repeats, and miss none of its calls; joins are all there [T3] [T4] [P12]', async () => {
    const limits = { recordBurstMax: 50, recordSummaryMs: 200 };
    const server = await ServerProcess.withLimits(endings, limits);
    const ada = await ClientProcess.joined(endings, server.address, { name: 'Ada' });
    const calls = 600;
    await ask(server, calls);
    await ada.leave();
    const records = (event: string): JournalRecord[] => server.records().filter((record) => record.event === event);
    const repeated = () => records('repeated').filter(({ of }) => of === 'call');
    const told = () => records('call').length + repeated().reduce((sum, { count }) => sum + Number(count), 0);
    // Ada's own call is over too.
    await eventually(
      () => `${calls + 1} calls, of which ${told()} are told`,
      () => told() === calls + 1,
    );
    expect(records('call').length).to.be.below(calls / 4);
    expect(repeated()[0]).to.include({ level: 30, address: '127.0.0.1' });
    expect(records('broadcast-join')).to.have.length(1);
    expect(records('broadcast-leave')).to.have.length(1);

    const serverLog = join(temporaryDirectory(endings), 'server.log');
    writeFileSync(serverLog, server.child.errorLines.map((line) => `${line}\n`).join(''));
    const trace = [projectFile('bin/chit-trace'), 'check', ada.logFile, serverLog];
    const checked = new Child(endings, process.execPath, trace);
    expect(await checked.ended, checked.lines.join('\n')).to.equal(0);
  });
});
