import type { Bench } from '../case.js';
import { HistoryReader } from '../load/history-reader.js';
import { Samples } from '../load/samples.js';
import { ChitServer } from '../subjects/chit-server.js';
import { cpuMicros } from '../subjects/process-cost.js';

const pageEvents = 1000;

/** Pages of 1,000 events from places all over a long log, one after the other: how long each takes. */
export async function history({ sizes, endings, storedEvents, report }: Bench): Promise<void> {
  const server = await ChitServer.start(endings, [], await storedEvents());
  const reader = new HistoryReader(endings, server.address);
  const samples = new Samples();
  const pages = Math.floor(sizes.storedEvents / pageEvents);
  let cpu = 0;
  let began = 0;
  const warmUp = Math.ceil(sizes.historyPages / 10);
  for (let count = -warmUp; count < sizes.historyPages; count += 1) {
    if (count === 0) [cpu, began] = [cpuMicros(server.pid), performance.now()];
    // A step that has no divisor in common with the number of pages comes to all of them.
    const after = (((count + warmUp) * 619) % pages) * pageEvents;
    const asked = performance.now();
    const events = await reader.page('lobby', after, pageEvents);
    if (count >= 0) samples.add(performance.now() - asked);
    if (events !== pageEvents) throw new Error(`a page of ${events} events after ${after}`);
  }
  const deliveries = sizes.historyPages * pageEvents;
  report(`a page of ${pageEvents} of ${sizes.storedEvents} events`, server.name, {
    deliveriesPerSecond: (deliveries * 1000) / (performance.now() - began),
    cpuMicrosPerDelivery: (cpuMicros(server.pid) - cpu) / deliveries,
    ...samples.summary(),
  });
}
