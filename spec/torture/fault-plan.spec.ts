import { expect } from 'chai';
import { type Attack, attacks } from './attacks.js';
import { type Fault, type FaultKind, faultKinds, faultLine, faultPlan } from './fault-plan.js';

const targets = { networks: 6, cast: 12, crowd: 40, attacks };

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
    const few = { networks: 2, cast: 1, crowd: 3, attacks: [] };
    const plan = faultPlan(3, 120, few);
    for (const { lane, target } of plan) {
      const [kind] = lane.split(' ') as ['server' | 'network' | 'cast' | 'crowd'];
      const count = { server: 1, network: few.networks, cast: few.cast, crowd: few.crowd }[kind];
      expect(target, lane).to.be.within(0, count - 1);
    }
    const times = plan.map(({ atMs }) => atMs);
    expect(times).to.deep.equal([...times].sort((a, b) => a - b));
    expect(
      faultPlan(3, 120, { networks: 0, cast: 0, crowd: 0, attacks: [] }).every(({ lane }) => lane === 'server'),
    ).to.equal(true);
  });

  it('has faults of every kind in a minute and a half, whatever the seed', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const kinds = new Set<FaultKind>(faultPlan(seed, 90, targets).map(({ kind }) => kind));
      expect([...kinds].sort(), `seed ${seed}`).to.deep.equal([...faultKinds].sort());
    }
  });

  it('attacks as is asked for, and each attack does the same whichever others there are', () => {
    const of = (...chosen: Attack[]) => faultPlan(5, 60, { ...targets, attacks: chosen });
    const lane = (plan: readonly Fault[], name: string) => plan.filter((fault) => fault.lane === name);
    const all = of(...attacks);
    for (const name of ['frames', 'reads', 'churn'] as const) {
      expect(lane(all, name), name).to.have.length.greaterThan(5);
      expect(lane(of(name), name), name).to.deep.equal(lane(all, name));
      expect(new Set(lane(all, name).map(({ seed }) => seed)), 'each time is another').to.have.length.greaterThan(5);
    }
    expect(of().every(({ seed, flips }) => seed === undefined && flips === undefined)).to.equal(true);
  });

  it('flips bits only while the server is down, if at all', () => {
    const plan = faultPlan(5, 120, targets);
    const down = plan.filter(({ kind }) => kind === 'server-kill' || kind === 'server-stop');
    expect(down).to.have.length.greaterThan(5);
    expect(plan.filter(({ flips }) => flips !== undefined)).to.deep.equal(down);
    for (const { flips = [] } of down) {
      expect(flips).to.have.length.within(1, 3);
      for (const { record, byte, bit } of flips) {
        expect(record).to.be.within(0, 1);
        expect(byte).to.be.within(0, 1);
        expect(bit).to.be.within(0, 7);
      }
    }
  });

  it('is printed as a line for each fault', () => {
    const freeze = { lane: 'network 1', kind: 'freeze', atMs: 1_500, lastsMs: 2_000, target: 3, count: 1 } as const;
    expect(faultLine(freeze)).to.equal('   1.5 s  network 3: freeze for 2.0 s');
    const storm = { lane: 'server', kind: 'storm', atMs: 20_000, lastsMs: 900, target: 0, count: 4 } as const;
    expect(faultLine(storm)).to.equal('  20.0 s  server: storm of 4 for 0.9 s');
    const churn = { lane: 'churn', kind: 'churn', atMs: 0, lastsMs: 3_000, target: 0, count: 2, seed: 7 } as const;
    expect(faultLine(churn)).to.equal('   0.0 s  churn: churn of 2 for 3.0 s from 7');
  });
});
