import { expect } from 'chai';
import type { RoomEvent } from '../../../lib/core/event.js';
import { check } from '../../../lib/trace/check/check.js';
import { describe as inWords } from '../../../lib/trace/check/violation.js';
import type { History } from '../../../lib/trace/history/history.js';
import { ScriptedRoom } from '../../client/scripted-room.js';
import { HistoryRecorder } from '../recorder.js';
import { type Happening, SimulatedTown } from '../simulated-town.js';
import { change, finalLogs, placesOf, put, withLog } from './mutation.js';

const [ada, bob] = [0, 2];

function happened(...course: [what: Happening['what'], who: number, n?: number][]): History {
  const town = new SimulatedTown();
  for (const [what, who, n = 51] of course) town.happen({ what, who, n });
  return town.history();
}

/** Ada and Bob join, Ada says “hi”, Bob “Grüße”, and at the end Ada leaves. */
function conversation(): History {
  const joined: Parameters<typeof happened> = [
    ['join', ada],
    ['up', ada],
    ['join', bob],
    ['up', bob],
    ['down', ada],
    ['down', bob],
  ];
  return happened(...joined, ['say', ada, 60], ['up', ada], ['say', bob, 1], ['up', bob]);
}

function received(history: History, client: string, sequence: number) {
  return placesOf(history, 'receive').find(
    (place) => place.client === client && place.step.event.sequence === sequence,
  );
}

function words(history: History | undefined): string[] {
  return history ? check(history).map(({ message }) => message) : [];
}

describe('A violation', () => {
  it('says who received what twice, with where and which promise [P3]', () => {
    const history = conversation();
    const place = received(history, 'Ada', 3);
    const twice = place && put(history, place, place.step, place.step);
    const [first] = twice ? check(twice) : [];
    expect(first).to.deep.equal({
      exhibits: [place?.step, place?.step],
      promise: 'P3',
      kind: 'received-twice',
      room: 'lobby',
      where: { sequence: 3, client: 'Ada' },
      message: 'Ada received event 3 (Ada: “hi”) again: each event comes once.',
    });
  });

  it('says what was missed [P3]', () => {
    const history = conversation();
    const dropped = put(history, received(history, 'Bob', 3));
    expect(words(dropped)[0]).to.equal('Bob never received event 3: what came after 2 is 4.');
    expect(dropped && check(dropped)[0]?.where).to.deep.equal({ sequence: 3, client: 'Bob' });
  });

  it('says what differs from the log [P1]', () => {
    const history = conversation();
    const forked = change(history, received(history, 'Bob', 3), ({ event }) => ({
      event: { ...event, text: 'ho' } as RoomEvent,
    }));
    expect(words(forked)).to.deep.equal([
      'Bob received event 3 (Ada: “ho”) where the log has event 3 (Ada: “hi”): text ho, not hi.',
    ]);
  });

  it('is told in words for each kind of event', () => {
    const [log] = finalLogs(conversation());
    expect(log?.events.map(inWords)).to.deep.equal([
      'event 1 (Ada joined)',
      'event 2 (Bob joined)',
      'event 3 (Ada: “hi”)',
      'event 4 (Bob: “Grüße”)',
      'event 5 (Ada left)',
    ]);
  });

  it('is kept a hundred times of each kind, the first ones', () => {
    const says = Array.from({ length: 150 }, (): Parameters<typeof happened>[number] => ['say', ada, 0]);
    const history = happened(['join', ada], ['up', ada, 1], ['down', ada], ...says);
    const log = finalLogs(history).find(({ room }) => room === 'lobby');
    const unsent = withLog(history, log, (reading) => [{ ...reading, events: [], newest: 0 }]);
    const lost = unsent ? check(unsent).filter(({ kind }) => kind === 'received-lost') : [];
    expect(lost).to.have.length(100);
    expect(lost[0]?.where.sequence).to.equal(1);
  });
});

