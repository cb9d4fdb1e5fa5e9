import { expect } from 'chai';
import { badInputs } from './bad-inputs.js';
import { exitCodeOf, exitCodes, reportText } from './torture-report.js';
import { torture } from './torture-run.js';

describe('a real server and real clients under faults', function () {
  this.timeout(240_000);

  it('keep every promise [P1] [P2] [P3] [P4] [P5] [P6] [P7] [P8] [P9]', async () => {
    const options = {
      seed: 2,
      seconds: 20,
      cast: 5,
      crowd: 12,
      json: false,
      plan: false,
      attacks: ['frames', 'reads', 'churn'] as const,
    };
    const report = await torture(options, new AbortController().signal);
    expect(exitCodeOf(report), `\n${reportText(report)}`).to.equal(exitCodes.kept);
    const { figures, badInputs: bad } = report;
    expect(figures.events, 'something was said').to.be.greaterThan(300);
    expect(figures.reconnects, 'connections were lost').to.be.greaterThan(20);
    expect(report.serverStarts, 'the server was killed').to.be.greaterThan(1);
    expect(bad.kinds, 'each bad input got its answer').to.equal(badInputs.length);
  });
});
