import { expect } from 'chai';
import { check } from '../../lib/trace/check/check.js';
import { type Happening, simulate } from './simulation.js';

describe('The actors on virtual time, under faults that a seed decides', function () {
  this.timeout(60_000);

  it('keep every promise in every order [P1] [P2] [P3] [P4] [P5] [P6] [P7] [P8] [P9]', async () => {
    const happened = new Map<string, number>();
    let events = 0;
    for (let seed = 1; seed <= 300; seed += 1) {
      const run = await simulate(seed, 300);
      expect(check(run.history), `seed ${seed}`).to.deep.equal([]);
      events += run.events;
      for (const [happening, count] of Object.entries(run.happened) as [Happening, number][]) {
        happened.set(happening, (happened.get(happening) ?? 0) + count);
      }
    }
    expect(events, 'something was said').to.be.greaterThan(3_000);
    for (const [happening, count] of happened) expect(count, happening).to.be.greaterThan(0);
  });

  it('do the same again for the same seed', async () => {
    const told = async (seed: number) => {
      const { history, ...rest } = await simulate(seed, 200);
      const steps = history.clients.map((client) => client.steps.length);
      return { ...rest, steps };
    };
    expect(await told(7)).to.deep.equal(await told(7));
  });
});
