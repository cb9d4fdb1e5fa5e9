import { expect } from 'chai';
import fc from 'fast-check';
import { displaySafe } from '../../../lib/display/display-safe.js';
import { shivizLines } from '../../../lib/trace/show/shiviz.js';
import type { SpaceTime } from '../../../lib/trace/space-time/space-time.js';
import { spaceTimeOf } from '../../../lib/trace/space-time/space-time-of.js';
import { courses, townAfter } from '../good-histories.js';
import { runOf } from '../space-time/run-of.js';
import { readAsShiviz, type ShivizEvent } from './shiviz-reader.js';

describe('The export to ShiViz', () => {
  const spaceTimes = courses
    .map((course) => spaceTimeOf(runOf(townAfter(course.slice(0, 150)).history())))
    .filter(({ moments }) => moments.length > 0);

  const exported = (spaceTime: SpaceTime) =>
    [...shivizLines(spaceTime, displaySafe)].map((line) => `${line}\n`).join('');

  function everyExport(holds: (events: readonly ShivizEvent[], spaceTime: SpaceTime) => void): void {
    fc.assert(
      fc.property(spaceTimes, (spaceTime) => holds(readAsShiviz(exported(spaceTime)), spaceTime)),
      { numRuns: 60 },
    );
  }

  it('is read by the expression in its first line: each moment is one event, at its host, in causal order', () => {
    everyExport((events, { moments, lifelines }) => {
      expect(events.length).to.equal(moments.length);
      for (const [index, { host, lamport }] of events.entries()) {
        expect(lamport).to.equal(String(moments[index]?.lamport));
        expect(host).to.equal(lifelines[moments[index]?.lifeline ?? -1]?.name);
      }
    });
  });

  it('lets the own entry of each host begin with 1 and rise by 1, and has entries of hosts and moments that exist', () => {
    everyExport((events) => {
      const counts = new Map<string, number>();
      for (const { host, clock } of events) {
        const own = (counts.get(host) ?? 0) + 1;
        counts.set(host, own);
        expect(clock.get(host)).to.equal(own);
      }
      for (const { clock } of events) {
        for (const [host, entry] of clock) expect(entry).to.be.within(1, counts.get(host) ?? 0);
      }
    });
  });

  it('has clocks that are each the merge of what was before on the host and of what was received, and nothing more', () => {
    everyExport((events, { moments }) => {
      const latest = new Map<string, ReadonlyMap<string, number>>();
      for (const [index, { host, clock }] of events.entries()) {
        const merged = new Map(latest.get(host));
        const cause = moments[index]?.cause;
        for (const [other, entry] of (cause === undefined ? undefined : events[cause]?.clock) ?? []) {
          merged.set(other, Math.max(merged.get(other) ?? 0, entry));
        }
        merged.set(host, (merged.get(host) ?? 0) + 1);
        expect(new Map([...clock].sort())).to.deep.equal(new Map([...merged].sort()));
        latest.set(host, clock);
      }
    });
  });

  const awkward = fc.constantFrom(
    'a b',
    'a_b',
    'constructor',
    '__proto__',
    '{"x":1}',
    'x\n{"a":1}',
    '"',
    '\u2028',
    '',
    'Grüße',
    '7',
  );
  const awkwardText = fc.oneof(
    awkward,
    fc.string(),
    fc.constantFrom('two\nlines', '\r', '\u2029', 'a {"a":1} 2 b', '\u001b[31m'),
  );

  it('survives names and texts of any kind, and keeps hosts apart', () => {
    fc.assert(
      fc.property(spaceTimes, fc.array(fc.oneof(awkward, fc.string())), fc.array(awkwardText), (real, names, texts) => {
        const lifelines = real.lifelines.map((lifeline, index) => ({ ...lifeline, name: names[index] ?? `n${index}` }));
        const moments = real.moments.map((moment, index) => ({
          ...moment,
          text: texts[index % (texts.length + 1)] ?? '',
        }));
        const events = readAsShiviz(exported({ ...real, lifelines, moments }));
        expect(events.length).to.equal(moments.length);
        const hosts = new Map(moments.map(({ lifeline }, index) => [lifeline, events[index]?.host]));
        expect(new Set(hosts.values()).size).to.equal(hosts.size);
        for (const [index, { lifeline }] of moments.entries())
          expect(events[index]?.host).to.equal(hosts.get(lifeline));
      }),
      { numRuns: 60 },
    );
  });

  it('says in words what happened', () => {
    const course = [
      { what: 'join', who: 0, n: 0 } as const,
      { what: 'up', who: 0, n: 1 } as const,
      { what: 'down', who: 0, n: 2 } as const,
      { what: 'say', who: 0, n: 0 } as const,
    ];
    const words = readAsShiviz(exported(spaceTimeOf(runOf(townAfter(course).history())))).map(({ event }) => event);
    expect(words).to.include.members([
      'Ada asks to join lobby (L 1)',
      'Ada sends 1: hi (L 4)',
      'lobby stamps 2: Ada: hi (L 5)',
      'Ada receives 2: Ada: hi (L 6)',
    ]);
  });
});
