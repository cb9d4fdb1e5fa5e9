import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readAsShiviz } from '../trace/show/shiviz-reader.js';
import { ClientProcess } from './client-process.js';
import { endedAfterAll, temporaryDirectory } from './endings.js';
import { ServerProcess } from './server-process.js';
import { TcpProxy } from './tcp-proxy.js';
import { traced, traceProgram } from './trace-program.js';

describe('chit-trace, with the logs of a server and three clients, one of which lost its connection', function () {
  this.timeout(60_000);
  const endings = endedAfterAll();
  let logs: string[] = [];
  let server = '';
  let said: string[] = [];

  before('the conversation', async () => {
    server = join(temporaryDirectory(endings), 'server.log');
    const process = await ServerProcess.start(endings, { args: ['--log-level', 'debug', '--log-file', server] });
    const proxy = await TcpProxy.start(endings, process.address);
    const ada = await ClientProcess.joined(endings, process.address, { name: 'Ada' });
    const bob = await ClientProcess.joined(endings, proxy.address, { name: 'Bob' });
    const cyd = await ClientProcess.joined(endings, process.address, { name: 'Cyd' });
    ada.say('from Ada');
    bob.say('from Bob');
    cyd.say('from Cyd, with \u202ebidi');
    for (const text of ['from Ada', 'from Bob', 'from Cyd, with \u202ebidi']) await bob.heard(text);
    proxy.cut();
    ada.say('while Bob is away');
    await bob.heard('while Bob is away', 20_000);
    await bob.leave();
    await cyd.leave();
    await ada.told('left', 'Cyd');
    said = ada.texts;
    await ada.leave();
    await process.stop();
    logs = [ada, bob, cyd].map(({ logFile }) => logFile);
  });

  it('shows one transcript: each message is sent, stamped once in the room’s order and received by all, in this order', async () => {
    const { code, lines, errorLines } = await traced(endings, ['show', '--all', '--source', ...logs, server]);
    expect(errorLines).to.deep.equal([]);
    expect(code).to.equal(0);
    const shown = (text: string) => text.replace('\u202e', '\\u{202e}');
    const where = (words: RegExp) => [...lines.keys()].filter((index) => words.test(lines[index] ?? ''));
    const stamps = lines.flatMap(
      (line) => / {2}lobby {2}stamps \d+: \S+: (.*?)(?: {2}~ .*)? {2}\S+:\d+$/.exec(line)?.[1] ?? [],
    );
    expect(stamps).to.deep.equal(said.map(shown));
    for (const text of said.map(shown)) {
      const words = text.replace(/[\\{}]/g, '\\$&');
      const [sent = -1] = where(new RegExp(`sends \\d+: ${words} `));
      const [stamped = -1] = where(new RegExp(`stamps \\d+: \\S+: ${words} `));
      const received = where(new RegExp(`receives \\d+: \\S+: ${words} `));
      expect(sent).to.be.within(0, stamped);
      expect(received.length).to.equal(3);
      for (const receipt of received) expect(receipt).to.be.above(stamped);
    }
    expect(where(/Bob {4}loses its connection/).length).to.equal(1);
    expect(where(/Bob {4}asks to go on in lobby/).length).to.equal(1);
    expect(lines.join('\n')).not.to.include('\u001b');

    const short = await traced(endings, ['show', '--color', 'always', ...logs], { env: { NO_COLOR: '1' } });
    expect(short.lines.join('\n')).to.include('\u001b[').and.to.include('received by all 3 at L ');
    expect(short.lines.length).to.be.below(lines.length);
  });

  it('exports what ShiViz reads, with the events of all of them', async () => {
    const file = join(temporaryDirectory(endings), 'talk.shiviz');
    const { code, errorLines } = await traced(endings, ['export', '--format', 'shiviz', ...logs, server, '-o', file]);
    expect([code, ...errorLines]).to.deep.equal([0]);
    const events = readAsShiviz(readFileSync(file, 'utf8'));
    expect(new Set(events.map(({ host }) => host))).to.deep.equal(new Set(['lobby', 'Ada', 'Bob', 'Cyd']));
    for (const host of ['lobby', 'Ada', 'Bob', 'Cyd']) {
      const own = events.filter((event) => event.host === host).map(({ clock }) => clock.get(host));
      expect(own).to.deep.equal(own.map((_, index) => index + 1));
    }
    const last = events.findLast(({ event }) => event.includes('Ada receives'));
    expect([...(last?.clock.keys() ?? [])]).to.have.members(['lobby', 'Ada', 'Bob', 'Cyd']);
    expect(events.filter(({ event }) => event.startsWith('lobby stamps')).length).to.equal(said.length + 6);
  });

  it('ends without a word when nobody reads on, and with one line and 2 when it cannot do what is asked for', async () => {
    const [log = ''] = logs;
    const unread = traceProgram(endings, ['show', '--all', ...logs], { unread: true });
    unread.closeOutput();
    expect(await unread.ended).to.equal(0);
    expect(unread.errorLines).to.deep.equal([]);

    const before = readFileSync(log, 'utf8');
    const refusals: [readonly string[], string][] = [
      [['show', '/nowhere/ada.log'], '/nowhere/ada.log cannot be read'],
      [['show', '--participants', 'Zoe', log], 'no participant "Zoe", but of Ada'],
      [['show', '--from', '3', '--to', '2', log], 'give the smaller one first'],
      [['show', '--from', 'x', log], 'whole number'],
      [['export', log], '--format'],
      [['export', '--format', 'shiviz', log, '-o', log], 'is one of the logs'],
      [['export', '--format', 'shiviz', log, '-o', '/nowhere/talk'], '/nowhere/talk cannot be written'],
    ];
    for (const [args, words] of refusals) {
      const { code, lines, errorLines } = await traced(endings, args);
      expect([code, lines, errorLines.length]).to.deep.equal([2, [], 1]);
      expect(errorLines[0])
        .to.match(/^chit-trace: /)
        .and.to.include(words);
    }
    expect(readFileSync(log, 'utf8')).to.equal(before);
  });
});
