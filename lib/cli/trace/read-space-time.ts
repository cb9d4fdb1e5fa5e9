import { displaySafe } from '../../display/display-safe.js';
import type { SpaceTime } from '../../trace/space-time/space-time.js';
import { spaceTimeOf } from '../../trace/space-time/space-time-of.js';
import { CannotReadLogs, readLogBundle } from './log-files.js';

/**
 * The space-time of the run that log files tell. What in them cannot have been is told on standard error. Rejects with
 * CannotReadLogs, also where no participant's log is among them.
 */
export async function readSpaceTime(paths: readonly string[]): Promise<SpaceTime> {
  const spaceTime = spaceTimeOf(await readLogBundle(paths));
  if (spaceTime.moments.length === 0) {
    throw new CannotReadLogs(
      'The logs tell of no visit to a room. Give the logs of participants (chit-client --log FILE).',
    );
  }
  for (const { message, count } of spaceTime.doubts) {
    const more = count > 1 ? ` And ${count - 1} more like it.` : '';
    process.stderr.write(`chit-trace: warning: ${displaySafe(message)}${more} See chit-trace check.\n`);
  }
  return spaceTime;
}
