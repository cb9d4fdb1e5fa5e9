import { randomBytes } from 'node:crypto';
import { decodeEvent } from '../../lib/codec/event-codec.js';
import type { Command } from '../../lib/core/command.js';
import { defaultLimits } from '../../lib/core/limits.js';
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
 * A directory with a store of so many rooms of so many events each: two resumable participants have joined, speak in turns, and
 * are still there.
 */
export async function storeOfRooms(endings: Endings, rooms: number, events: number): Promise<string> {
  const directory = temporaryDirectory(endings);
  // Nothing is acknowledged to anybody, so nothing needs to be flushed on the way.
  const log = LmdbLog.open(directory, { decode: decodeEvent, durability: 'process' });
  const text = 'x'.repeat(textBytes);
  const sent = { senderLamport: 0, newestLamport: 0, timeMs: Date.now() };
  try {
    for (let number = 0; number < rooms; number += 1) {
      const room = `room-${number}`;
      const state = emptyRoom(room);
      const sessions = [0, 1].map(() => sessionId(room, randomBytes(16)));
      const commands = Array.from({ length: events }, (_, index): Command => {
        const session = sessions[index % 2] as string;
        if (index < 2) return { kind: 'join', session, name: `Participant ${index}`, resumable: true, ...sent };
        return { kind: 'publish', session, text, ordinal: index >> 1, seen: 0, ...sent };
      });
      for (let first = 0; first < events; first += groupDrafts) {
        const pending = commands.slice(first, first + groupDrafts).map((command): PendingCommand => ({ command }));
        const { group } = decideGroup(state, pending, defaultLimits);
        if (group?.entries.length !== pending.length) throw new Error('a command was refused');
        await log.append(group);
      }
    }
  } finally {
    await log.close();
  }
  return directory;
}

/** A directory with a store of so many rooms, in each of which one participant has come and gone. */
export async function storeOfQuietRooms(endings: Endings, count: number): Promise<string> {
  const directory = temporaryDirectory(endings);
  const log = LmdbLog.open(directory, { decode: decodeEvent, durability: 'process' });
  try {
    const appended: Promise<void>[] = [];
    for (let number = 0; number < count; number += 1) {
      const room = `r${number}`;
      const sent = {
        session: sessionId(room, randomBytes(16)),
        senderLamport: 0,
        newestLamport: 0,
        timeMs: Date.now(),
      };
      const commands: Command[] = [
        { kind: 'join', name: 'Historian', resumable: false, ...sent },
        { kind: 'leave', reason: 'ASKED', ...sent },
      ];
      const pending = commands.map((command) => ({ command }));
      const { group } = decideGroup(emptyRoom(room), pending, defaultLimits);
      if (group?.entries.length !== pending.length) throw new Error('a command was refused');
      appended.push(log.append(group));
    }
    await Promise.all(appended);
  } finally {
    await log.close();
  }
  return directory;
}
