import { expect } from 'chai';
import type { JournalRecord } from '../system/journal-records.js';
import { clockSteps } from './clock-steps.js';

const record = (event: string, fields: Partial<JournalRecord>): JournalRecord => ({
  ...{ time: '', component: 'client', level: 30, participant: 'Ada' },
  ...{ event, ...fields },
});

describe("The moves of a client's clock, from its log [S8]", () => {
  const good = [
    record('begin', { clock: 0 }),
    record('connect', { lamport: 1 }),
    record('receive', { lamport: 2, clock: 3 }),
    record('send', { lamport: 4 }),
    record('accepted', {}),
    record('receive', { lamport: 9, clock: 10 }),
  ];

  it('are told with the time before and after', () => {
    expect(clockSteps(good).map(({ before, after }) => [before, after])).to.deep.equal([
      [0, 1],
      [1, 3],
      [3, 4],
      [4, 10],
    ]);
  });

  it('are not told where one breaks a rule', () => {
    const late = (clock: number) => [...good, record('receive', { lamport: 5, clock })];
    expect(clockSteps(late(11))).to.have.length(5);
    expect(() => clockSteps(late(10))).to.throw("Ada's log says 10 where Lamport's rules give 11");
  });
});
