import type { RoomEvent } from '../../lib/core/event.js';
import type { HistoryRecorder } from '../../lib/trace/recorder.js';
import { Endings } from '../system/endings.js';
import { RawCaller } from '../system/raw-caller.js';

/** Reads all rooms' logs, page by page, into the record; resolves with how many events they have. */
export async function readFinalLogs(server: string, recorder: HistoryRecorder): Promise<number> {
  const endings = new Endings();
  const caller = new RawCaller(endings, server);
  let count = 0;
  try {
    for (const { name: room } of await caller.rooms()) {
      const events: RoomEvent[] = [];
      for (;;) {
        const { events: more, logId, newest } = await caller.historyPage(room, events.length);
        events.push(...more);
        if (more.length > 0 && events.length < newest) continue;
        recorder.log({ room, logId, events, newest });
        break;
      }
      count += events.length;
    }
  } finally {
    await endings.run();
  }
  return count;
}
