import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endedAfterEach, temporaryDirectory } from '../system/endings.js';
import { projectFile } from '../system/project.js';
import { partsOf } from './marked-parts.js';
import { partsFrom } from './parts.js';
import { run } from './run.js';
import { type RunLogs, readRunLogs } from './run-logs.js';
import { diagram, verdict } from './traced.js';

const report = readFileSync(projectFile('docs/report.md'), 'utf8');
const logs = readRunLogs(projectFile('docs/logs'));

const stale = 'chit-trace says or draws it otherwise now: make the report anew by npm run report';

describe('docs/report.md', () => {
  const endings = endedAfterEach();

  it('says of the run what the logs in docs/logs say, which pass chit-trace check [H5]', async () => {
    const said = await verdict(endings, projectFile(''));
    expect(partsOf(report), stale).to.deep.equal(partsFrom(logs, said));
  });

  it('has the diagram that chit-trace draw makes of these logs [H4]', async () => {
    const drawn = join(temporaryDirectory(endings), 'drawn.svg');
    await diagram(endings, projectFile(''), drawn);
    const committed = readFileSync(projectFile('docs/report-diagram.svg'), 'utf8');
    expect(readFileSync(drawn, 'utf8') === committed, stale).to.equal(true);
  });

  it('lists every method with its kind, and every message with its fields [H2]', () => {
    const contract = readFileSync(projectFile('proto/chit/v1/chat.proto'), 'utf8');
    const row = (name: string) => report.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? '';
    for (const [, name = '', up = '', request, down = '', response] of contract.matchAll(
      /rpc (\w+)\((stream )?(\w+)\) returns \((stream )?(\w+)\)/g,
    )) {
      const kind = up ? 'bidirectional streaming' : down ? 'server streaming' : 'unary';
      expect(row(name)).to.contain(` ${kind} | ${up}\`${request}\` | ${down}\`${response}\` |`);
    }
    const messages = [...contract.matchAll(/^message (\w+) \{(\}|[\s\S]*?^\})/gm)];
    expect(messages).to.have.length.above(20);
    for (const [, name = '', body = ''] of messages) {
      for (const [, field, number] of body.matchAll(/^ +(?:repeated )?[\w.]+ (\w+) = (\d+);/gm)) {
        expect(row(name)).to.match(new RegExp(`\\b${number} ${field}\\b`));
      }
    }
  });

  it('is of a run that every run is like: the same events at the same logical times, with the same chain', async () => {
    const folder = join(temporaryDirectory(endings), 'logs');
    mkdirSync(folder);
    await run(endings, folder, () => {});
    expect(course(readRunLogs(folder))).to.deep.equal(course(logs));
  });
});

function course({ events, clients }: RunLogs) {
  const clocks = [...clients].map(([name, records]) => [name, records.map(({ event, clock }) => [event, clock])]);
  return { events: events.map(({ sequence, lamport, chain, text }) => ({ sequence, lamport, chain, text })), clocks };
}
