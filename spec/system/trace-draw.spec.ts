import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ClientProcess } from './client-process.js';
import { type Endings, endedAfterAll, temporaryDirectory } from './endings.js';
import { ServerProcess } from './server-process.js';
import { traced } from './trace-program.js';

const people = ['ada', 'bob', 'cem'];

/** Logs of a real conversation of three: they join, each says something, and leave. */
async function talkedLogs(endings: Endings): Promise<string[]> {
  const server = await ServerProcess.start(endings);
  const clients: ClientProcess[] = [];
  for (const name of people) clients.push(await ClientProcess.joined(endings, server.address, { name }));
  for (const client of clients) {
    client.say(`hello from ${client.name}`);
    for (const other of clients) await other.heard(`hello from ${client.name}`);
  }
  for (const client of clients) await client.leave();
  return clients.map(({ logFile }) => logFile);
}

describe('chit-trace draw', function () {
  this.timeout(60_000);
  const endings = endedAfterAll();
  let folder = '';
  let logs: string[] = [];
  before(async () => {
    folder = temporaryDirectory(endings);
    logs = await talkedLogs(endings);
  });

  async function draw(...args: readonly string[]) {
    const { code, lines, errorLines } = await traced(endings, ['draw', ...args], { cwd: folder });
    return { code, output: lines.join('\n'), errors: errorLines };
  }

  it('draws what was said from the logs of real clients, with all joins and leaves', async () => {
    const { code, output, errors } = await draw(...logs);
    expect({ code, errors }).to.deep.equal({ code: 0, errors: [] });
    for (const name of people) {
      for (const said of [`${name} joined`, `${name}: hello from ${name}`, `${name} left`])
        expect(output).to.include(`>${said}<`);
    }
    expect(output).to.match(/^<svg .*<\/svg>$/s);
    expect(output.match(/<title>lobby stamps \d: /g)).to.have.length(9);
  });

  it('chooses the format by the name of the file', async () => {
    for (const [file, beginning] of [
      ['talk.svg', '<svg'],
      ['talk.html', '<!doctype html>'],
      ['talk.mmd', 'sequenceDiagram'],
    ] as const) {
      expect(await draw(...logs, '-o', file)).to.deep.equal({ code: 0, output: '', errors: [] });
      expect(readFileSync(join(folder, file), 'utf8').startsWith(beginning), file).to.equal(true);
    }
  });

  it('draws a part: some events, and some participants', async () => {
    const { output } = await draw(...logs, '--from', '4', '--to', '5', '--participants', 'bob', '--format', 'mermaid');
    expect(output).to.include('actor').and.to.include('as bob').and.not.to.include('as ada');
    expect([...output.matchAll(/: (\d+)\. /g)].map(([, sequence]) => sequence)).to.deep.equal(['4', '5']);
  });

  it('writes a file for each page, and tells their names', async () => {
    const { code, errors } = await draw(...logs, '-o', 'paged.svg', '--page-events', '3');
    expect(code).to.equal(0);
    const pages = readdirSync(folder).filter((file) => file.startsWith('paged'));
    expect(pages.sort()).to.deep.equal(
      ['paged-1.svg', 'paged-2.svg', 'paged-3.svg', 'paged-4.svg'].slice(0, pages.length),
    );
    expect(pages.length).to.be.within(3, 4);
    expect(errors).to.deep.equal([
      `chit-trace: The drawing has ${pages.length} pages: paged-1.svg to paged-${pages.length}.svg.`,
    ]);
  });

  it('refuses what makes no sense, in one line that says what and what to do instead', async () => {
    const [ada = ''] = logs;
    const refusals: readonly [readonly string[], RegExp][] = [
      [[ada, '-o', 'talk.png'], /talk\.png does not say which format: add --format/],
      [[ada, '--participants', 'eve'], /no participant "eve", but of ada/],
      [[ada, '--from', '9', '--to', '3'], /give the smaller one first/],
      [[ada, '--from', '99'], /the logs tell of the events 1 to 7/],
      [[ada, '--from', 'x'], /whole number, 1 or more/],
      [[ada, '--page-events', '0', '-o', 'talk.svg'], /whole number, 1 or more/],
      [[ada, '--page-events', '3'], /-o FILE\.svg/],
      [[ada, '--format', 'svg', '-o', ada], /would be overwritten/],
      [[ada, '-o', join('nowhere', 'talk.svg')], /nowhere.*cannot be written/],
      [['missing.log'], /missing\.log cannot be read/],
      [[], /missing required argument/],
    ];
    for (const [args, said] of refusals) {
      const { code, output, errors } = await draw(...args);
      expect({ code, output }, String(said)).to.deep.equal({ code: 2, output: '' });
      expect(errors).to.have.length(1);
      expect(errors[0]).to.match(said);
    }
    expect(existsSync(join(folder, 'talk.png'))).to.equal(false);
    expect(readFileSync(ada, 'utf8')).to.include('"component":"client"');
  });

  it('explains itself', async () => {
    const { code, output } = await draw('--help');
    expect(code).to.equal(0);
    for (const option of ['--output', '--format', '--from', '--to', '--participants', '--page-events', 'Examples:']) {
      expect(output).to.include(option);
    }
  });
});
