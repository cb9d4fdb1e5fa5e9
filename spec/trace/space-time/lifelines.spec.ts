import { expect } from 'chai';
import type { RoomEvent } from '../../../lib/core/event.js';
import type { LogBundle } from '../../../lib/trace/history/logs/log-bundle-reader.js';
import type { ServerRecord } from '../../../lib/trace/history/logs/source.js';
import { spaceTimeOf } from '../../../lib/trace/space-time/space-time-of.js';
import { partsOf } from '../history/logs/lines-of-history.js';
import { lineOf, recorded, runOfLines } from '../history/logs/log-lines.js';
import { HistoryRecorder } from '../recorder.js';
import { runOf } from './run-of.js';

describe('The lifelines of a run', () => {
  const stamped = (sequence: number, lamport: number, participant = 'Ada') => ({
    ...{ sequence, lamport, participant, timeMs: sequence, chain: `chain ${sequence}` },
  });
  const joined = (sequence: number, lamport: number, participant?: string): RoomEvent => ({
    ...stamped(sequence, lamport, participant),
    kind: 'joined',
  });
  const said = (sequence: number, lamport: number, seen: number): RoomEvent => ({
    ...stamped(sequence, lamport),
    ...{ kind: 'message', text: 'hi', ordinal: 1, seen },
  });
  const welcome = { room: 'lobby', session: 's', sequence: 0, chain: '0', newest: 0, resumed: false, ordinal: 0 };

  function runAsTold(
    tell: (recorder: HistoryRecorder) => void,
    events: readonly RoomEvent[],
    server: readonly ServerRecord[] = [],
  ): LogBundle {
    const recorder = new HistoryRecorder();
    tell(recorder);
    recorder.log({ room: 'lobby', logId: 'log', events });
    return { ...runOf(recorder.history()), server };
  }

  const momentsOf = (run: LogBundle) =>
    spaceTimeOf(run).moments.map(({ kind, lamport, cause, source }) => ({ kind, lamport, cause, line: source?.line }));

  it('have all that a client went through, its other lives and what it was refused too', () => {
    const run = runAsTold(
      (recorder) => {
        const ada = recorder.client('Ada');
        ada.start(0);
        ada.join({ room: 'lobby', name: 'Ada', lamport: 1 });
        ada.joinRefused('lobby', { reason: 'ROOM_FULL' });
        ada.join({ room: 'lobby', name: 'Ada', lamport: 2 });
        ada.welcome({ ...welcome, logId: 'log' });
        ada.receive('lobby', joined(1, 3));
        ada.send({ room: 'lobby', ordinal: 1, text: 'hi', lamport: 5, seen: 1 });
        ada.refused({ room: 'lobby', ordinal: 1, reason: 'RATE_LIMITED' });
        ada.offline('lobby', 'The connection was lost.');
        ada.start(2);
        ada.leave('lobby', 3);
        ada.leave('lobby');
        ada.end('lobby', 'left');
      },
      [joined(1, 3)],
    );
    const { moments, doubts } = spaceTimeOf(run);
    expect(doubts).to.deep.equal([]);
    expect(moments.map(({ kind, lamport, level }) => `${kind} ${lamport} ${level}`)).to.deep.equal([
      ...['ask-join 1 1', 'refused 1 1', 'ask-join 2 2', 'welcome 2 2', 'stamp 3 3', 'receive 4 4', 'send 5 5'],
      ...['refused 5 5', 'lose-connection 5 5', 'start 2 5', 'ask-leave 3 5', 'end 3 5'],
    ]);
    expect(moments.flatMap(({ reason, how }) => reason ?? how ?? [])).to.deep.equal([
      ...['ROOM_FULL', 'RATE_LIMITED', 'The connection was lost.', 'left'],
    ]);
    expect(moments[4]?.cause).to.equal(2);
  });

  it('begin where the last part of a rotated log does, with what had no answer yet', () => {
    const at = lineOf(recorded, 'ada.log', { event: 'receive', sequence: 6 }) - 1;
    const rest = partsOf(recorded['ada.log'] ?? [], [at])[1] ?? [];
    const { moments, doubts } = spaceTimeOf(runOfLines({ ...recorded, 'ada.log': rest }));
    expect(doubts).to.deep.equal([]);
    const own = moments.filter(({ source }) => source?.file === 'ada.log');
    expect(own.slice(0, 3).map(({ kind, lamport, source }) => `${kind} ${lamport} ${source?.line}`)).to.deep.equal([
      ...['send 10 1', 'log-begins 10 1', 'receive 12 2'],
    ]);
    const stamp = moments.find(({ kind, event }) => kind === 'stamp' && event?.sequence === 6);
    expect(stamp?.cause).to.equal(own[0]?.index);
  });

  for (const [seen, sent, line] of [
    [1, 'the first send where both fit', 4],
    [2, 'the send that its author made when shown what the event says', 6],
  ] as const) {
    it(`tell of a message that was sent again as its cause ${sent}`, () => {
      const run = runAsTold(
        (recorder) => {
          const ada = recorder.client('Ada');
          ada.join({ room: 'lobby', name: 'Ada', lamport: 1 });
          ada.welcome({ ...welcome, logId: 'log' });
          ada.receive('lobby', joined(1, 2));
          ada.send({ room: 'lobby', ordinal: 1, text: 'hi', lamport: 4, seen: 1 });
          ada.receive('lobby', joined(2, 3, 'Bob'));
          ada.send({ room: 'lobby', ordinal: 1, text: 'hi', lamport: 6, seen });
        },
        [joined(1, 2), joined(2, 3, 'Bob'), said(3, 9, seen)],
      );
      const { moments } = spaceTimeOf(run);
      const cause = moments[moments.findLast(({ kind }) => kind === 'stamp')?.cause ?? -1];
      expect(cause?.source?.line).to.equal(line);
      expect(cause?.kind).to.equal(line === 4 ? 'send' : 'send-again');
    });
  }

  it('are one for each log of a room whose store was wiped', () => {
    const recorder = new HistoryRecorder();
    const ada = recorder.client('Ada');
    for (const [lamport, logId] of [
      [1, 'log'],
      [4, 'new log'],
    ] as const) {
      ada.join({ room: 'lobby', name: 'Ada', lamport });
      ada.welcome({ ...welcome, session: logId, logId });
      ada.receive('lobby', joined(1, lamport + 1));
      recorder.log({ room: 'lobby', logId, events: [joined(1, lamport + 1)] });
    }
    const { lifelines, moments, doubts } = spaceTimeOf(runOf(recorder.history()));
    expect(doubts).to.deep.equal([]);
    expect(lifelines.map(({ name }) => name)).to.deep.equal(['lobby', 'lobby#2', 'Ada']);
    const receipts = moments.filter(({ kind }) => kind === 'receive');
    expect(receipts.map(({ cause }) => moments[cause ?? -1]?.lifeline)).to.deep.equal([0, 1]);
  });

  it('tell of stamps the lines of a server’s log that fit, joins and leaves by their own and messages by their delivery', () => {
    const record = (fields: Partial<ServerRecord>, line: number): ServerRecord => ({
      ...{ kind: 'delivery', room: 'lobby', sequence: 1, last: 1, lamport: 2, ...fields },
      source: { file: 'server.log', line },
    });
    const server = [
      record({ kind: 'joined', lamport: 7 }, 1),
      record({ kind: 'joined', logId: 'another' }, 2),
      record({ kind: 'joined', logId: 'log' }, 3),
      record({ sequence: 1, last: 2, lamport: 3 }, 4),
      record({ sequence: 5, last: Number.MAX_SAFE_INTEGER, lamport: 9 }, 5),
      record({ sequence: 3, last: 3, lamport: 4, room: 'side' }, 6),
    ];
    const events = [joined(1, 2), said(2, 3, 1), said(3, 4, 1), said(5, 6, 1)];
    const stamps = momentsOf(runAsTold(() => {}, events, server));
    expect(stamps.map(({ line }) => line)).to.deep.equal([3, 4, undefined, 5]);
  });
});
