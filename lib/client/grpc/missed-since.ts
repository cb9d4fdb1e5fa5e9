import type { SavedSession } from '../chat-client.js';
import { clientLimits } from '../limits.js';
import { openClient } from './open-client.js';
import { readHistory } from './service-calls.js';

/**
 * How many events the room has had since `place`; undefined where that cannot be told: no server answers, or it has
 * another history. Never rejects, and takes no longer than `missedMsMax`.
 */
export async function missedSince(place: SavedSession, proxy?: string): Promise<number | undefined> {
  const { server, room, logId, sequence, chain } = place;
  try {
    const client = openClient(server, proxy);
    try {
      const page = await readHistory(client, room, sequence, 1, {
        chain,
        signal: AbortSignal.timeout(clientLimits.missedMsMax),
      });
      return page.logId === logId && page.newest >= sequence ? page.newest - sequence : undefined;
    } finally {
      client.close();
    }
  } catch {
    return undefined;
  }
}
