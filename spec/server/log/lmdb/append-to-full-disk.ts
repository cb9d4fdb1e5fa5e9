import { execFileSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { LogUnwritable } from '../../../../lib/server/log/event-log.js';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import type { Durability } from '../../../../lib/server/log/lmdb/lmdb-store.js';
import { comparable, decode, eventsAfter, RoomScript, recoveredState } from '../room-script.js';

/**
 * Appends until the limit on its files' size makes a write fail, a few times; lifts the limit; appends again. Says as
 * JSON what it saw.
 */
const [directory = '', durability] = process.argv.slice(2);
const log = LmdbLog.open(directory, { decode, durability: durability as Durability });
const lobby = new RoomScript('lobby');
const annex = new RoomScript('annex');
const failures: unknown[] = [];

async function appended(script: RoomScript, entries: ReturnType<RoomScript['talk']>): Promise<boolean> {
  try {
    await log.append(script.group(entries, { snapshot: true }));
    return true;
  } catch (error) {
    const { message, cause } = error as Error;
    failures.push({
      unwritable: error instanceof LogUnwritable,
      message,
      cause: cause instanceof Error ? cause.message : undefined,
    });
    return false;
  }
}

await appended(lobby, [lobby.join('Ada')]);
await appended(annex, [annex.join('Ada')]);
let written = comparable(lobby.state);
let refused: ReturnType<RoomScript['talk']>;
for (;;) {
  refused = lobby.talk('Ada', 200, '🎉'.repeat(128));
  if (!(await appended(lobby, refused))) break;
  written = comparable(lobby.state);
}
const full = log.head('lobby')?.place.sequence ?? 0;
const both = await Promise.all([appended(lobby, refused), appended(annex, annex.talk('Ada', 200, '🎉'.repeat(128)))]);
const whileFull = {
  failures: [...failures],
  both,
  head: log.head('lobby')?.place.sequence,
  read: eventsAfter(log, 'lobby', 0).length,
  chain: log.chainAt('lobby', full + 1) ?? 'none',
  sameState: JSON.stringify(comparable(recoveredState(log, 'lobby'))) === JSON.stringify(written),
};
execFileSync('prlimit', ['--fsize=unlimited', '--pid', String(process.pid)]);
const again = await appended(lobby, refused);
const afterwards = {
  again,
  read: eventsAfter(log, 'lobby', 0).length === full + refused.length,
  sameState: JSON.stringify(comparable(recoveredState(log, 'lobby'))) === JSON.stringify(comparable(lobby.state)),
};
await log.close();
const reopened = LmdbLog.open(directory, { decode });
const read = eventsAfter(reopened, 'lobby', 0).length === full + refused.length;
await reopened.close();
writeSync(1, `${JSON.stringify({ full, whileFull, afterwards, reopened: { read } })}\n`);
