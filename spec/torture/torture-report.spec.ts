import { expect } from 'chai';
import type { Violation } from '../../lib/trace/check/violation.js';
import { exitCodeOf, reportText, type TortureReport } from './torture-report.js';

const kept: TortureReport = {
  seed: 7,
  seconds: 90,
  faults: { 'server-kill': 2, cut: 1 },
  impossible: [],
  figures: {
    rooms: 3,
    events: 100,
    received: 900,
    filled: 20,
    accepted: 60,
    refused: 5,
    unknown: 4,
    joins: 30,
    resumes: 12,
    reconnects: 15,
  },
  badInputs: { sent: 50, answered: 49, kinds: 40, of: 40 },
  worstCatchUp: { client: 'Ada', after: 'freeze', ms: 1200, behind: 31 },
  attacks: { churn: { joins: 12, roomsBegun: 3 } },
  delays: { count: 200, p99Ms: 40, worstMs: 90 },
  serverMemoryKib: 150 * 1024,
  deaths: [],
  serverStarts: 3,
  longestStartMs: 400,
  unwritable: 2,
  violations: [],
  findings: [],
  incomplete: [],
  evidence: undefined,
};

const gap: Violation = {
  promise: 'P3',
  kind: 'gap',
  room: 'tea',
  where: { sequence: 5 },
  message: 'Ada missed event 5.',
  exhibits: [],
};

describe('the report of the torture', () => {
  it('tells the figures and that no promise was broken', () => {
    const text = reportText(kept);
    expect(text).to.contain('seed 7, 90 s, 3 faults: 2 server-kill, 1 cut\n');
    expect(text).to.contain('100 events in the logs of 3 rooms, 900 received (20 filled in)\n');
    expect(text).to.contain('worst catch-up: 1200 ms, 31 events (Ada after freeze)\n');
    expect(text).to.match(/\nno violation\n$/);
    expect(exitCodeOf(kept)).to.equal(0);
  });

  it('tells each violation, up to twenty, and where the evidence is', () => {
    const violations = Array.from({ length: 23 }, () => gap);
    const report = { ...kept, violations, evidence: '/tmp/evidence' };
    const text = reportText(report);
    expect(text.match(/violation of P3 \(gap\) in tea: Ada missed event 5\./g)).to.have.length(20);
    expect(text).to.match(/\nand 3 violations more\nevidence: \/tmp\/evidence\n$/);
    expect(text).not.to.contain('no violation');
    expect(exitCodeOf(report)).to.equal(1);
  });

  it('takes what else is wrong for a violation, and what nobody knows for no pass', () => {
    const wrong = { ...kept, findings: ['The server ended by itself.'] };
    expect(reportText(wrong)).to.contain('wrong: The server ended by itself.\n');
    expect(exitCodeOf(wrong)).to.equal(1);
    const unknown = { ...kept, incomplete: ['Ada never came back'], worstCatchUp: undefined };
    expect(reportText(unknown)).to.match(/nobody had to catch up\n[\s\S]*incomplete: Ada never came back\n$/);
    expect(exitCodeOf(unknown)).to.equal(3);
    expect(exitCodeOf({ ...unknown, findings: ['x'] })).to.equal(1);
  });

  it('tells what was done by attackers, and what it cost others', () => {
    const text = reportText(kept);
    expect(text).to.contain('churn: 12 joins, 3 roomsBegun\n');
    expect(text).to.contain('bystanders: 200 deliveries, 99 of 100 within 40 ms, the worst in 90 ms\n');
    expect(text).to.contain('the server took 150 MiB of memory at most\n');
  });

  it('fails where the server died, with its last words', () => {
    const deaths = [{ life: 2, how: 'SIGABRT', afterMs: 1_234, lastLines: ['Assertion failed'] }] as const;
    const report = { ...kept, deaths };
    const text = reportText(report);
    expect(text).to.contain('the server died by itself (SIGABRT) in its life 2 after 1234 ms:\n  Assertion failed\n');
    expect(text).not.to.contain('no violation');
    expect(exitCodeOf(report)).to.equal(1);
  });

  it('names what the machine does not allow', () => {
    expect(reportText({ ...kept, impossible: ['disk-full'] })).to.contain('not possible on this machine: disk-full\n');
  });
});
