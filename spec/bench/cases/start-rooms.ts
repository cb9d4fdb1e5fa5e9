import { Endings } from '../../system/endings.js';
import type { Bench } from '../case.js';
import { Samples } from '../load/samples.js';
import { storeOfRooms } from '../store-of-rooms.js';
import { ChitServer } from '../subjects/chit-server.js';

/**
 * How long a start takes where an earlier life left many rooms in which sessions wait to be resumed, from the process's to the
 * line that says that it listens. Nobody comes back, and each life is killed like the first: so the next finds the same.
 */
export async function startRooms({ sizes, endings, report }: Bench): Promise<void> {
  const { waitingRooms: rooms, waitingRoomEvents: events } = sizes;
  const data = await storeOfRooms(endings, rooms, events);
  const samples = new Samples();
  let memoryBytes = 0;
  for (let count = 0; count < sizes.starts; count += 1) {
    const life = new Endings();
    try {
      const began = performance.now();
      const server = await ChitServer.start(life, [], data);
      samples.add(performance.now() - began);
      memoryBytes = await server.heldBytes();
    } finally {
      await life.run();
    }
  }
  const setting = `${rooms} rooms of ${events} events, 2 sessions waiting in each`;
  report(setting, 'chit-server', { ...samples.summary(), memoryBytes });
}
