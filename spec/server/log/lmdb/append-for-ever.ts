import { writeSync } from 'node:fs';
import { emptyRoom } from '../../../../lib/core/room-state.js';
import { LmdbLog } from '../../../../lib/server/log/lmdb/lmdb-log.js';
import type { Durability } from '../../../../lib/server/log/lmdb/lmdb-store.js';
import { decode, RoomScript, recoveredState } from '../room-script.js';

/** Appends small and large groups to several rooms until it is killed; says `room sequence chain` of each group once it is acknowledged. */
const [directory = '', durability] = process.argv.slice(2);
const log = LmdbLog.open(directory, { decode, durability: durability as Durability });

async function appendTo(room: string): Promise<void> {
  const script = new RoomScript(log.head(room) ? recoveredState(log, room) : emptyRoom(room));
  for (let group = 0; ; group += 1) {
    const entries = script.state.byName.has('Ada')
      ? script.talk('Ada', group % 7 === 3 ? 1500 : (group % 40) + 1)
      : [script.join('Ada')];
    await log.append(script.group(entries, { snapshot: group % 10 === 9 }));
    const { sequence, chain } = script.state.position;
    // Written at once: what process.stdout still held at the kill would be missing from the test.
    writeSync(1, `${room} ${sequence} ${chain}\n`);
  }
}

await Promise.all(['annex', 'lobby', 'porch'].map(appendTo));
