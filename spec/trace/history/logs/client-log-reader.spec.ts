import { expect } from 'chai';
import { UnreadableRecord } from '../../../../lib/codec/log-records.js';
import { nextChain } from '../../../../lib/core/chain.js';
import { check } from '../../../../lib/trace/check/check.js';
import { ClientLogReader, type LogRecord } from '../../../../lib/trace/history/logs/client-log-reader.js';
import { HistoryRecorder } from '../../recorder.js';

describe('ClientLogReader', () => {
  const session = 'a1b2c3d4e5f6';
  const own = { participant: 'Ada', room: 'lobby' };
  const beginning = { sequence: 0, chain: '0000000000000000' };
  const begin = { event: 'begin', ...own, server: '127.0.0.1:4000', clock: 0 };
  const connect = { event: 'connect', ...own, server: '127.0.0.1:4000', lamport: 1 };
  const welcome = {
    ...{ event: 'welcome', ...own, session, logId: 'log', ...beginning, newest: 0 },
    ...{ resumed: false, ordinal: 0, continues: false },
  };
  const chained = (event: Parameters<typeof nextChain>[1]) => nextChain(beginning.chain, event);
  const joinedEvent = { kind: 'joined', sequence: 1, lamport: 2, timeMs: 5, participant: 'Ada' } as const;
  const joined = { ...joinedEvent, chain: chained({ ...joinedEvent, text: '', seen: 0 }) };
  const receive = { event: 'receive', ...joined, room: 'lobby', clock: 3 };
  const send = { event: 'send', ...own, session, lamport: 4, ordinal: 1, seen: 1, text: 'hello' };

  function read(records: readonly LogRecord[], dead = false) {
    const recorder = new HistoryRecorder();
    const log = new ClientLogReader(recorder.client('Ada').steps);
    for (const record of records) log.add(record);
    if (dead) log.end();
    return recorder.history().clients[0]?.steps ?? [];
  }

  const kindsOf = (records: readonly LogRecord[], dead = false) => read(records, dead).map(({ kind }) => kind);

  it('passes over what says nothing about the promises', () => {
    expect(
      kindsOf([
        { event: 'gap-filled', ...own },
        { event: 'records-dropped', count: 3 },
      ]),
    ).to.deep.equal([]);
  });

  it('tells of a lost connection, and why', () => {
    const offline = { event: 'offline', ...own, logId: 'log', sequence: 0, reason: 'The server is gone.' };
    const lost = { kind: 'offline', room: 'lobby', reason: 'The server is gone.' };
    expect(read([begin, connect, welcome, offline]).at(-1)).to.deep.equal(lost);
  });

  it('tells an answer by the event before it, and of the session that had sent the message', () => {
    const message = { kind: 'message', sequence: 2, lamport: 5, timeMs: 6, participant: 'Ada', chain: '1'.repeat(16) };
    const back = { event: 'receive', ...message, text: 'hello', ordinal: 1, seen: 1, room: 'lobby', clock: 6 };
    const accepted = { event: 'accepted', ...own, ordinal: 1, sequence: 2 };
    const steps = read([begin, connect, welcome, receive, send, back, accepted]);
    expect(steps.at(-1)).to.deep.include({ kind: 'accepted', session, ordinal: 1 });
  });

  it('takes an answer whose event stands nowhere for what the client says, and no more', () => {
    const accepted = { event: 'accepted', ...own, ordinal: 1, sequence: 2 };
    expect(read([begin, connect, welcome, receive, send, accepted]).slice(-2)).to.deep.equal([
      { kind: 'place', room: 'lobby', sequence: 2 },
      { kind: 'unknown', room: 'lobby', session, ordinal: 1 },
    ]);
  });

  it('takes the beginning of a visit for no restart of the others that its program has [P3]', () => {
    const asked = { event: 'resume', ...own, lamport: 5, sequence: 1, chain: joined.chain };
    const refused = { event: 'join-refused', room: 'lobby', reason: 'SESSION_UNKNOWN' };
    const left = {
      kind: 'left',
      sequence: 2,
      lamport: 4,
      timeMs: 6,
      participant: 'Ada',
      reason: 'CONNECTION_LOST',
    } as const;
    const filled = {
      event: 'receive',
      ...left,
      chain: nextChain(joined.chain, left),
      room: 'lobby',
      clock: 6,
      filled: true,
    };
    const elsewhere = { event: 'begin', participant: 'Ada', room: 'tea', clock: 4 };
    const anew = { ...connect, lamport: 7 };
    const place = { sequence: 2, chain: filled.chain };
    const again = { ...welcome, session: 'f6e5d4c3b2a1', ...place, newest: 2, continues: true };
    const back = { kind: 'joined', sequence: 3, lamport: 8, timeMs: 7, participant: 'Ada' } as const;
    const inAgain = { event: 'receive', ...back, chain: nextChain(filled.chain, back), room: 'lobby', clock: 9 };
    const recorder = new HistoryRecorder();
    const log = new ClientLogReader(recorder.client('Ada').steps);
    for (const record of [begin, connect, welcome, receive, elsewhere, asked, refused, filled, anew, again, inAgain])
      log.add(record);
    log.end();
    expect(check(recorder.history()).filter(({ promise }) => promise === 'P3')).to.deep.equal([]);
  });

  it('leaves open what a dead client had sent, and what the client itself gave up', () => {
    const unanswered = [begin, connect, welcome, receive, send];
    expect(kindsOf(unanswered)).not.to.include('unknown');
    expect(kindsOf(unanswered, true).at(-1)).to.equal('unknown');
    expect(kindsOf([...unanswered, begin]).slice(-2)).to.deep.equal(['unknown', 'start']);
    const noAnswer = { event: 'no-answer', ...own, ordinal: 1, reason: 'late' };
    expect(read([...unanswered, noAnswer], true).filter(({ kind }) => kind === 'unknown')).to.deep.equal([
      { kind: 'unknown', room: 'lobby', session, ordinal: 1 },
    ]);
  });

  it('tells refusals of joins and messages, and takes that of a leave for none', () => {
    const refusal = { detail: '', retryAfterMs: 0 };
    const joinRefused = { event: 'join-refused', ...own, ...refusal, ordinal: 0, reason: 'NAME_TAKEN' };
    expect(read([begin, connect, joinRefused]).at(-1)).to.deep.equal({
      kind: 'join-refused',
      room: 'lobby',
      reason: 'NAME_TAKEN',
    });
    const refused = { event: 'refused', ...own, session, ...refusal, reason: 'READ_ONLY' };
    const said = [begin, connect, welcome, receive, send];
    expect(read([...said, { ...refused, ordinal: 1 }]).at(-1)).to.deep.include({
      kind: 'refused',
      ordinal: 1,
      session,
    });
    expect(kindsOf([...said, { ...refused, ordinal: 0 }]).at(-1)).to.equal('send');
  });

  it('lets a new session go on from what was there, unless the history is found to be lost', () => {
    const anew = { ...welcome, session: 'another', logId: 'new', continues: true };
    const lost = { event: 'history-lost', ...own };
    const continues = (records: readonly LogRecord[]) =>
      read(records).flatMap((step) => (step.kind === 'welcome' ? step.continues : []));
    const before = [begin, connect, welcome, receive, connect];
    expect(continues([...before, anew, receive])).to.deep.equal([false, true]);
    expect(continues([...before, anew, lost, receive])).to.deep.equal([false, false]);
    expect(continues([...before, anew, receive, lost, receive])).to.deep.equal([false, true, false]);
    const resumed = { ...welcome, resumed: true, continues: true };
    expect(continues([...before, resumed, lost, connect]), 'what should have come next is damaged').to.deep.equal([
      false,
      true,
    ]);
    expect(continues([...before, lost, { ...anew, continues: false }, receive])).to.deep.equal([false, false]);
  });

  it('says how the visit ended, where the records do', () => {
    const disconnect = { event: 'disconnect', ...own, state: 'left' };
    const end = (record: LogRecord) => read([begin, connect, welcome, receive, record]).at(-1);
    expect(end({ ...disconnect, left: 'ASKED' })).to.deep.include({ kind: 'end', how: 'left' });
    expect(end(disconnect)).to.deep.include({ kind: 'end', how: 'gone' });
  });

  it('is the evidence that the checker needs', () => {
    const recorder = new HistoryRecorder();
    const log = new ClientLogReader(recorder.client('Ada').steps);
    for (const record of [begin, connect, welcome, receive]) log.add(record);
    recorder.client('Ada').end('lobby', 'present');
    recorder.log({ room: 'lobby', logId: 'log', events: [joined] });
    expect(check(recorder.history())).to.deep.equal([]);
    recorder.client('Ada').receive('lobby', joined, 4);
    expect(check(recorder.history()).map(({ kind }) => kind)).to.include('received-twice');
  });

  for (const [field, value] of [
    ['sequence', '1'],
    ['sequence', -1],
    ['chain', undefined],
    ['kind', 'shouted'],
    ['clock', 1.5],
    ['room', 7],
  ] as const) {
    it(`says which field cannot be read: ${field} as ${JSON.stringify(value)}`, () => {
      expect(() => read([{ ...receive, [field]: value }])).to.throw(UnreadableRecord, field);
    });
  }
});
