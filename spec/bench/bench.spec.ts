import { expect } from 'chai';
import { type Result, tinySizes } from './case.js';
import { cases } from './cases.js';
import { plot } from './plot.js';
import { runCases } from './run-cases.js';
import { thisBuild } from './subjects/chit-server.js';
import { findNatsServer } from './subjects/nats-server.js';
import { table } from './table.js';

/** Cases that other servers are measured by too. */
const compared = ['fan-out', 'joins', 'paced', 'idle'];

describe('the bench, so small that it says nothing of speed', () => {
  const results: Result[] = [];
  const notes: string[] = [];

  for (const [name, measure] of cases) {
    it(`delivers everything to everybody, in order and without gap: ${name} [P2] [P3]`, async function () {
      this.timeout(60_000);
      const before = results.length;
      await runCases({
        cases: new Map([[name, measure]]),
        sizes: tinySizes,
        reported: (result) => results.push(result),
        note: (text) => notes.push(text),
      });
      const subjects = new Set(results.slice(before).map(({ subject }) => subject));
      const others = compared.includes(name) ? ['node:http2', ...(findNatsServer() ? ['nats-server'] : [])] : [];
      const jetStream = findNatsServer() ? ['nats jetstream'] : [];
      const more = new Map([
        ['fan-out', ['chit-server, process', ...jetStream]],
        ['durable', ['node:http2, durable']],
        ['idle', ['node:http2, gated']],
      ]);
      const ours = name === 'trace' ? 'chit-trace' : 'chit-server';
      expect([...subjects]).to.deep.equal([ours, ...others, ...(more.get(name) ?? [])]);
    });
  }

  it('shows each result in the table, and the compared ones in the plot', () => {
    for (const { setting } of results) expect(table(results)).to.include(`| ${setting} `);
    expect(plot(results)).to.include('fan-out, 6 participants, W=32').and.to.include('joins, 8 at once');
  });

  it('measures another build beside this one, and nothing else then', async function () {
    this.timeout(60_000);
    const measured: string[] = [];
    await runCases({
      cases: new Map([...cases].filter(([name]) => name === 'fan-out' || name === 'durable')),
      sizes: { ...tinySizes, fanOutUnderWay: [1] },
      reported: ({ case: name, subject }) => measured.push(`${name}: ${subject}`),
      note: () => {},
      against: thisBuild.directory,
      reversed: true,
    });
    const builds = ['the other build', 'chit-server'];
    expect(measured).to.deep.equal(
      ['fan-out', 'durable'].flatMap((name) => builds.map((build) => `${name}: ${build}`)),
    );
  });

  it('says so where there is no NATS to compare with', () => {
    const missing = findNatsServer() ? [] : ['nats-server is not installed, so nothing is compared with it'];
    expect([...new Set(notes)]).to.deep.equal(missing);
  });
});
