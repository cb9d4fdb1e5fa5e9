import { expect } from 'chai';
import { judge } from '../../../lib/trace/check/judge.js';
import type { Verdict } from '../../../lib/trace/check/verdict.js';
import { partsOf } from '../history/logs/lines-of-history.js';
import {
  altered,
  type FileName,
  type Logs,
  lineOf,
  recorded,
  runOfLines,
  withLines,
} from '../history/logs/log-lines.js';

function judged(logs: Logs): Verdict {
  return judge(runOfLines(logs));
}

function only(...files: FileName[]): Logs {
  return Object.fromEntries(files.map((file) => [file, recorded[file] ?? []]));
}

/** The lines from the one with these fields on, or up to it. */
function cut(file: FileName, fields: Readonly<Record<string, unknown>>, side: 'from' | 'to'): Logs {
  const line = lineOf(recorded, file, fields);
  const lines = recorded[file] ?? [];
  return { [file]: side === 'from' ? lines.slice(line - 1) : lines.slice(0, line) };
}

function messages({ unknowns }: Verdict): string {
  return unknowns.map(({ message }) => message).join('\n');
}

function unknown({ judgements }: Verdict): string[] {
  return judgements.flatMap(({ promise, state }) => (state === 'unknown' ? promise : []));
}

describe('The verdict on a part of a run’s logs', () => {
  it('is complete with the logs of all clients, though the server’s is missing and one was killed', () => {
    const verdict = judged(only('ada.log', 'bob.log', 'cyd.log', 'dan.log'));
    expect(verdict.end, messages(verdict)).to.equal('done');
    expect(verdict.statements[0]).to.match(
      /^ada, bob, cyd and dan received the same 3 events in the same order of room lobby: 9 to 11 \(chain 963e8f… at 11\)/,
    );
  });

  for (const missing of ['ada', 'bob', 'cyd', 'dan'] as const) {
    it(`says that ${missing}’s log is missing, and finds nothing wrong without it`, () => {
      const { [`${missing}.log` as FileName]: _, ...others } = recorded;
      const verdict = judged(others);
      expect(verdict.counterexamples).to.deep.equal([]);
      expect(verdict.end).to.equal('incomplete');
      expect(messages(verdict)).to.match(
        new RegExp(`^Missing is the log of ${missing} \\(from event \\d+ on\\) in room lobby: `),
      );
      expect(unknown(verdict)).to.include.members(['P1', 'P3', 'P9']);
    });
  }

  for (const one of ['ada', 'bob', 'cyd', 'dan'] as const) {
    it(`judges ${one}’s log alone, and names the others`, () => {
      const verdict = judged(only(`${one}.log`));
      expect(verdict.counterexamples).to.deep.equal([]);
      expect(verdict.end).to.equal('incomplete');
      // Of those who were there before and said nothing one's own log does not tell.
      const others = {
        ada: ['bob', 'cyd', 'dan'],
        bob: ['ada', 'cyd', 'dan'],
        cyd: ['ada', 'bob', 'dan'],
        dan: ['ada'],
      }[one];
      expect(messages(verdict)).to.match(/^Missing (is the log|are the logs) of /);
      for (const name of others) expect(verdict.unknowns[0]?.message).to.include(`${name} (from event `);
    });
  }

  it('finds what is broken in a part all the same', () => {
    const logs = only('ada.log', 'bob.log');
    const line = lineOf(logs, 'bob.log', { event: 'receive', sequence: 6 });
    const verdict = judged(withLines(logs, 'bob.log', line));
    expect(verdict.end).to.equal('violated');
    expect(verdict.counterexamples[0]).to.deep.include({ promise: 'P3', lines: [{ file: 'bob.log', line }] });
  });

  it('does not know what came before the earliest event that anybody received', () => {
    const verdict = judged(only('cyd.log', 'dan.log'));
    expect(verdict.counterexamples).to.deep.equal([]);
    expect(messages(verdict)).to.include('Nobody whose log is here received events 1 to 2 of room lobby.');
    expect(unknown(verdict)).to.have.length(9);
  });

  it('judges a log whose beginning was cut off from there on', () => {
    const verdict = judged({ ...recorded, ...cut('ada.log', { event: 'receive', sequence: 6 }, 'from') });
    expect(verdict.counterexamples).to.deep.equal([]);
    expect(verdict.end).to.equal('incomplete');
    expect(messages(verdict)).to.include("ada's log does not go back to its beginning");
  });

  /** A log of which only the last part is left, which begins with this record. */
  const lastPart = (file: FileName, fields: Readonly<Record<string, unknown>>): readonly string[] =>
    partsOf(recorded[file] ?? [], [lineOf(recorded, file, fields) - 1])[1] ?? [];

  it('judges the last part of a rotated log alone, by where its client stood', () => {
    const verdict = judged({ 'ada.log': lastPart('ada.log', { event: 'receive', sequence: 6 }) });
    expect(verdict.counterexamples).to.deep.equal([]);
    expect(verdict.seen).to.deep.equal({ events: 10, witnesses: 1, participants: 4 });
    expect(messages(verdict)).to.include(
      "The part of ada's log is missing that tells of room lobby up to event 5: what it did and received there is unknown.",
    );
  });

  it('leaves nothing else open where all others have their logs, but what they were not yet there to see', () => {
    const verdict = judged({ ...recorded, 'ada.log': lastPart('ada.log', { event: 'receive', sequence: 6 }) });
    expect(verdict.end).to.equal('incomplete');
    expect(verdict.unknowns.map(({ message }) => message)).to.deep.equal([
      "The part of ada's log is missing that tells of room lobby up to event 5: what it did and received there is unknown.",
      'Nobody whose log is here received event 1 of room lobby.',
    ]);
    expect(verdict.seen).to.deep.equal({ events: 15, witnesses: 4, participants: 4 });
  });

  it('judges a rotated log from the first part on after which none is missing', () => {
    const lines = recorded['ada.log'] ?? [];
    const [oldest = [], , newest = []] = partsOf(lines, [8, 6]);
    const newestAlone = judged({ ...recorded, 'ada.log': newest });
    expect(judged({ ...recorded, 'ada.log': [...oldest, ...newest] }).unknowns).to.deep.equal(newestAlone.unknowns);
    expect(judged({ ...recorded, 'ada.log': partsOf(lines, [8, 6]).flat() }).end).to.equal('done');
  });

  const unanswered = (text: string) => [{ session: 'dea08fa99c65', ordinal: 2, text, lamport: 10, seen: 5 }];
  for (const [what, promise, fields, edit] of [
    ['another text', 'P1', { event: 'receive', sequence: 6 }, { text: 'something else' }],
    ['a later sequence', 'P3', { event: 'receive', sequence: 9 }, { sequence: 10 }],
    ['a clock that did not advance', 'P7', { event: 'receive', sequence: 6 }, { clock: 3 }],
    ['a resume that tells of fewer publishes than were accepted', 'P5', { resumed: true }, { ordinal: 1 }],
    ['a resume of another session', 'P9', { resumed: true }, { session: '0123456789ab' }],
    ['another chain of where the client stood', 'P1', { event: 'part' }, { chain: '0123456789abcdef' }],
    ['an earlier place of where the client stood', 'P3', { event: 'part' }, { sequence: 3 }],
    ['another time of where the client stood', 'P7', { event: 'part' }, { clock: 99 }],
    ['another text of what had no answer', 'P9', { event: 'part' }, { unanswered: unanswered('is this off?') }],
  ] as const) {
    it(`finds what is broken after a missing part: ${what} [${promise}]`, () => {
      const rest = { ...recorded, 'ada.log': lastPart('ada.log', { event: 'receive', sequence: 6 }) };
      const line = lineOf(rest, 'ada.log', fields);
      const verdict = judged(withLines(rest, 'ada.log', line, altered(rest, 'ada.log', line, edit)));
      expect(verdict.end).to.equal('violated');
      expect(verdict.counterexamples.map((found) => found.promise)).to.include(promise);
      expect(verdict.counterexamples[0]?.lines.map(({ file }) => file)).to.include('ada.log');
    });
  }

  it('finds a receipt that is missing after a missing part [P3]', () => {
    const rest = { 'ada.log': lastPart('ada.log', { event: 'receive', sequence: 6 }) };
    const line = lineOf(rest, 'ada.log', { event: 'receive', sequence: 6 });
    const [first] = judged(withLines(rest, 'ada.log', line)).counterexamples;
    expect(first?.message).to.equal('ada never received event 6: what came after 5 is 7.');
  });

  it('cannot tell how it ended for one whose log stops, where no other log tells it', () => {
    const stops = cut('cyd.log', { event: 'receive', sequence: 15 }, 'to');
    const clients = only('ada.log', 'bob.log', 'dan.log');
    const verdict = judged({ ...clients, ...stops });
    expect(verdict.counterexamples).to.deep.equal([]);
    expect(verdict.end).to.equal('incomplete');
    expect(messages(verdict)).to.equal(
      "Nothing tells how cyd's visit of room lobby ended: it may have missed what came last.",
    );
    expect(unknown(verdict)).to.deep.equal(['P3', 'P8']);
    expect(judged({ ...clients, ...stops, ...only('server.log') }).end, 'the server’s log tells').to.equal('done');
  });

  it('accuses nobody of what was done after the log was taken, and says that it stops', () => {
    const stops = cut('cyd.log', { event: 'receive', sequence: 12 }, 'to');
    const verdict = judged({ ...only('ada.log', 'bob.log', 'dan.log'), ...stops });
    expect(verdict.counterexamples).to.deep.equal([]);
    expect(verdict.end).to.equal('incomplete');
    expect(messages(verdict)).to.include("cyd's log stops before event 13 (cyd: “dan is gone”) of room lobby");
  });

  it('does not know of what a server delivered and no log has', () => {
    const logs = {
      ...only('server.log'),
      ...cut('ada.log', { event: 'receive', sequence: 3 }, 'to'),
      ...cut('bob.log', { event: 'receive', sequence: 3 }, 'to'),
      ...cut('cyd.log', { event: 'receive', sequence: 3 }, 'to'),
    };
    const verdict = judged(logs);
    expect(verdict.end).to.equal('incomplete');
    expect(messages(verdict))
      .to.match(/events at the end that no participant's log has/)
      .and.to.include('log of dan');
  });

  it('has nothing to judge in a server’s log alone', () => {
    const verdict = judged(only('server.log'));
    expect(verdict.end).to.equal('incomplete');
    expect(verdict.counterexamples).to.deep.equal([]);
  });

  it('tells of a log under another name that it is the same history [P1]', () => {
    const clients = only('ada.log', 'bob.log', 'cyd.log', 'dan.log');
    const line = lineOf(clients, 'bob.log', { event: 'welcome' });
    const renamed = withLines(clients, 'bob.log', line, altered(clients, 'bob.log', line, { logId: 'another' }));
    const { counterexamples } = judged(renamed);
    expect(counterexamples[0]).to.deep.include({ promise: 'P1' });
    expect(counterexamples[0]?.lines[0]).to.deep.equal({ file: 'bob.log', line });
  });

  it('names the first of many whose logs are missing, and counts the others', () => {
    const [join = ''] = (recorded['server.log'] ?? []).filter((line) => line.includes('"broadcast-join"'));
    const crowd = Array.from({ length: 15 }, (_, index) => {
      const strange = { logId: 'another', chain: undefined, session: `of ${index}` };
      return JSON.stringify({ ...JSON.parse(join), ...strange, participant: `guest ${index}`, sequence: 40 + index });
    });
    const { unknowns, counterexamples } = judged({ ...recorded, 'server.log': crowd });
    expect(counterexamples).to.deep.equal([]);
    expect(unknowns[0]?.message)
      .to.match(/^Missing are the logs of guest 0 \(from event 40 on\), .* and 5 more in room lobby: /)
      .and.not.to.include('guest 10');
  });

  it('does not know whether a history that was lost was wiped on purpose [P4]', () => {
    const again = (recorded['ada.log'] ?? []).map((line, index) => {
      const record = JSON.parse(line);
      const later = typeof record.timeMs === 'number' ? { timeMs: record.timeMs + 1 } : {};
      return JSON.stringify({ ...record, ...later, pid: 1, ...(record.logId && { logId: 'the second' }), index });
    });
    const verdict = judged({ 'ada.log': [...(recorded['ada.log'] ?? []), ...again] });
    expect(messages(verdict)).to.include('The history of room lobby began anew after event 15');
    expect(verdict.judgements.find(({ promise }) => promise === 'P4')?.state).to.equal('unknown');
  });

  it('says that it has not told all where much is wrong in one way', () => {
    const lines = recorded['server.log'] ?? [];
    const wrong = lines.find((line) => line.includes('"delivery"')) ?? '';
    const many = (count: number) => judged({ ...recorded, 'server.log': Array.from({ length: count }, () => wrong) });
    expect(many(50).more).to.equal(false);
    expect(many(500)).to.deep.include({ end: 'violated', more: true });
    expect(many(500).counterexamples).to.have.length(100);
  });

  it('does not know what records said that could not be written', () => {
    const dropped = JSON.stringify({ name: 'chit-server', component: 'server', event: 'records-dropped', count: 2 });
    const verdict = judged({ ...recorded, 'server.log': [...(recorded['server.log'] ?? []), dropped] });
    expect(verdict.end).to.equal('incomplete');
    expect(messages(verdict)).to.equal(
      'server.log lacks 2 records that could not be written: what they said is unknown.',
    );
  });

  it('reads the log of a client up to where records could not be written', () => {
    const lines = recorded['bob.log'] ?? [];
    const at = Math.floor(lines.length / 2);
    const dropped = JSON.stringify({ ...JSON.parse(lines[at] ?? ''), event: 'records-dropped', count: 3 });
    const verdict = judged({ ...recorded, 'bob.log': [...lines.slice(0, at), dropped, ...lines.slice(at + 3)] });
    expect(verdict.end).to.equal('incomplete');
    expect(messages(verdict)).to.include(
      `bob.log lacks 3 records that could not be written: what they said is unknown. So the file is read up to line ${at + 1} only.`,
    );
  });
});
