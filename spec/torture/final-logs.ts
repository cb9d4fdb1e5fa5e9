import type { HistoryRecorder } from '../../lib/trace/recorder.js';
import { Endings } from '../system/endings.js';
import { RawCaller } from '../system/raw-caller.js';
import { readRoom } from '../system/read-room.js';

/** Reads all rooms' logs into the record; resolves with how many events they have. */
export async function readFinalLogs(server: string, recorder: HistoryRecorder): Promise<number> {
  const endings = new Endings();
  const caller = new RawCaller(endings, server);
  let count = 0;
  try {
    for (const { name } of await caller.rooms()) count += (await readRoom(caller, name, recorder)).length;
  } finally {
    await endings.run();
  }
  return count;
}
