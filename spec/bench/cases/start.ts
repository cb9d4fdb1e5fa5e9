import { Endings } from '../../system/endings.js';
import type { Bench } from '../case.js';
import { Samples } from '../load/samples.js';
import { ChitServer } from '../subjects/chit-server.js';

/** How long a start takes on a store of many events, from the process's to the line that says that it listens. */
export async function start({ sizes, storedEvents, report }: Bench): Promise<void> {
  const data = await storedEvents();
  const samples = new Samples();
  let memoryBytes = 0;
  for (let count = 0; count < sizes.starts; count += 1) {
    const endings = new Endings();
    try {
      const began = performance.now();
      const server = await ChitServer.start(endings, [], data);
      samples.add(performance.now() - began);
      memoryBytes = await server.heldBytes();
    } finally {
      await endings.run();
    }
  }
  report(`a store of ${sizes.storedEvents} events`, 'chit-server', { ...samples.summary(), memoryBytes });
}
