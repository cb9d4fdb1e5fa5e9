import { expect } from 'chai';
import fc from 'fast-check';
import { RoomHoldings, SessionHoldings } from '../../../lib/server/access/holdings.js';

describe('the sessions that addresses hold', () => {
  const limits = {
    sessionsMax: 20,
    sessionsPerAddressMax: 12,
    participantsPerRoomMax: 10,
    seatsPerAddressMax: 6,
    reservedPercent: 10,
  };

  it('are a seat in a room and a place at the server, until they end', () => {
    const sessions = new SessionHoldings(limits);
    for (let seat = 1; seat <= 6; seat += 1) expect(sessions.begin(`tea:${seat}`, 'tea', 'a')).to.equal(undefined);
    expect(sessions.begin('tea:7', 'tea', 'a')).to.deep.equal({ scarce: 'seats', excess: 'own' });
    expect(sessions.begin('tea:7', 'tea', 'b')).to.equal(undefined);
    for (let seat = 1; seat <= 6; seat += 1) expect(sessions.begin(`cup:${seat}`, 'cup', 'a')).to.equal(undefined);
    expect(sessions.begin('pot:1', 'pot', 'a')).to.deep.equal({ scarce: 'sessions', excess: 'own' });
    sessions.end('cup:1');
    sessions.end('cup:1');
    expect(sessions.begin('pot:1', 'pot', 'a')).to.equal(undefined);
  });

  it('are counted once for each session, and where it is resumed, at its new address', () => {
    const sessions = new SessionHoldings({ ...limits, seatsPerAddressMax: 1 });
    sessions.begin('tea:1', 'tea', 'a');
    sessions.begin('tea:1', 'tea', 'a');
    expect(sessions.total).to.equal(1);
    sessions.move('tea:1', 'b');
    expect(sessions.begin('tea:2', 'tea', 'a')).to.equal(undefined);
    expect(sessions.begin('tea:3', 'tea', 'b')).to.deep.equal({ scarce: 'seats', excess: 'own' });
    sessions.move('unknown', 'b');
    expect(sessions.total).to.equal(2);
  });

  it('of an earlier life are nobody’s until they are resumed, and go with a room that goes back', () => {
    const sessions = new SessionHoldings(limits);
    sessions.adopt('tea', ['tea:1', 'tea:2']);
    sessions.begin('tea:3', 'tea', 'a');
    sessions.adopt('tea', ['tea:1', 'tea:2', 'tea:3']);
    expect(sessions.total).to.equal(3);
    sessions.keepOnly('tea', (session) => session === 'tea:2');
    expect(sessions.total).to.equal(1);
    sessions.end('tea:2');
    expect([sessions.total, sessions.principals]).to.deep.equal([0, 0]);
  });

  it('are as many as were begun and not ended, in total and of each, whatever happens in whatever order', () => {
    const step = fc.record({
      deed: fc.constantFrom('begin', 'end', 'move', 'adopt', 'keep'),
      session: fc.integer({ min: 0, max: 15 }),
      room: fc.constantFrom('tea', 'cup'),
      principal: fc.constantFrom('a', 'b', 'c'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const sessions = new SessionHoldings({ ...limits, sessionsMax: 1_000, sessionsPerAddressMax: 3 });
        const model = new Map<string, { room: string; principal: string }>();
        const count = (match: (one: { room: string; principal: string }) => boolean) =>
          [...model.values()].filter(match).length;
        for (const { deed, session, room, principal } of steps) {
          const id = `${room}:${session}`;
          const mine = count((one) => one.principal === principal);
          switch (deed) {
            case 'begin':
              if (sessions.begin(id, room, principal) === undefined && !model.has(id)) {
                expect(mine).to.be.below(3);
                model.set(id, { room, principal });
              }
              break;
            case 'end':
              sessions.end(id);
              model.delete(id);
              break;
            case 'move':
              sessions.move(id, principal);
              if (model.has(id)) model.set(id, { room, principal });
              break;
            case 'adopt':
              sessions.adopt(room, [id]);
              if (!model.has(id)) model.set(id, { room, principal: '' });
              break;
            case 'keep':
              sessions.keepOnly(room, (one) => one === id);
              for (const [one, held] of model) if (held.room === room && one !== id) model.delete(one);
              break;
          }
          expect(sessions.total).to.equal(model.size);
          expect(sessions.principals).to.equal(new Set([...model.values()].map((one) => one.principal)).size);
        }
        for (const id of model.keys()) sessions.end(id);
        expect([sessions.total, sessions.principals]).to.deep.equal([0, 0]);
      }),
    );
  });
});

describe('the rooms that addresses began', () => {
  it('are counted until they go, and leave others a tenth', () => {
    const rooms = new RoomHoldings({ roomsMax: 10, roomsPerAddressMax: 20, reservedPercent: 10 });
    for (let room = 0; room < 9; room += 1) {
      expect(rooms.excess('a', room)).to.equal(undefined);
      rooms.begin(`room-${room}`, 'a');
    }
    expect(rooms.excess('a', 9)).to.equal('reserved');
    expect(rooms.excess('b', 9)).to.equal(undefined);
    rooms.begin('other', 'b');
    expect(rooms.excess('c', 10)).to.equal('total');
    rooms.end('room-0');
    rooms.end('room-0');
    expect(rooms.excess('c', 9)).to.equal(undefined);
    expect(new RoomHoldings({ roomsMax: 10, roomsPerAddressMax: 1, reservedPercent: 0 }).excess('a', 9)).to.equal(
      undefined,
    );
  });
});
