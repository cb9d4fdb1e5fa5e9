import { encodeListRoomsRequest } from '../../../lib/codec/requests.js';
import { RawReads } from '../../system/raw-reads.js';
import type { Bench } from '../case.js';
import { Samples } from '../load/samples.js';
import { storeOfQuietRooms } from '../store-of-rooms.js';
import { ChitServer } from '../subjects/chit-server.js';
import { cpuMicros } from '../subjects/process-cost.js';

const path = '/chit.v1.ChatService/ListRooms';

/** The list of 10,000 rooms, asked for again and again: how long each takes, and what a room in it costs. */
export async function rooms({ sizes, endings, report }: Bench): Promise<void> {
  const stored = await storeOfQuietRooms(endings, sizes.rooms);
  const server = await ChitServer.start(endings, ['--rooms-max', String(sizes.rooms)], stored);
  const window = 2 ** 30;
  const reads = new RawReads(endings, server.address, { window, connectionWindow: window });
  const samples = new Samples();
  let cpu = 0;
  let began = 0;
  const warmUp = Math.ceil(sizes.roomLists / 10);
  for (let count = -warmUp; count < sizes.roomLists; count += 1) {
    if (count === 0) [cpu, began] = [cpuMicros(server.pid), performance.now()];
    const asked = performance.now();
    const over = new Promise<void>((resolve) => {
      reads.onOver = () => resolve();
    });
    reads.call([path], encodeListRoomsRequest());
    await over;
    if (count >= 0) samples.add(performance.now() - asked);
  }
  const deliveries = sizes.roomLists * sizes.rooms;
  report(`the list of ${sizes.rooms} rooms`, server.name, {
    deliveriesPerSecond: (deliveries * 1000) / (performance.now() - began),
    cpuMicrosPerDelivery: (cpuMicros(server.pid) - cpu) / deliveries,
    ...samples.summary(),
  });
}
