import { expect } from 'chai';
import { transcriptLines } from '../../../lib/cli/trace/transcript-lines.js';
import { noColours } from '../../../lib/display/palette.js';
import { rows } from '../../../lib/display/rows.js';
import { transcript } from '../../../lib/trace/show/transcript.js';
import { type Selection, select } from '../../../lib/trace/space-time/selection.js';
import { spaceTimeOf } from '../../../lib/trace/space-time/space-time-of.js';
import { townAfter } from '../../trace/good-histories.js';
import type { Happening } from '../../trace/simulated-town.js';
import { runOf } from '../../trace/space-time/run-of.js';

describe('The lines of a transcript', () => {
  const [ada, bob] = [0, 2];
  const does = (what: Happening['what'], who: number, n = 0): Happening => ({ what, who, n });
  /** Ada and Bob speak at once, Bob's connection breaks, Ada leaves. */
  const course: readonly Happening[] = [
    ...[does('join', ada), does('up', ada, 1), does('down', ada, 2)],
    ...[does('join', bob, 1), does('up', bob, 1), does('down', bob, 3), does('down', ada, 1)],
    ...[does('say', ada, 0), does('say', bob, 1), does('up', bob, 1), does('up', ada, 1)],
    ...[does('down', ada, 2), does('down', bob, 1), does('cut', bob), does('grace over', bob), does('down', ada, 1)],
    ...[does('leave', ada), does('up', ada, 1), does('down', ada, 2), does('read logs', ada)],
  ];

  function told(
    {
      all = false,
      columns = 1_000,
      source,
      ...selection
    }: Selection & { all?: boolean; columns?: number; source?: boolean },
    rename: (name: string) => string = (name) => name,
  ): string[] {
    const spaceTime = spaceTimeOf(runOf(townAfter(course).recorder.history()));
    const lifelines = spaceTime.lifelines.map((lifeline) => ({ ...lifeline, name: rename(lifeline.name) }));
    const moments = spaceTime.moments.map((moment) => ({ ...moment, timeMs: undefined }));
    const selected = select({ ...spaceTime, lifelines, moments }, selection);
    const linesOf = transcriptLines(selected, { source });
    return [...transcript(selected, { all })]
      .flatMap((entry) => linesOf(entry))
      .flatMap((line) => rows(line, columns, noColours).trimEnd().split('\n'))
      .map((row) => row.replace(/ {16}/, ' | '));
  }

  it('tell in columns what happened, who received it, and what crossed in flight', () => {
    expect(told({})).to.deep.equal([
      ' 1 | Ada    asks to join lobby',
      ' 1 | Bob    asks to join lobby',
      ' 2 | lobby  stamps 1: Ada joined  · received by Ada at L 3; as history by Bob at L 3',
      ' 3 | lobby  stamps 2: Bob joined  · received by all 2 at L 4, 4',
      ' 5 | Ada    sends 1: hi',
      ' 5 | Bob    sends 1: Grüße',
      ' 6 | lobby  stamps 3: Bob: Grüße  · received by all 2 at L 7, 7',
      ' 7 | lobby  stamps 4: Ada: hi  ~ crossed 3  · received by Ada at L 8; not by Bob',
      ' 7 | Bob    loses its connection',
      ' 8 | lobby  stamps 5: Bob left (connection lost)  · received by Ada at L 9',
      '10 | Ada    asks to leave lobby',
      '11 | lobby  stamps 6: Ada left  · received by Ada at L 12',
    ]);
  });

  it('tell every single moment where all are asked for, and the line that says so', () => {
    expect(told({ all: true, source: true, from: 3, to: 3 })).to.deep.equal([
      '5 | Bob    sends 1: Grüße  Bob.log:5',
      '6 | lobby  stamps 3: Bob: Grüße',
      '7 | Ada    receives 3: Bob: Grüße  Ada.log:6',
      '7 | Bob    receives 3: Bob: Grüße  Bob.log:6',
      '7 | Bob    loses its connection  Bob.log:8',
    ]);
  });

  it('keep to the participants that are asked for', () => {
    const rows = told({ participants: ['Bob'], to: 3 });
    expect(
      rows.filter((row) => row.includes('Ada at')).concat(rows.filter((row) => row.includes('| Ada'))),
    ).to.deep.equal([]);
    expect(rows).to.include('6 | lobby  stamps 3: Bob: Grüße  · received by Bob at L 7');
  });

  it('are broken at the edge of the terminal, under what happened', () => {
    expect(told({ columns: 60, from: 3, to: 3 })).to.deep.equal([
      '5 | Bob    sends 1: Grüße',
      '6 | lobby  stamps 3: Bob: Grüße  · received by',
      ' |         all 2 at L 7, 7',
      '7 | Bob    loses its connection',
    ]);
  });

  it('let no name move the cursor or push the columns about', () => {
    const rows = told({ from: 3, to: 3 }, (name) => (name === 'Bob' ? `\u001b[2J${'long '.repeat(9)}` : name));
    expect(rows[0]).to.equal('5 | \\u{1b}[2Jlong long …  sends 1: Grüße');
    expect(rows[1]).to.equal('6 | lobby                 stamps 3: Bob: Grüße  · received by all 2 at L 7, 7');
  });
});
