import { randomBytes } from 'node:crypto';
import { decodeEvent } from '../../lib/codec/event-codec.js';
import type { Command } from '../../lib/core/command.js';
import { defaultLimits } from '../../lib/core/limits.js';
import { defaultRoom } from '../../lib/core/name.js';
import { emptyRoom } from '../../lib/core/room-state.js';
import { sessionId } from '../../lib/core/session-id.js';
import { LmdbLog } from '../../lib/server/log/lmdb/lmdb-log.js';
import { decideGroup } from '../../lib/server/room/decide-group.js';
import type { PendingCommand } from '../../lib/server/room/pending.js';
import { type Endings, temporaryDirectory } from '../system/endings.js';
import { textBytes } from './load/chat-frames.js';

/** Commands that are decided and written as one group. */
const groupDrafts = 1000;

/**
 * A directory with a store in which the lobby has `count` events, the first a join, the last the leave of the one who said
 * all between: decided, encoded and written as the server would.
 */
export async function storeOfEvents(endings: Endings, count: number): Promise<string> {
  const directory = temporaryDirectory(endings);
  // Nothing is acknowledged to anybody, so nothing needs to be flushed on the way.
  const log = LmdbLog.open(directory, { decode: decodeEvent, durability: 'process' });
  const state = emptyRoom(defaultRoom);
  const session = sessionId(defaultRoom, randomBytes(16));
  const text = 'x'.repeat(textBytes);
  const sent = { session, senderLamport: 0, newestLamport: 0, timeMs: Date.now() };
  const command = (sequence: number): Command => {
    if (sequence === 1) return { kind: 'join', name: 'Historian', resumable: false, ...sent };
    if (sequence === count) return { kind: 'leave', reason: 'ASKED', ...sent };
    return { kind: 'publish', text, ordinal: sequence, seen: 0, ...sent };
  };
  try {
    for (let first = 1; first <= count; first += groupDrafts) {
      const pending = Array.from(
        { length: Math.min(groupDrafts, count + 1 - first) },
        (_, index): PendingCommand => ({ command: command(first + index) }),
      );
      const { group } = decideGroup(state, pending, defaultLimits);
      if (group?.entries.length !== pending.length) throw new Error('a command was refused');
      await log.append(group);
    }
  } finally {
    await log.close();
  }
  return directory;
}
