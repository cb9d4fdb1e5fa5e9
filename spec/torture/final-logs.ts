import { Endings } from '../system/endings.js';
import { RawCaller } from '../system/raw-caller.js';
import { readRoom } from '../system/read-room.js';
import type { HistoryRecorder } from '../trace/recorder.js';

/** Reads these rooms' logs into the record; resolves with how many events they have. */
export async function readFinalLogs(
  server: string,
  rooms: readonly string[],
  recorder: HistoryRecorder,
): Promise<number> {
  const endings = new Endings();
  const caller = new RawCaller(endings, server);
  let count = 0;
  try {
    for (const room of rooms) count += (await readRoom(caller, room, recorder)).length;
  } finally {
    await endings.run();
  }
  return count;
}
