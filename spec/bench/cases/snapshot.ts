import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { decodeEvent } from '../../../lib/codec/event-codec.js';
import type { Command } from '../../../lib/core/command.js';
import { defaultLimits } from '../../../lib/core/limits.js';
import { defaultRoom } from '../../../lib/core/name.js';
import { emptyRoom, type RoomState } from '../../../lib/core/room-state.js';
import { sessionId } from '../../../lib/core/session-id.js';
import { silent } from '../../../lib/platform/journal.js';
import { ServerActor } from '../../../lib/server/actors/server-actor.js';
import { LmdbLog } from '../../../lib/server/log/lmdb/lmdb-log.js';
import { decideGroup } from '../../../lib/server/room/decide-group.js';
import type { PendingCommand } from '../../../lib/server/room/pending.js';
import { temporaryDirectory } from '../../system/endings.js';
import type { Bench } from '../case.js';

/** Commands that are decided and written as one group. */
const groupDrafts = 500;

/** So many snapshots are taken while the loop is watched. */
const snapshots = 4;

const sent = { senderLamport: 0, newestLamport: 0, timeMs: 1_700_000_000_000 };

/**
 * A full room in which everybody has said all that is remembered of them: the longest that the event loop is held up while
 * its snapshots are taken, what the store's file grows by meanwhile, and how long its turns are while the room is opened again.
 */
export async function snapshot({ sizes, endings, report }: Bench): Promise<void> {
  const { snapshotParticipants: participants, snapshotOrdinals: remembered } = sizes;
  const directory = temporaryDirectory(endings);
  const log = LmdbLog.open(directory, { decode: decodeEvent, durability: 'process' });
  try {
    const state = emptyRoom(defaultRoom);
    const sessions = Array.from({ length: participants }, () => sessionId(defaultRoom, randomBytes(16)));
    await written(log, state, sessions.map(joinOf));
    const talk = (from: number, count: number) =>
      Array.from({ length: count }, (_, index): Command => {
        const said = from + index;
        const session = sessions[said % participants] as string;
        const ordinal = Math.floor(said / participants) + 1;
        return { kind: 'publish', session, text: 'x'.repeat(100), ordinal, seen: 0, ...sent };
      });
    let said = 0;
    const say = async (count: number) => {
      for (const until = said + count; said < until; said += groupDrafts) {
        await written(log, state, talk(said, Math.min(groupDrafts, until - said)));
      }
    };
    await say(participants * remembered);
    const fileBefore = fileBytes(directory);
    const eventsBefore = state.position.sequence;
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    for (let count = 0; count < snapshots * defaultLimits.snapshotEveryEvents; count += groupDrafts) {
      await say(groupDrafts);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    delay.disable();
    const events = state.position.sequence - eventsBefore;
    // Nearly as much to replay as there can be.
    await say(defaultLimits.snapshotEveryEvents - groupDrafts);
    const opening = await opened(log);
    const setting = `${participants} participants, ${remembered} ordinals each`;
    report(`${setting}: the loop's delay`, 'chit-server', {
      p50Ms: delay.percentile(50) / 1e6,
      p99Ms: delay.percentile(99) / 1e6,
      maxMs: delay.max / 1e6,
    });
    report(`${setting}: what the store grew by with ${events} events`, 'chit-server', {
      memoryBytes: fileBytes(directory) - fileBefore,
    });
    report(`${setting}: the longest turn while the room is opened again`, 'chit-server', { maxMs: opening.longestMs });
    report(`${setting}: all turns of that`, 'chit-server', { maxMs: opening.tookMs });
  } finally {
    await log.close();
  }
}

/**
 * The next life on that log: the room is opened, and all who are in it are waited for. What that takes, and the longest turn of the
 * event loop in it, both in processor time: on a busy machine the time of day tells of the others.
 */
async function opened(log: LmdbLog): Promise<{ longestMs: number; tookMs: number }> {
  const server = new ServerActor({ log, limits: defaultLimits, journal: silent });
  const before = process.cpuUsage();
  let last = before;
  let longestMs = 0;
  const look = (): void => {
    longestMs = Math.max(longestMs, processorMs(last));
    last = process.cpuUsage();
  };
  let turn = setImmediate(function nextTurn() {
    look();
    turn = setImmediate(nextTurn);
  });
  await server.repair();
  clearImmediate(turn);
  look();
  const tookMs = processorMs(before);
  await server.stop();
  return { longestMs, tookMs };
}

/** What this process has used of the processors since then, in milliseconds. */
function processorMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

function joinOf(session: string, index: number): Command {
  return { kind: 'join', session, name: `Participant-${index}`, resumable: true, ...sent };
}

async function written(log: LmdbLog, state: RoomState, commands: readonly Command[]): Promise<void> {
  const pending = commands.map((command): PendingCommand => ({ command }));
  const { group } = decideGroup(state, pending, defaultLimits);
  if (group?.entries.length !== pending.length) throw new Error('a command was refused');
  await log.append(group);
}

function fileBytes(directory: string): number {
  return statSync(join(directory, 'data.mdb')).size;
}
