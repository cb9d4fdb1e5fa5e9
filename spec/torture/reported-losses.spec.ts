import { expect } from 'chai';
import { chainStart, nextChain } from '../../lib/core/chain.js';
import type { KnownEvent, RoomEvent } from '../../lib/core/event.js';
import { type ClientRecorder, HistoryRecorder } from '../trace/recorder.js';
import { checkDamaged, type LogIdSeen, type ReportedLoss } from './reported-losses.js';

type Happening =
  | { readonly kind: 'joined'; readonly participant: string }
  | { readonly kind: 'left'; readonly participant: string; readonly reason: 'SERVER_RESTARTED' | 'ASKED' }
  | { readonly kind: 'message'; readonly participant: string; readonly text: string; readonly ordinal: number };

const room = 'tea';

/** A log in which these things follow one another, each at the next Lamport time that its author's asking allows. */
function logOf(happenings: readonly Happening[], before: readonly RoomEvent[] = []): RoomEvent[] {
  const events = [...before];
  for (const happening of happenings) {
    const last = events.at(-1);
    const stamp = { sequence: events.length + 1, lamport: (last?.lamport ?? 0) + 1, timeMs: 0 };
    const seen = happening.kind === 'message' ? { seen: 0 } : {};
    const event = { ...stamp, ...happening, ...seen } as Omit<KnownEvent, 'chain'> as KnownEvent;
    events.push({ ...event, chain: nextChain(last?.chain ?? chainStart, event) });
  }
  return events;
}

const says = (participant: string, ordinal: number): Happening => {
  return { kind: 'message', participant, text: `${participant}'s ${ordinal}`, ordinal };
};

const earlier = logOf([
  { kind: 'joined', participant: 'Ada' },
  says('Ada', 1),
  says('Ada', 2),
  says('Ada', 3),
  says('Ada', 4),
]);

/** The room after its store was cut off behind event `kept`: Ada's session is ended, and she comes again. */
function cutAt(kept: number): RoomEvent[] {
  const rest: Happening[] = [
    { kind: 'left', participant: 'Ada', reason: 'SERVER_RESTARTED' },
    { kind: 'joined', participant: 'Ada' },
    says('Ada', 1),
    { kind: 'left', participant: 'Ada', reason: 'ASKED' },
  ];
  return logOf(rest, earlier.slice(0, kept));
}

/** Ada's record of one visit to a log. */
function visit(ada: ClientRecorder, logId: string, events: readonly RoomEvent[], from: number): void {
  const session = `session in ${logId}`;
  const place = { sequence: from, chain: events[from - 1]?.chain ?? chainStart };
  ada.join({ room, name: 'Ada', lamport: 0 });
  ada.welcome({ session, room, logId, ...place, newest: from, resumed: false, ordinal: 0 });
  for (const event of events.slice(from)) {
    if (event.kind === 'message') {
      const { ordinal, text } = event;
      ada.send({ room, session, ordinal, text, lamport: 0, seen: 0 });
      ada.receive(room, event);
      ada.accepted({ room, session, ordinal, event });
    } else {
      if (event.kind === 'left') ada.leave(room, 0);
      ada.receive(room, event);
    }
  }
}

function historyWith(later: readonly RoomEvent[]) {
  const recorder = new HistoryRecorder();
  const ada = recorder.client('Ada', { keepsClock: false });
  visit(ada, 'A', earlier, 0);
  visit(ada, 'B', later, later.findIndex(({ kind }) => kind === 'left') + 1);
  ada.end(room, 'left');
  recorder.log({ room, logId: 'B', events: later });
  return recorder.history();
}

const seen: LogIdSeen[] = [
  { room, logId: 'A', life: 1 },
  { room, logId: 'B', life: 2 },
];
const loss = (keptTo: number): ReportedLoss => ({ room, keptTo, life: 2 });

