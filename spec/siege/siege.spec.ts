import { expect } from 'chai';
import { attacks } from './attacks.js';
import { siege } from './siege-run.js';

describe('a real server, besieged', function () {
  this.timeout(240_000);

  it('by all attackers at once lives, two who chat lose nothing, and nobody honest loses a session', async () => {
    const report = await siege(
      { seed: 1, seconds: 6, storm: 20, oneAddress: false, without: [], growthMax: 100 },
      () => {},
    );
    const told = JSON.stringify(report, undefined, 2);
    expect(report.alive, told).to.equal(true);
    expect(report.lost, told).to.equal(0);
    const { empty, before, most, growth } = report.memoryMb;
    if (process.platform === 'linux') expect(empty, told).to.be.greaterThan(0);
    expect(growth, told).to.equal(most - before);
    expect(report.findings.filter((sentence) => /bystander: |log has/.test(sentence))).to.deep.equal([]);
    expect(Object.keys(report.attacks)).to.have.members(['storm', ...Object.keys(attacks)]);
    for (const [name, { participants, connections, asking, refusals }] of Object.entries(report.attacks)) {
      expect(participants ?? connections ?? asking ?? refusals, `what ${name} did; ${told}`).to.be.greaterThan(0);
    }
  });
});
