import { expect } from 'chai';
import { encodeEvent } from '../../../lib/codec/event-codec.js';
import type { KnownEvent } from '../../../lib/core/event.js';
import { defaultLimits } from '../../../lib/core/limits.js';
import type { EncodedEntry } from '../../../lib/server/log/event-log.js';
import { MemoryLog } from '../../../lib/server/log/memory-log.js';
import { Broadcast } from '../../../lib/server/room/broadcast.js';
import { serverMemory } from '../../../lib/server/room/shared-memory.js';
import { ScriptedRoom } from '../../client/scripted-room.js';

describe('What a room tells', () => {
  const room = new ScriptedRoom();
  room.join('Ada');
  for (let ordinal = 1; ordinal <= 4; ordinal += 1) room.say('Ada', 'hi', ordinal);

  function entries(first: number, last: number): EncodedEntry[] {
    return room.events
      .slice(first - 1, last)
      .map((event) => event as KnownEvent)
      .map((event) => ({ event, bytes: encodeEvent(event) }));
  }

  function placeAt(sequence: number) {
    const { lamport = 0, chain = '' } = room.events[sequence - 1] ?? {};
    return { sequence, lamport, chain };
  }

  function broadcast(): Broadcast {
    const created = new Broadcast({
      room: 'lobby',
      log: new MemoryLog(defaultLimits),
      limits: defaultLimits,
      memory: serverMemory(defaultLimits),
    });
    created.add(entries(1, 2), placeAt(2));
    return created;
  }

  it('begins where it ended', () => {
    const [run] = broadcast().add(entries(3, 5), placeAt(5));
    expect(run).to.include({ first: 3, last: 5 });
  });

  for (const [what, first, last, end] of [
    ['leave something out', 4, 5, 5],
    ['say something twice', 2, 5, 5],
    ['end elsewhere than the room', 3, 4, 5],
  ] as const) {
    it(`never is what would ${what}: that is a fault of the room [P3]`, () => {
      expect(() => broadcast().add(entries(first, last), placeAt(end))).to.throw(
        `room lobby: events ${first} to ${last} do not lead from 2 to ${end}`,
      );
    });
  }
});
