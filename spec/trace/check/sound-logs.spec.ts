import { expect } from 'chai';
import fc from 'fast-check';
import { judge } from '../../../lib/trace/check/judge.js';
import { courses, townAfter } from '../good-histories.js';
import { linesOf, partsOf } from '../history/logs/lines-of-history.js';
import { runOfLines } from '../history/logs/log-lines.js';

/** Which logs are given, and which of their lines: from so many of a thousand on, up to so many. */
const parts = fc.array(fc.record({ given: fc.boolean(), from: fc.nat(1000), to: fc.nat(1000) }), {
  minLength: 5,
  maxLength: 5,
});

function counterexamples(files: Record<string, readonly string[]>): string {
  const found = judge(runOfLines(files)).counterexamples;
  return found.map(({ promise, message, lines }) => `${promise} ${message} ${JSON.stringify(lines)}`).join('\n');
}

describe('chit-trace check, of the logs of clients whose server keeps P1 to P9', () => {
  it('finds nothing broken, through cuts, kills and restarts', () => {
    fc.assert(
      fc.property(courses, (course) => {
        const { clients } = townAfter(course).history();
        const logs = Object.fromEntries(clients.map((record) => [`${record.client}.log`, linesOf(record)]));
        expect(counterexamples(logs)).to.equal('');
      }),
      { numRuns: 300 },
    );
  });

  it('finds nothing broken where only some logs are given, and only parts of them', () => {
    fc.assert(
      fc.property(courses, parts, (course, chosen) => {
        const { clients } = townAfter(course).history();
        const logs = clients.flatMap((record, index): [string, string[]][] => {
          const { given = false, from = 0, to = 0 } = chosen[index] ?? {};
          const lines = linesOf(record);
          const [first, last] = [from % 3 === 0 ? from : 0, to % 3 === 0 ? to : 1000];
          const part = lines.slice(Math.floor((lines.length * first) / 1000), Math.ceil((lines.length * last) / 1000));
          return given ? [[`${record.client}.log`, part]] : [];
        });
        expect(counterexamples(Object.fromEntries(logs))).to.equal('');
      }),
      { numRuns: 300 },
    );
  });

  it('finds nothing broken where parts of rotated logs are missing, each of which tells where its client stands', () => {
    const rotated = fc.array(
      fc.record({ sizes: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }), missing: fc.nat(31) }),
      { minLength: 5, maxLength: 5 },
    );
    fc.assert(
      fc.property(courses, rotated, (course, chosen) => {
        const { clients } = townAfter(course).history();
        const logs = clients.map((record, index): [string, string[]] => {
          const { sizes = [], missing = 0 } = chosen[index] ?? {};
          const given = partsOf(linesOf(record), sizes).filter((_, part) => ((missing >> part) & 1) === 0);
          return [`${record.client}.log`, given.flat()];
        });
        expect(counterexamples(Object.fromEntries(logs))).to.equal('');
      }),
      { numRuns: 300 },
    );
  });

  it('says the same of a rotated log with all its parts as of one that never was', () => {
    fc.assert(
      fc.property(courses, fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }), (course, sizes) => {
        const { clients } = townAfter(course).history();
        const run = (parts: (lines: string[]) => string[]) =>
          runOfLines(Object.fromEntries(clients.map((record) => [`${record.client}.log`, parts(linesOf(record))])));
        const [rotated, whole] = [run((lines) => partsOf(lines, sizes).flat()), run((lines) => lines)];
        expect(rotated.evidence.history).to.deep.equal(whole.evidence.history);
        expect(judge(rotated)).to.deep.equal(judge(whole));
      }),
      { numRuns: 50 },
    );
  });

  it('finds nothing broken where records were lost in writing, and the logs say so', () => {
    const holes = fc.array(fc.record({ from: fc.nat(1000), count: fc.nat(30) }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(courses, holes, holes, (course, some, more) => {
        const { clients } = townAfter(course).history();
        const logs = clients.map((record, index) => {
          const lines = withHole(withHole(linesOf(record), some[index]), more[index]);
          return [`${record.client}.log`, lines] as const;
        });
        expect(counterexamples(Object.fromEntries(logs))).to.equal('');
      }),
      { numRuns: 300 },
    );
  });
});

/** What a client's process would have written that could not write some records: how many they were, with the next one. */
function withHole(lines: readonly string[], { from, count } = { from: 0, count: 0 }): readonly string[] {
  const at = 1 + Math.floor(((lines.length - 1) * from) / 1000);
  const before = lines[at - 1];
  if (before === undefined || count === 0) return lines;
  const { pid } = JSON.parse(before);
  const isOther = (line: string) => JSON.parse(line).pid !== pid;
  const rest = lines.slice(at);
  const ofProcess = rest.some(isOther) ? rest.findIndex(isOther) : rest.length;
  const lost = Math.min(count, ofProcess);
  const dropped = JSON.stringify({ ...JSON.parse(before), event: 'records-dropped', count: lost });
  return [...lines.slice(0, at), dropped, ...rest.slice(lost)];
}
