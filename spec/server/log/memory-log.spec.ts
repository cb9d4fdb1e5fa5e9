import { expect } from 'chai';
import { EventsForgotten } from '../../../lib/server/log/event-log.js';
import { MemoryLog } from '../../../lib/server/log/memory-log.js';
import { itIsAnEventLog } from './event-log-contract.js';
import { comparable, eventsAfter, RoomScript, recoveredState } from './room-script.js';

describe('MemoryLog', () => {
  itIsAnEventLog(() => new MemoryLog({ memoryEventsPerRoomMax: 1000 }));

  async function logOf(memoryEventsPerRoomMax: number, messages: number, snapshotEvery: number) {
    const log = new MemoryLog({ memoryEventsPerRoomMax });
    const lobby = new RoomScript('lobby');
    await log.append(lobby.group([lobby.join('Ada')]));
    for (let said = 1; said <= messages; said += 1) {
      await log.append(lobby.group(lobby.talk('Ada', 1), { snapshot: said % snapshotEvery === 0 }));
    }
    return { log, lobby };
  }

  it('keeps its newest events and forgets older ones, aloud [P11] [P12]', async () => {
    const { log } = await logOf(10, 100, 1);
    expect(log.oldest('lobby')).to.equal(92);
    expect(() => log.read('lobby', 0, 5)).to.throw(EventsForgotten);
    expect(() => log.read('lobby', 90, 5)).to.throw(EventsForgotten);
    expect(eventsAfter(log, 'lobby', 91)).to.have.length(10);
    expect(log.chainAt('lobby', 91)).to.equal(undefined);
    expect(log.chainAt('lobby', 92)).to.be.a('string');
  });

  it('keeps no more of all rooms than it may: the one in which nothing happened for longest forgets first, aloud [P11] [P12]', async () => {
    const log = new MemoryLog({ memoryEventsPerRoomMax: 1_000, memoryBytesMax: 200_000 });
    const rooms = Array.from({ length: 10 }, (_, number) => new RoomScript(`room-${number}`));
    for (const room of rooms) {
      const { state } = room;
      await log.append(room.group([room.join('Ada'), ...room.talk('Ada', 60)], { snapshot: true }));
      await log.append(room.group(room.talk('Ada', 2)));
      expect(comparable(recoveredState(log, state.room))).to.deep.equal(comparable(state));
    }
    const kept = rooms.map(({ state }) => log.head(state.room)?.place.sequence === 63 && log.oldest(state.room));
    expect(kept.slice(0, 2), 'of these only what no snapshot covers').to.deep.equal([62, 62]);
    expect(kept.slice(-3)).to.deep.equal([1, 1, 1]);
    expect(kept).to.deep.equal([...kept].sort((a, b) => Number(b) - Number(a)));
    expect(() => log.read('room-0', 0, 5)).to.throw(EventsForgotten);
    for (const { state } of rooms) expect(comparable(recoveredState(log, state.room))).to.deep.equal(comparable(state));

    // Used again, it is not the first to forget.
    const [first] = rooms;
    if (!first) throw new Error('there is no room');
    await log.append(first.group(first.talk('Ada', 100)));
    expect(eventsAfter(log, 'room-0', 61)).to.have.length(102);
    expect(log.oldest('room-9'), 'what is needed stays, whatever the limit').to.be.at.most(62);
  });

  it('forgets nothing that no snapshot covers', async () => {
    const { log } = await logOf(10, 100, 1000);
    expect(log.oldest('lobby')).to.equal(1);
    expect(eventsAfter(log, 'lobby', 0)).to.have.length(101);
  });

  it('can rebuild the state after every append, whatever it has forgotten', async () => {
    const log = new MemoryLog({ memoryEventsPerRoomMax: 5 });
    const lobby = new RoomScript('lobby');
    await log.append(lobby.group([lobby.join('Ada'), lobby.join('Bob')]));
    for (let round = 1; round <= 200; round += 1) {
      await log.append(lobby.group(lobby.talk('Ada', (round % 4) + 1), { snapshot: round % 9 === 0 }));
      expect(comparable(recoveredState(log, 'lobby'))).to.deep.equal(comparable(lobby.state));
      const oldest = log.oldest('lobby');
      expect(eventsAfter(log, 'lobby', oldest - 1)[0]?.sequence).to.equal(oldest);
    }
  });

  it('has another log id in another log [P11]', async () => {
    const one = await logOf(10, 1, 1);
    const other = await logOf(10, 1, 1);
    expect(one.log.head('lobby')?.logId).not.to.equal(other.log.head('lobby')?.logId);
  });
});
