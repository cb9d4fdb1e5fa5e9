import { execFileSync } from 'node:child_process';
import { readdirSync, writeSync } from 'node:fs';
import { emptyRoom } from '../../../../lib/core/room-state.js';
import { LogUnwritable } from '../../../../lib/server/log/event-log.js';
import type { Durability } from '../../../../lib/server/log/lmdb/lmdb-store.js';
import { openStore } from '../../../../lib/server/log/write-ahead/open-store.js';
import { WriteAheadLog } from '../../../../lib/server/log/write-ahead/write-ahead-log.js';
import { decode, RoomScript, recoveredState } from '../room-script.js';

/**
 * Opens a store, says `head room sequence chain` of what is there, and appends to three rooms until the limit on its files' size
 * makes appends fail, saying `acknowledged room sequence chain`, or `refused room`, of each. Then it is killed, or, once the limit
 * is lifted, appends again and closes the store (`end`).
 */
const [directory = '', durability, takeOverBytes, end] = process.argv.slice(2);
const say = (...words: readonly unknown[]): void => {
  // Written at once: what process.stdout still held at the kill would be missing from the test.
  writeSync(1, `${words.join(' ')}\n`);
};

const options = { decode, durability: durability as Durability, segmentsDamaged: () => say('damaged') };
const log = WriteAheadLog.open(directory, await openStore(directory, options), {
  ...{ decode, flushes: durability === 'power', takeOverBytes: Number(takeOverBytes), takeOverMs: 20 },
  waitingBytesMax: 32 * 1024 * 1024,
  behind: () => say('behind'),
});
for (const { room, place } of log.heads()) say('head', room, place.sequence, place.chain);

const rooms = new Map<string, RoomScript>();
for (const room of ['annex', 'lobby', 'porch']) {
  rooms.set(room, new RoomScript(log.head(room) ? recoveredState(log, room) : emptyRoom(room)));
}

async function append(room: string, count: number, text: string, snapshot = false): Promise<boolean> {
  const script = rooms.get(room) as RoomScript;
  const entries = script.state.byName.has('Ada') ? script.talk('Ada', count, text) : [script.join('Ada')];
  try {
    await log.append(script.group(entries, { snapshot }));
  } catch (error) {
    if (!(error instanceof LogUnwritable)) say('wrong', String(error));
    say('refused', room);
    // What was read before is read still.
    rooms.set(room, new RoomScript(log.head(room) ? recoveredState(log, room) : emptyRoom(room)));
    return false;
  }
  const { sequence, chain } = script.state.position;
  say('acknowledged', room, sequence, chain);
  return true;
}

for (let refusals = 0, round = 0; refusals < 12 && round < 2000; round += 1) {
  const large = round % 5 === 1;
  const appended = await Promise.all(
    [...rooms.keys()].map((room) =>
      append(room, large ? 60 : 1 + (round % 3), large ? '🎉'.repeat(120) : 'x', round % 7 === 0),
    ),
  );
  refusals += appended.filter((isAppended) => !isAppended).length;
  // Small ones may still find space where large ones do not.
  if (refusals > 0 && round % 5 === 0) round += 1;
}
say('full', readdirSync(directory).sort().join(','));
if (end === 'kill') process.kill(process.pid, 'SIGKILL');
execFileSync('prlimit', ['--fsize=unlimited', '--pid', String(process.pid)]);
for (const room of rooms.keys()) {
  if (!(await append(room, 3, 'there is space again', true))) say('wrong', 'it does not go on');
}
await log.close();
say('closed', readdirSync(directory).sort().join(','));
