import { expect } from 'chai';
import { TortureUsage, tortureOptions } from './torture-options.js';

describe('the options of the torture', () => {
  it('have defaults, and are what the command line says', () => {
    expect(tortureOptions([])).to.deep.equal({
      seed: 1,
      seconds: 90,
      cast: 12,
      crowd: 40,
      json: false,
      plan: false,
      attacks: ['frames', 'reads', 'churn'],
    });
    const line = '--seed 42 --seconds 30 --cast 3 --crowd 5 --json --plan'.split(' ');
    expect(tortureOptions(line)).to.deep.equal({
      seed: 42,
      seconds: 30,
      cast: 3,
      crowd: 5,
      json: true,
      plan: true,
      attacks: ['frames', 'reads', 'churn'],
    });
  });

  it('choose the attackers, and the Node that all runs on', () => {
    const of = (line: string) => tortureOptions(line.split(' '));
    expect(of('--attack none').attacks).to.deep.equal([]);
    expect(of('--attack churn,frames').attacks).to.deep.equal(['frames', 'churn']);
    expect(of('--bits').attacks).to.deep.equal(['frames', 'reads', 'churn', 'bits']);
    expect(of('--attack bits --bits').attacks).to.deep.equal(['bits']);
    expect(of('--node /opt/node/bin/node').node).to.equal('/opt/node/bin/node');
  });

  it('are refused where they make no sense, and the message says what would', () => {
    for (const [line, told] of [
      ['--seed x', '--seed is a whole number from 0 to 4294967295'],
      ['--seconds 4', '--seconds is a whole number from 5 to 3600'],
      ['--cast 41', '--cast is a whole number from 2 to 40'],
      ['--crowd 1.5', '--crowd is a whole number from 2 to 300'],
      ['--attack frames,rain', '--attack is none, or some of frames,reads,churn,bits; it has “rain”'],
      ['--unknown', 'Unknown option'],
    ] as const) {
      expect(() => tortureOptions(line.split(' ')), line).to.throw(TortureUsage, told);
    }
  });
});
