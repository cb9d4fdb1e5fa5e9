import { expect } from 'chai';
import { EventsForgotten } from '../../lib/log/event-log.js';
import { MemoryLog } from '../../lib/log/memory-log.js';
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
