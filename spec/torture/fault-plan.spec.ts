import { expect } from 'chai';
import { type FaultKind, faultKinds, faultLine, faultPlan } from './fault-plan.js';

const targets = { networks: 6, cast: 12, crowd: 40 };

describe('the plan of faults', () => {
  it('is the same for the same seed and time, and another for others', () => {
    expect(faultPlan(7, 90, targets)).to.deep.equal(faultPlan(7, 90, targets));
    expect(faultPlan(7, 90, targets)).not.to.deep.equal(faultPlan(8, 90, targets));
    expect(faultPlan(7, 90, targets)).not.to.deep.equal(faultPlan(7, 60, targets));
  });

  it('has every fault healed when its time is over, and each lane’s faults one after the other', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const seconds = 5 + (seed % 100);
      const ends = new Map<string, number>();
      for (const { lane, atMs, lastsMs } of faultPlan(seed, seconds, targets)) {
        expect(atMs, `seed ${seed}`).to.be.at.least(ends.get(lane) ?? 0);
        expect(atMs + lastsMs, `seed ${seed}`).to.be.at.most(seconds * 1000);
        ends.set(lane, atMs + lastsMs);
      }
    }
  });

  it('hits only what there is, and is ordered by time', () => {
    const few = { networks: 2, cast: 1, crowd: 3 };
    const plan = faultPlan(3, 120, few);
    for (const { lane, target } of plan) {
      const [kind] = lane.split(' ') as ['server' | 'network' | 'cast' | 'crowd'];
      const count = { server: 1, network: few.networks, cast: few.cast, crowd: few.crowd }[kind];
      expect(target, lane).to.be.within(0, count - 1);
    }
    const times = plan.map(({ atMs }) => atMs);
    expect(times).to.deep.equal([...times].sort((a, b) => a - b));
    expect(faultPlan(3, 120, { networks: 0, cast: 0, crowd: 0 }).every(({ lane }) => lane === 'server')).to.equal(true);
  });

  it('has faults of every kind in a minute and a half, whatever the seed', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const kinds = new Set<FaultKind>(faultPlan(seed, 90, targets).map(({ kind }) => kind));
      expect([...kinds].sort(), `seed ${seed}`).to.deep.equal([...faultKinds].sort());
    }
  });

  it('is printed as a line for each fault', () => {
    const freeze = { lane: 'network 1', kind: 'freeze', atMs: 1_500, lastsMs: 2_000, target: 3, count: 1 } as const;
    expect(faultLine(freeze)).to.equal('   1.5 s  network 3: freeze for 2.0 s');
    const storm = { lane: 'server', kind: 'storm', atMs: 20_000, lastsMs: 900, target: 0, count: 4 } as const;
    expect(faultLine(storm)).to.equal('  20.0 s  server: storm of 4 for 0.9 s');
  });
});