describe('the judgement of what damage did', () => {
  const kindsOf = (later: readonly RoomEvent[], losses: readonly ReportedLoss[]) =>
    new Set(checkDamaged(historyWith(later), losses, seen).map(({ kind }) => kind));

  it('finds nothing where a room lost what the server said', () => {
    expect(checkDamaged(historyWith(cutAt(3)), [loss(3)], seen)).to.deep.equal([]);
  });

  it('finds nothing where nothing happened', () => {
    const recorder = new HistoryRecorder();
    const whole = logOf([{ kind: 'left', participant: 'Ada', reason: 'ASKED' }], earlier);
    const ada = recorder.client('Ada', { keepsClock: false });
    visit(ada, 'A', whole, 0);
    ada.end(room, 'left');
    recorder.log({ room, logId: 'A', events: whole });
    const same = seen.map((one) => ({ ...one, logId: 'A' }));
    expect(checkDamaged(recorder.history(), [], same)).to.deep.equal([]);
  });

  it('takes a new log id that nobody announced for what it is', () => {
    expect(kindsOf(cutAt(3), [])).to.include('log-replaced');
    const ofAnother = { ...loss(3), room: 'lobby' };
    expect(kindsOf(cutAt(3), [ofAnother])).to.include('log-replaced');
    const earlierLife = { ...loss(3), life: 1 };
    expect(kindsOf(cutAt(3), [earlierLife])).to.include('log-replaced');
  });

  it('notices that more is lost than was said', () => {
    expect(kindsOf(cutAt(3), [loss(4)])).to.include('received-lost');
  });

  it('notices that what was kept is not what it was', () => {
    const altered = logOf([{ kind: 'joined', participant: 'Ada' }, says('Bob', 1), says('Ada', 2)]);
    const rest = logOf([{ kind: 'left', participant: 'Ada', reason: 'SERVER_RESTARTED' }], altered);
    expect(kindsOf(rest, [loss(3)])).to.include('received-lost');
  });

  it('notices a break in the chain of what was kept, though nobody received it', () => {
    const later = cutAt(3).map((event) => (event.sequence === 2 ? { ...event, chain: '0123456789abcdef' } : event));
    expect(kindsOf(later, [loss(3)])).to.include('chain-broken');
  });

  it('finds the place of a log that only a client knew of', () => {
    const second = cutAt(3);
    const third = logOf([{ kind: 'left', participant: 'Ada', reason: 'SERVER_RESTARTED' }], second.slice(0, 2));
    const recorder = new HistoryRecorder();
    const ada = recorder.client('Ada', { keepsClock: false });
    visit(ada, 'A', earlier, 0);
    visit(ada, 'B', second, 4);
    ada.end(room, 'left');
    recorder.log({ room, logId: 'C', events: third });
    const known = [
      { room, logId: 'A', life: 1 },
      { room, logId: 'C', life: 3 },
    ];
    const losses = [loss(3), { room, keptTo: 2, life: 3 }];
    expect(checkDamaged(recorder.history(), losses, known)).to.deep.equal([]);
    expect(checkDamaged(recorder.history(), [loss(3)], known).map(({ kind }) => kind)).to.include('log-missing');
  });

  /** The judgement where Ada's session of the log that was cut is answered by the next one; `received`: what it had received before. */
  function answeredLater(later: readonly RoomEvent[], answer: RoomEvent | undefined, received: number) {
    const recorder = new HistoryRecorder();
    const ada = recorder.client('Ada', { keepsClock: false });
    visit(ada, 'A', earlier.slice(0, received), 0);
    if (answer?.kind !== 'message') throw new Error('that is no message');
    const { ordinal, text } = answer;
    const session = 'session in A';
    ada.send({ room, session, ordinal, text, lamport: 0, seen: 0 });
    ada.accepted({ room, session, ordinal, event: answer });
    ada.end(room, 'gone');
    recorder.log({ room, logId: 'B', events: later });
    return checkDamaged(recorder.history(), [loss(3)], seen).map(({ kind }) => kind);
  }

  it('notices a session that speaks on in the log after its own', () => {
    const later = logOf(
      [
        { kind: 'message', participant: 'Ada', text: 'still here', ordinal: 9 },
        { kind: 'left', participant: 'Ada', reason: 'SERVER_RESTARTED' },
      ],
      earlier.slice(0, 3),
    );
    expect(answeredLater(later, later[3], 5)).to.include.members(['acknowledged-lost', 'forged-message']);
  });

  it('takes the answer to a publish that is sent again for right where its event was kept, though nobody had received it', () => {
    const later = cutAt(3).slice(0, 4);
    expect(answeredLater(later, earlier[2], 2)).to.deep.equal([]);
  });

  it('judges the new log like any other', () => {
    const forged = logOf([{ kind: 'joined', participant: 'Eve' }, says('Eve', 1)], cutAt(3));
    expect(kindsOf(forged, [loss(3)])).to.include('forged-message');
  });
});
