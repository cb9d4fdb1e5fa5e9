import type { RoomEvent } from '../../lib/core/event.js';
import type { HistoryRecorder } from '../trace/recorder.js';
import type { RawCaller } from './raw-caller.js';

/** Reads a room's whole log by ReadHistory, page by page, and writes it down for the checker. */
export async function readRoom(
  caller: RawCaller,
  room: string,
  recorder: HistoryRecorder,
  replaced = false,
): Promise<readonly RoomEvent[]> {
  const events: RoomEvent[] = [];
  for (;;) {
    const page = await caller.historyPage(room, events.length);
    events.push(...page.events);
    if (page.events.length > 0 && events.length < page.newest) continue;
    recorder.log({ room, logId: page.logId, events, newest: page.newest, replaced });
    return events;
  }
}
