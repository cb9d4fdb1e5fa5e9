import { expect } from 'chai';
import { receiveEvent, setParticipants } from '../../../lib/client/session/history.js';
import type { Effect } from '../../../lib/client/session/protocol.js';
import { SessionState } from '../../../lib/client/session/state.js';
import { chainStart, nextChain } from '../../../lib/core/chain.js';
import type { RoomEvent } from '../../../lib/core/event.js';
import { ScriptedRoom } from '../scripted-room.js';
import { plainOptions } from './a-session.js';

function sessionAt(sequence: number, chain: string): SessionState {
  return Object.assign(new SessionState(plainOptions), { logId: 'log', sequence, chain });
}

/** Whether it is received. */
function receive(state: SessionState, event: RoomEvent, effects: Effect[] = []): boolean {
  return receiveEvent(state, { effects, nextChain }, event, false);
}

describe('receiveEvent', () => {
  let events: RoomEvent[];
  let state: SessionState;

  beforeEach(() => {
    const room = new ScriptedRoom();
    room.join('Ada', 4);
    room.say('Ada', 'one', 1, 9);
    room.say('Ada', 'two', 2);
    room.leave('Ada');
    events = room.events;
    state = sessionAt(0, chainStart);
  });

  const at = (n: number) => events[n] as RoomEvent;

  it('receives a history event by event, of all kinds, and gives each to the reader [P1] [P2] [P3]', () => {
    const effects: Effect[] = [];
    for (const event of events) expect(receive(state, event, effects), `event ${event.sequence}`).to.equal(true);
    expect(state.sequence).to.equal(4);
    expect(effects.flatMap((effect) => (effect.kind === 'emit' ? [effect.event] : []))).to.deep.equal(events);
  });

  it('goes on from any position', () => {
    const { sequence, chain } = at(1);
    const later = sessionAt(sequence, chain);
    expect(receive(later, at(2))).to.equal(true);
    expect(later.sequence).to.equal(3);
  });

  it('refuses a gap, a duplicate and a step back, and stays where it is', () => {
    receive(state, at(0));
    expect(receive(state, at(2)), 'a gap').to.equal(false);
    receive(state, at(1));
    expect(receive(state, at(1)), 'a duplicate').to.equal(false);
    expect(receive(state, at(0)), 'a step back').to.equal(false);
    expect(state.sequence).to.equal(2);
    expect(receive(state, at(2)), 'the next').to.equal(true);
  });

  it('refuses an event that is another than its chain says, in whatever', () => {
    receive(state, at(0));
    const said = at(1);
    const before = structuredClone(state);
    for (const change of [
      { text: 'One' },
      { participant: 'Bob' },
      { lamport: said.lamport + 1 },
      { seen: 1 },
      { kind: 'left', reason: 'ASKED' },
      { chain: `0${said.chain.slice(1)}`.replace(/^0(?=.)/, said.chain.startsWith('0') ? '1' : '0') },
    ]) {
      const effects: Effect[] = [];
      expect(receive(state, { ...said, ...change } as RoomEvent, effects), JSON.stringify(change)).to.equal(false);
      expect(effects).to.deep.equal([]);
      expect(state).to.deep.equal(before);
    }
    expect(receive(state, said)).to.equal(true);
  });

  it('refuses the right event of another history', () => {
    const other = new ScriptedRoom();
    other.join('Bob');
    other.join('Ada');
    receive(state, at(0));
    expect(receive(state, other.events[1] as RoomEvent)).to.equal(false);
  });
});

describe('The participants that a session knows', () => {
  it('are kept up with what follows, in the order of joining', () => {
    const room = new ScriptedRoom();
    const state = sessionAt(0, chainStart);
    for (const event of [room.join('Ada'), room.join('Bob'), room.say('Bob', 'hi', 1), room.join('Cyd')]) {
      receive(state, event);
    }
    expect([...state.participants]).to.deep.equal(['Ada', 'Bob', 'Cyd']);
    receive(state, room.leave('Ada'));
    receive(state, room.join('Ada'));
    expect([...state.participants]).to.deep.equal(['Bob', 'Cyd', 'Ada']);
  });

  it('are not changed by what the server knew already', () => {
    const room = new ScriptedRoom();
    const before = [room.join('Ada'), room.join('Bob'), room.leave('Ada')];
    const state = sessionAt(0, chainStart);
    setParticipants(state, ['Bob'], 3);
    for (const event of before) receive(state, event);
    expect([...state.participants]).to.deep.equal(['Bob']);
    receive(state, room.leave('Bob'));
    expect([...state.participants]).to.deep.equal([]);
  });
});