describe('The history checker', () => {
  it('does not ask where the events of outsiders are from, where there may be some [P9]', () => {
    const history = conversation();
    const clients = history.clients.filter(({ client }) => client !== 'Bob');
    expect(check({ ...history, clients, outsiders: true })).to.deep.equal([]);
    expect(check({ ...history, clients }).map(({ kind }) => kind)).to.include.members([
      'forged-joined',
      'forged-message',
    ]);
  });

  it('does not ask of a resume for what was accepted only after it was asked for [P5]', () => {
    const room = new ScriptedRoom();
    const [joined, said] = [room.join('Ada', 1), room.say('Ada', 'hi', 1, 3)];
    const place = { sequence: joined.sequence, chain: joined.chain };
    const session = { room: 'lobby', session: 'of Ada', logId: 'log' };
    const history = (answer: 'before' | 'after') => {
      const recorder = new HistoryRecorder();
      const ada = recorder.client('Ada', { keepsClock: false });
      ada.join({ room: 'lobby', name: 'Ada', lamport: 1 });
      const beginning = { sequence: 0, chain: '0000000000000000', newest: 0 };
      ada.welcome({ ...session, ...beginning, resumed: false, ordinal: 0 });
      ada.receive('lobby', joined);
      ada.send({ room: 'lobby', ordinal: 1, text: 'hi', lamport: 3, seen: 0 });
      const accepted = () => ada.accepted({ room: 'lobby', ordinal: 1, event: said });
      if (answer === 'before') accepted();
      ada.join({ room: 'lobby', name: 'Ada', lamport: 4, resume: place });
      if (answer === 'after') accepted();
      ada.welcome({ ...session, ...place, newest: 1, resumed: true, ordinal: 0 });
      ada.receive('lobby', said);
      ada.end('lobby', 'present');
      recorder.log({ room: 'lobby', logId: 'log', events: room.events });
      return check(recorder.history()).map(({ kind }) => kind);
    };
    expect(history('after')).to.deep.equal([]);
    expect(history('before')).to.deep.equal(['ordinals-forgotten']);
  });

  it('does not judge the clock of a client that keeps none [P7]', () => {
    const recorder = new HistoryRecorder();
    const rude = recorder.client('Mallory', { keepsClock: false });
    rude.join({ room: 'lobby', name: 'Mallory', lamport: 2 ** 52 });
    rude.joinRefused('lobby', { reason: 'LAMPORT_TOO_FAR_AHEAD' });
    const { clients, logs, outsiders } = conversation();
    expect(check({ clients: [...clients, ...recorder.history().clients], logs, outsiders })).to.deep.equal([]);
  });

  it('lets a store be wiped on purpose, and everybody begin anew in the log that follows [P4]', () => {
    const [before, after] = [conversation(), conversation()];
    const renamed = (history: History, suffix: string, logId: string): History => ({
      ...history,
      clients: history.clients.map((record) => ({
        ...record,
        client: record.client + suffix,
        steps: record.steps.map((step) => ({
          ...step,
          ...('session' in step ? { session: step.session + suffix } : {}),
          ...('logId' in step ? { logId } : {}),
        })),
      })),
      logs: finalLogs(history).map((log) => ({ ...log, logId: `${logId}${log.room === 'lobby' ? '' : log.room}` })),
    });
    const [first, second] = [renamed(before, '', 'first'), renamed(after, ' again', 'second')];
    const both = (replaced: boolean): History => ({
      clients: [...first.clients, ...second.clients],
      logs: [...first.logs.map((log) => ({ ...log, replaced })), ...second.logs],
      outsiders: false,
    });
    expect(check(both(true))).to.deep.equal([]);
    expect(check(both(false)).map(({ kind }) => kind)).to.deep.equal(['log-replaced', 'log-replaced']);
  });

  it('does not pass a history in which everybody was let in and nobody received anything', () => {
    const history = conversation();
    const deaf = history.clients.map((record) => ({
      ...record,
      steps: record.steps.filter(({ kind }) => kind !== 'receive'),
    }));
    expect(check({ ...history, clients: deaf }).map(({ kind }) => kind)).to.include('nothing-recorded');
  });

  it('does not let a refused join appear [P9]', () => {
    const town = new SimulatedTown();
    for (const what of ['join', 'up', 'down'] as const) town.happen({ what, who: bob, n: 51 });
    const cyd = town.recorder.client('Cyd');
    cyd.join({ room: 'lobby', name: 'Cyd', lamport: 1 });
    cyd.joinRefused('lobby', { reason: 'OVERLOADED' });
    town.lobby.append({ kind: 'joined', participant: 'Cyd' }, { sender: 1 });
    town.lobby.append({ kind: 'left', participant: 'Cyd', reason: 'CONNECTION_LOST' });
    expect(words(town.history())).to.deep.equal(['The log has event 2 (Cyd joined), and Cyd did not ask to join.']);
  });

  it('misses the Left also of a session whose client never heard that it was let in [P8]', () => {
    const history = happened(
      ['join', bob],
      ['up', bob],
      ['down', bob],
      ['join', ada],
      ['up', ada],
      ['cut', ada],
      ['grace over', ada],
    );
    expect(check(history)).to.deep.equal([]);
    const log = finalLogs(history).find(({ room }) => room === 'lobby');
    const last = log?.events.at(-1);
    const without = withLog(history, log, (reading) => [
      { ...reading, events: reading.events.slice(0, -1), newest: reading.newest - 1 },
    ]);
    const unheard = without && put(without, received(without, 'Bob', last?.sequence ?? 0));
    expect(last?.participant).to.equal('Ada');
    expect(words(unheard)).to.deep.equal([
      "Ada's session, which began with event 2 (Ada joined), is over, and the log has no Left after event 2 (Ada joined).",
    ]);
  });

  it('asks of one who is present no more than was said [P3]', () => {
    const history = conversation();
    const last = received(history, 'Bob', 5);
    const stopped = put(history, last);
    expect(stopped && check(stopped).map(({ kind }) => kind)).to.deep.equal(['reader-behind']);
    const end = stopped && placesOf(stopped, 'end').find(({ client }) => client === 'Bob');
    const excused = stopped && change(stopped, end, () => ({ upTo: 4 }));
    expect(excused && check(excused)).to.deep.equal([]);
  });

  it('allows a publish of unknown outcome to be there once or not at all [P5]', () => {
    const history = conversation();
    const answer = placesOf(history, 'accepted').find(({ client }) => client === 'Ada');
    const { room = '', session = '', ordinal = 0 } = answer?.step ?? {};
    const unknown = put(history, answer, { kind: 'unknown', room, session, ordinal });
    expect(unknown && check(unknown)).to.deep.equal([]);

    const end = placesOf(history, 'end').find(({ client }) => client === 'Bob');
    const before = end?.earlier.at(-1);
    const lamport = before?.kind === 'receive' ? (before.clock ?? 0) + 1 : 0;
    const said = { room, session: 'of Bob', ordinal: 9 };
    const sent = { ...said, kind: 'send', text: 'never taken', lamport, seen: 5 } as const;
    const never = end && put(history, end, sent, { ...said, kind: 'unknown' }, end.step);
    expect(never && check(never)).to.deep.equal([]);
  });
});
