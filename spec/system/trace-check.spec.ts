import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { soundLines, typed } from '../trace/foreign/shapes.js';
import { ClientProcess } from './client-process.js';
import { endedAfterAll, temporaryDirectory } from './endings.js';
import { type RecordedRun, recordedRun } from './recorded-run.js';
import { ServerProcess } from './server-process.js';
import { traced } from './trace-program.js';

describe('chit-trace check', function () {
  this.timeout(60_000);
  const endings = endedAfterAll();
  let run: RecordedRun;
  let folder = '';
  before(async () => {
    folder = temporaryDirectory(endings);
    run = await recordedRun(endings);
  });

  async function check(...args: readonly string[]) {
    const { code, lines, errorLines } = await traced(endings, ['check', ...args], { cwd: folder });
    return { code, output: lines.join('\n'), errors: errorLines };
  }

  function written(name: string, lines: readonly string[]): string {
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
    return name;
  }

  it('finds all promises kept in the logs of a server and its clients, cut off and killed ones among them', async () => {
    const { code, output, errors } = await check(run.server, run.ada, run.bob, run.cyd, run.dan);
    expect({ code, errors }, output).to.deep.equal({ code: 0, errors: [] });
    expect(output).to.match(/^ada, bob, cyd and dan received the same \d+ events? in the same order of room lobby/m);
    expect(output).to.match(/^The server's log says the same as the clients' in \d+ records/m);
    expect(output)
      .to.match(/^P1 {2}kept/m)
      .and.to.match(/All promises were kept\.$/);
  });

  it('needs the clients’ logs only', async () => {
    const { code, output } = await check(run.ada, run.bob, run.cyd, run.dan);
    expect(code, output).to.equal(0);
  });

  it('says whose log is missing, judges the others’, and ends with 3 only where it is to be strict', async () => {
    const logs = [run.ada, run.bob, run.dan];
    const { code, output } = await check(...logs);
    expect(code, output).to.equal(0);
    expect(output)
      .to.include('Missing is the log of cyd (from event 3 on) in room lobby')
      .and.to.match(/^P3 {2}as seen .* \(open: see 1/m)
      .and.to.match(/^As far as these logs tell, every promise was kept: for \d+ events, as 3 of 4 participants saw/m);
    expect(await check('--strict', ...logs)).to.deep.include({ code: 3, output });
  });

  it('ends with 3 where the logs tell of nothing that could be judged', async () => {
    const { code, output } = await check(run.server);
    expect(code, output).to.equal(3);
    expect(output).to.match(/nothing could be judged\.$/);
  });

  it('judges a log that was rotated, shared by two processes, or has other text in it', async () => {
    const lines = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');
    const [ada, bob, server] = [run.ada, run.bob, run.server].map(lines) as [string[], string[], string[]];
    const half = Math.floor(ada.length / 2);
    const parts = [written('ada.log', ada.slice(half)), written('ada.20261127T120000000Z.log', ada.slice(0, half))];
    const both = [bob, lines(run.cyd)];
    const mixed = Array.from({ length: Math.max(bob.length, both[1]?.length ?? 0) }, (_, index) =>
      both.flatMap((each) => each[index] ?? []),
    ).flat();
    const shared = written('shared.log', mixed);
    const greeted = written('greeted.log', ['Chit Chat 0.1.0 is listening on 127.0.0.1:4000', ...server, 'Stopping']);
    const { code, output } = await check('--strict', ...parts, shared, greeted, run.dan);
    expect(code, output).to.equal(0);
    expect(output)
      .to.include('2 lines of other text passed over')
      .and.to.match(/All promises were kept\.$/);
  });

  it('tells rooms of one name at two servers apart', async () => {
    const servers = [await ServerProcess.start(endings), await ServerProcess.start(endings)];
    const logs: string[] = [];
    for (const { address } of servers) {
      const ada = await ClientProcess.joined(endings, address, { name: 'Ada' });
      const bob = await ClientProcess.joined(endings, address, { name: 'Bob' });
      ada.say(`hello ${address}`);
      await bob.heard(`hello ${address}`);
      await ada.leave();
      await bob.leave();
      logs.push(ada.logFile, bob.logFile);
    }
    const { code, output } = await check('--strict', ...logs);
    expect(code, output).to.equal(0);
    servers.forEach(({ address }, index) => {
      expect(output).to.include(`room lobby (history ${index + 1} of 2, on ${address})`);
    });
  });

  it('tells the line of what is broken and ends with 1', async () => {
    const lines = readFileSync(run.cyd, 'utf8').trimEnd().split('\n');
    const index = lines.findIndex((line) => line.includes('"event":"receive"') && line.includes('"sequence":5,'));
    const name = written(
      'cyd.log',
      lines.map((line, at) => (at === index ? line.replace(/"text":"/, '"text":"not ') : line)),
    );
    const { code, output } = await check(run.ada, run.bob, run.dan, name);
    expect(code, output).to.equal(1);
    expect(output)
      .to.match(/^P1 {2}BROKEN/m)
      .and.to.include(`     cyd.log:${index + 1}  (held against `);
  });

  it('reads the logs of other chats by patterns', async () => {
    const logs = Object.entries(soundLines(typed)).map(([name, lines]) => written(name, lines));
    const as = Object.entries(typed.owners).flatMap(([file, owner]) => ['--as', `${owner}=${file}`]);
    const patterns = typed.patterns.flatMap((pattern) => ['--pattern', pattern]);
    const { code, output } = await check(...as, ...patterns, ...logs);
    expect(code, output).to.equal(0);
    expect(output)
      .to.include('1, 2 and 3 all received the same 5 events')
      .and.to.match(/Nothing in these logs is against/);
    const part = await check(...as.slice(0, 4), ...patterns, ...logs.slice(0, 2), '--strict');
    expect(part.code, part.output).to.equal(3);
    const alike = await check(...patterns, '--as', `1=${logs[0]}`, '--as', `1=${logs[1]}`, ...logs);
    expect(alike).to.deep.include({ code: 2, output: '' });
  });

  for (const [what, args, why] of [
    ['no log', [], /missing required argument/],
    ['a file that is not there', ['nowhere.log'], /nowhere\.log cannot be read: ENOENT/],
    ['a file that is no log', ['text.txt'], /text\.txt:1: there is no log record of Chit Chat in this file.*--pattern/],
    ['a pattern that is none', ['--pattern', '(', 'text.txt'], /\( is no regular expression/],
    ['a pattern without a time', ['--pattern', 'x', 'text.txt'], /no group “lamport”/],
    ['a pattern that nothing matches', ['--pattern', 'x(?<lamport>\\d)', 'text.txt'], /text\.txt:1: no line/],
    [
      'an owner of no log',
      ['--pattern', '(?<lamport>\\d)', '--as', 'ada=x.log', 'text.txt'],
      /--as ada=x\.log names a file/,
    ],
    ['an owner and no pattern', ['--as', 'ada=text.txt', 'text.txt'], /--as is of use only with --pattern/],
  ] as const) {
    it(`says in one line what is wrong with ${what} and ends with 2`, async () => {
      written('text.txt', ['just text']);
      const { code, output, errors } = await check(...args);
      expect({ code, output }).to.deep.equal({ code: 2, output: '' });
      expect(errors).to.have.length(1);
      expect(errors[0])
        .to.match(why)
        .and.to.match(/^chit-trace: /);
    });
  }

  it('explains itself, with examples for the logs of other chats', async () => {
    const { code, output } = await check('--help');
    expect(code).to.equal(0);
    expect(output).to.include('(?<lamport>\\d+)').and.to.include('Exit codes:');
  });
});
