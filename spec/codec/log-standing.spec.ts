import { expect } from 'chai';
import type { ClientLogRecord } from '../../lib/codec/log-records.js';
import { LogStanding } from '../../lib/codec/log-standing.js';

describe('Where a client stands by its log records', () => {
  const own = { participant: 'ada', room: 'lobby' };
  const begin = { event: 'begin', ...own, clock: 4, server: undefined } as const;
  const connect = { event: 'connect', ...own, server: 'here:1', lamport: 5 } as const;
  const welcome = {
    ...({ event: 'welcome', session: 'tag', logId: 'log', sequence: 6, chain: 'six', newest: 6, ordinal: 0 } as const),
    ...{ ...own, resumed: false, continues: false },
  };
  const joined = {
    ...({ event: 'receive', kind: 'joined', sequence: 7, chain: 'seven', lamport: 8, timeMs: 0, clock: 9 } as const),
    ...own,
  };
  const send = { event: 'send', ...own, session: 'tag', ordinal: 1, text: 'hi', lamport: 10, seen: 7 } as const;
  const lost = { event: 'offline', ...own, reason: '', logId: 'log', sequence: 7 } as const;
  const resume = { ...own, session: 'tag', logId: 'log', sequence: 7, chain: 'seven', server: 'here:1' } as const;

  function standing(...records: readonly ClientLogRecord[]) {
    const all = new LogStanding();
    for (const record of records) all.note(record);
    return all.parts;
  }

  const inside = {
    ...{ ...own, server: 'here:1', format: 2, session: 'tag', logId: 'log', newest: 6, ordinal: 0, inside: true },
    ...{ asked: undefined, resuming: undefined, leaving: undefined },
  };

  it('is known from its beginning on, with the request that has no answer yet', () => {
    const begun = { ...own, format: 2, clock: 4, inside: false, ordinal: 0, unanswered: [] };
    expect(standing(begin)).to.deep.equal([begun]);
    expect(standing(begin, connect)).to.deep.equal([
      { ...begun, server: 'here:1', clock: 5, asked: 5, resuming: false },
    ]);
  });

  it('is the last event that it received, with its own time, and what it sent without an answer', () => {
    const { event: _, participant: __, room: ___, ...unanswered } = send;
    const at = { ...inside, sequence: 7, chain: 'seven' };
    expect(standing(begin, connect, welcome, joined)).to.deep.equal([{ ...at, clock: 9, sent: 0, unanswered: [] }]);
    expect(standing(begin, connect, welcome, joined, send)).to.deep.equal([
      { ...at, clock: 10, sent: 1, unanswered: [unanswered] },
    ]);
    const accepted = { event: 'accepted', ...own, ordinal: 1, sequence: 8 } as const;
    expect(standing(begin, connect, welcome, joined, send, accepted)).to.deep.equal([
      { ...at, clock: 10, ordinal: 1, sent: 1, unanswered: [] },
    ]);
  });

  it('does not tell of a message that was sent so often that not each time is kept', () => {
    const again = Array.from({ length: 5 }, (_, tries) => {
      return { ...send, event: 'send-again', lamport: 11 + tries } as const;
    });
    const unanswered = (...sends: ClientLogRecord[]) =>
      standing(begin, connect, welcome, joined, send, ...sends)[0]?.unanswered.map(({ lamport }) => lamport);
    expect(unanswered(...again.slice(0, 3))).to.deep.equal([10, 11, 12, 13]);
    expect(unanswered(...again)).to.deep.equal([]);
  });

  it('is where the welcome said when the history turns out to be lost', () => {
    const asked = { event: 'connect', ...own, lamport: 11 } as const;
    const anew = { ...welcome, logId: 'another', sequence: 2, chain: 'two', newest: 2, continues: true } as const;
    const historyLost = { event: 'history-lost', ...own, logId: 'log', sequence: 7 } as const;
    const [place] = standing(begin, connect, welcome, joined, lost, asked, anew, historyLost);
    expect(place).to.deep.include({ logId: 'another', sequence: 2, chain: 'two', newest: 2 });
  });

  it('is where an earlier process was, as far as is known, when it resumes', () => {
    const asked = { event: 'resume', ...resume, lamport: 12 } as const;
    const [place] = standing(begin, asked);
    expect(place).to.deep.include({ session: 'tag', sequence: 7, asked: 12, resuming: true, inside: false });
    expect(place).not.to.have.any.keys('newest', 'sent');
  });

  it('is nowhere when the visit is over', () => {
    const over = { event: 'disconnect', ...own, logId: 'log', sequence: 7, chain: 'seven' } as const;
    expect(standing(begin, connect, welcome, joined, over)).to.deep.equal([]);
  });
});
