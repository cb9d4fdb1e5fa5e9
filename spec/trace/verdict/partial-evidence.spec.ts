import { expect } from 'chai';
import { judge } from '../../../lib/trace/verdict/judge.js';
import type { Verdict } from '../../../lib/trace/verdict/verdict.js';
import { altered, type FileName, type Logs, lineOf, recorded, runOfLines, withLines } from '../logs/log-lines.js';

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
        new RegExp(`^Missing is the log of ${missing}, who is in room lobby, seen first at event \\d+: `),
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
      for (const name of others) expect(messages(verdict)).to.include(`Missing is the log of ${name}`);
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

  it('cannot tell how it ended for one whose log stops, where no other log tells it', () => {
    const stops = cut('cyd.log', { event: 'receive', sequence: 15 }, 'to');
    const clients = only('ada.log', 'bob.log', 'dan.log');
    const verdict = judged({ ...clients, ...stops });
    expect(verdict.counterexamples).to.deep.equal([]);
    expect(verdict.end).to.equal('incomplete');
    expect(messages(verdict)).to.equal('Nobody said how it ended for cyd: it may have missed what came last.');
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

  it('does not know what records said that could not be written', () => {
    const dropped = JSON.stringify({ name: 'chit-server', component: 'server', event: 'records-dropped', count: 2 });
    const verdict = judged({ ...recorded, 'server.log': [...(recorded['server.log'] ?? []), dropped] });
    expect(verdict.end).to.equal('incomplete');
    expect(messages(verdict)).to.equal(
      'server.log lacks 2 records that could not be written: what they said is unknown.',
    );
  });
});
