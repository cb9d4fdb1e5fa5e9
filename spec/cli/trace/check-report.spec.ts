import { expect } from 'chai';
import { checkReport, contentOf, filesRead, reportLimits } from '../../../lib/cli/trace/check-report.js';
import { type Counterexample, promiseIds, type Verdict } from '../../../lib/trace/check/verdict.js';

const kept: Verdict = {
  end: 'done',
  seen: { events: 5, witnesses: 2, participants: 3 },
  judgements: promiseIds.map((promise) => ({ promise, state: 'kept' })),
  counterexamples: [],
  more: false,
  unknowns: [],
  statements: ['ada and bob received the same 5 events.'],
};

const counterexample: Counterexample = {
  promise: 'P3',
  message: 'bob never received event 3.',
  lines: [
    { file: 'bob.log', line: 7 },
    { file: 'ada.log', line: 9 },
  ],
};

describe('The report of chit-trace check', () => {
  it('tells what was read, what was received, and each promise', () => {
    const lines = checkReport(['Read 1 line of 1 file:'], kept);
    expect(lines.slice(0, 3)).to.deep.equal(['Read 1 line of 1 file:', '', 'ada and bob received the same 5 events.']);
    for (const promise of promiseIds)
      expect(lines.filter((line) => line.startsWith(`${promise}  kept`))).to.have.length(1);
    expect(lines.at(-1)).to.equal('All promises were kept.');
  });

  it('tells of what is broken the line that shows it, and what that is held against', () => {
    const judgements = kept.judgements.map((one) =>
      one.promise === 'P3' ? { ...one, state: 'broken' as const } : one,
    );
    const lines = checkReport([], { ...kept, end: 'violated', judgements, counterexamples: [counterexample] });
    expect(lines.join('\n')).to.include(
      '  1. P3: bob never received event 3.\n     bob.log:7  (held against ada.log:9)\n',
    );
    expect(lines.filter((line) => line.startsWith('P3  BROKEN'))).to.have.length(1);
    expect(lines.at(-1)).to.equal('Promises were broken: 1 counterexample.');
  });

  it('says of each promise that is not known why', () => {
    const judgements = kept.judgements.map((one) =>
      one.promise === 'P8' ? { ...one, state: 'unknown' as const } : one,
    );
    const unknowns = [
      { message: 'of no matter', promises: ['P1' as const] },
      { message: 'No log tells how it ended for dan.', promises: ['P8' as const] },
    ];
    const lines = checkReport([], { ...kept, end: 'incomplete', judgements, unknowns });
    expect(lines.find((line) => line.startsWith('P8'))).to.match(/^P8 {2}as seen .* \(open: see 2\)$/);
    expect(lines).to.include('  2. No log tells how it ended for dan.');
    expect(lines.at(-1)).to.equal(
      'As far as these logs tell, every promise was kept: for 5 events, as 2 of 3 participants saw them.',
    );
    const nothing = { events: 0, witnesses: 0, participants: 0 };
    const unjudged = checkReport([], { ...kept, end: 'incomplete', seen: nothing, judgements, unknowns });
    expect(unjudged.find((line) => line.startsWith('P8'))).to.match(/^P8 {2}unknown .* \(open: see 2\)$/);
    expect(unjudged.at(-1)).to.match(/nothing could be judged\.$/);
  });

  it('tells the first counterexamples and counts the others', () => {
    const counterexamples = Array.from({ length: reportLimits.counterexamplesMax + 5 }, () => counterexample);
    const lines = checkReport([], { ...kept, end: 'violated', counterexamples });
    expect(lines.filter((line) => line.includes('bob never'))).to.have.length(reportLimits.counterexamplesMax);
    expect(lines).to.include('     and 5 more');
    const among = checkReport([], { ...kept, end: 'violated', counterexamples, more: true });
    expect(among).to.include('     and at least 5 more');
    expect(among.at(-1)).to.equal(`Promises were broken: at least ${counterexamples.length} counterexamples.`);
  });

  it('shows nothing that a log says as it is where that could move a cursor or colour the screen', () => {
    const message = 'ada said “\u001b[2J\u202e”';
    const lines = checkReport([], { ...kept, end: 'violated', counterexamples: [{ ...counterexample, message }] });
    expect(lines.join('\n')).to.include('\\u{1b}[2J\\u{202e}').and.not.to.include('\u001b');
  });

  it('tells of each file whose it is and what in it is no evidence', () => {
    const file = {
      ...{ name: 'ada.log', lines: 9, clients: ['ada'], ofServer: false, serverRecords: 0 },
      ...{ torn: [9], passedOver: 1, noRecords: 2, dropped: 2, readUpTo: 7 },
    };
    expect(filesRead([{ ...file, content: contentOf(file) }])).to.deep.equal([
      'Read 9 lines of 1 file:',
      '  ada.log  client ada, 9 lines; torn where its writer was stopped: line 9; 2 records lost in writing; read up to line 7; 2 lines of other text passed over; 1 record of other programs passed over',
    ]);
    const whole = { torn: [], passedOver: 0, noRecords: 0, dropped: 0, readUpTo: undefined };
    const server = { ...file, ...whole, clients: [], ofServer: true, serverRecords: 4 };
    expect(contentOf(server)).to.equal('server, 9 lines; 4 records of the order');
    expect(contentOf({ ...server, ofServer: false })).to.equal('nothing of Chit Chat, 9 lines');
    expect(contentOf({ ...server, ofServer: false, lines: 0 })).to.equal('empty');
  });
});
